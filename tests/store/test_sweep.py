"""What a complete load no longer states is removed; what others still refer to is retired until they let go."""

from __future__ import annotations

from graph.store import Batch, Store
from graph.viewer import OPERATOR
from tests.store.writing import gone, one, owned, put, rows, tell

A, B, C = ({"id": f"skill:{letter}", "label": letter.upper()} for letter in "abc")
EDGE = {"from": "skill:a", "to": "skill:b"}


def test_a_source_owns_what_it_states_now(store: Store) -> None:
    put(store, rows("Skill", A, B, C), rows("RELATED", EDGE), source="esco")
    put(store, rows("RELATED", EDGE, {"from": "skill:b", "to": "skill:c"}), source="lms")
    put(store, gone("Skill", C), source="esco")

    assert owned(store, "esco", "Skill") == [("skill:a",), ("skill:b",)]  # skill:c is retired: stated no longer
    assert owned(store, "esco", "RELATED") == [("skill:a", "skill:b")]
    assert owned(store, "lms", "RELATED") == [("skill:a", "skill:b"), ("skill:b", "skill:c")]
    assert owned(store, "nobody", "Skill") == []


def test_a_removed_node_that_others_refer_to_is_retired_until_they_let_go(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))

    assert tell(store, gone("Skill", B)) == ["RETIRED"]
    assert one(store, "skill:b").properties == {"label": "B", "status": "retired"}
    assert tell(store, gone("Skill", B)) == ["UNCHANGED"]
    assert tell(store, gone("RELATED", EDGE)) == ["REMOVED"]
    assert store.get("skill:b", OPERATOR) is None
    assert store.get("skill:a", OPERATOR) is not None


def test_a_retired_node_that_is_stated_again_is_as_before(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))
    put(store, gone("Skill", B, version=2))

    assert tell(store, rows("Skill", B, version=2)) == ["OLDER"]
    assert tell(store, rows("Skill", B, version=3)) == ["CHANGED"]
    assert one(store, "skill:b").properties == {"label": "B"}
    put(store, gone("RELATED", EDGE))
    assert store.get("skill:b", OPERATOR) is not None


def test_references_of_every_kind_keep_a_node(store: Store) -> None:
    put(store, rows("Skill", A, B, {"id": "skill:old", "replaced_by": ("skill:a",)}), rows("Role", {"id": "role:x"}))
    put(store, rows("Scale", {"id": "scale:x"}), rows("Learner", {"id": "hr:ada"}))
    put(store, rows("REQUIRES", {"from": "role:x", "to": "skill:b", "level": 1, "scale": "scale:x"}))
    put(
        store, rows("Evidence", {"id": "ev:1", "learner": "hr:ada"}), rows("Rating", {"id": "rt:1", "evidence": "ev:1"})
    )

    for kind, id in [("Skill", "skill:a"), ("Scale", "scale:x"), ("Learner", "hr:ada"), ("Evidence", "ev:1")]:
        assert tell(store, gone(kind, {"id": id})) == ["RETIRED"]
    put(store, gone("Rating", {"id": "rt:1"}), gone("REQUIRES", {"from": "role:x", "to": "skill:b"}))
    put(store, rows("Skill", {"id": "skill:old"}, version=2))
    assert store.types_of(["skill:a", "scale:x", "hr:ada", "ev:1"]) == [None] * 4


def test_nodes_removed_together_do_not_hold_each_other(store: Store) -> None:
    units = [{"id": "ou:1"}, {"id": "ou:2", "part_of": "ou:1"}, {"id": "ou:3", "part_of": "ou:2"}]
    put(store, rows("OrgUnit", *units), rows("OrgUnit", {"id": "ou:4", "part_of": "ou:2"}))

    assert tell(store, gone("OrgUnit", *units)) == ["RETIRED", "RETIRED", "REMOVED"]
    put(store, gone("OrgUnit", {"id": "ou:4"}))
    assert store.page("OrgUnit", OPERATOR) == []


def test_a_sweep_takes_edges_and_ends_in_one_batch(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))

    blocks = [gone("RELATED", EDGE), gone("Skill", A, B)]
    planned = [plan.outcomes.tolist() for plan in store.plan(Batch("hr", None, blocks))]
    assert tell(store, *blocks) == ["REMOVED"] * 3
    assert planned == [[2], [2, 2]]
