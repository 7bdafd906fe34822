"""Nodes belong to who states them first; edges to everyone who states them; what others refer to is kept."""

from __future__ import annotations

from graph.store import Batch, Store
from graph.viewer import OPERATOR
from tests.store.writing import gone, one, put, rows, tell

A, B, C = ({"id": f"skill:{letter}", "label": letter.upper()} for letter in "abc")
EDGE = {"from": "skill:a", "to": "skill:b"}


def owned(store: Store, source: str, type_name: str) -> list[tuple[str, ...]]:
    return sorted(row for batch in store.owned(source, type_name) for row in batch)


def test_a_node_belongs_to_the_source_that_first_states_it(store: Store) -> None:
    put(store, rows("Skill", A), source="esco")

    assert tell(store, rows("Skill", {**A, "label": "mine"}, version=9)) == ["FOREIGN"]
    assert tell(store, gone("Skill", A, version=9)) == ["FOREIGN"]
    assert store.plan(Batch("hr", None, [rows("Skill", A)]))[0].holders == {0: "esco"}
    assert one(store, "skill:a").properties["label"] == "A"


def test_a_removed_node_is_free_for_another_source(store: Store) -> None:
    put(store, rows("Skill", A), source="esco")
    put(store, gone("Skill", A, version=9), source="esco")

    assert tell(store, rows("Skill", A, version=1)) == ["ADDED"]
    assert one(store, "skill:a").source == "hr"
    assert tell(store, rows("Skill", A, version=10), source="esco") == ["FOREIGN"]


def test_a_retired_node_is_free_for_another_source_as_a_removed_one_is(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE), source="esco")
    put(store, rows("Skill", C), rows("RELATED", {"from": "skill:c", "to": "skill:a"}), source="lms")
    assert tell(store, gone("Skill", A, version=9), gone("RELATED", EDGE), source="esco") == ["RETIRED", "REMOVED"]

    mine = {**A, "label": "mine"}
    assert tell(store, gone("Skill", A)) == ["UNCHANGED"], "what is nobody's can't be removed"
    assert tell(store, rows("Skill", mine, version=9)) == ["ADDED"]
    assert (one(store, "skill:a").source, one(store, "skill:a").properties) == ("hr", {"label": "mine"})
    assert [owned(store, source, "Skill") for source in ("hr", "esco")] == [[("skill:a",)], [("skill:b",)]]
    assert tell(store, rows("Skill", A, version=10), source="esco") == ["FOREIGN"]


def test_a_node_that_was_handed_over_is_retired_and_handed_back(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE), source="esco")
    put(store, gone("Skill", A, version=9), source="esco")
    put(store, rows("Skill", A))
    assert tell(store, gone("Skill", A, version=2)) == ["RETIRED"]

    assert tell(store, rows("Skill", A, version=9), source="esco") == ["OLDER"], "its own removal stands"
    assert tell(store, rows("Skill", A, version=10), source="esco") == ["ADDED"]
    assert one(store, "skill:a").source == "esco"
    assert tell(store, gone("RELATED", EDGE), gone("Skill", A, version=11), source="esco") == ["REMOVED", "REMOVED"]


def test_an_edge_lasts_while_one_source_states_it(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))
    number = store.number()

    assert tell(store, rows("RELATED", EDGE), source="lms") == ["UNCHANGED"]
    assert one(store, "skill:a").edges[0].sources == ("hr", "lms")
    assert tell(store, gone("RELATED", EDGE), source="hr") == ["UNCHANGED"]
    assert store.number() == number
    assert one(store, "skill:a").edges[0].sources == ("lms",)
    assert tell(store, gone("RELATED", EDGE), source="lms") == ["REMOVED"]
    assert one(store, "skill:a").edges == ()


def test_each_source_has_versions_of_its_own_for_an_edge(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE, version=7))
    put(store, rows("RELATED", EDGE, version=3), source="lms")

    assert tell(store, gone("RELATED", EDGE, version=5)) == ["OLDER"]
    assert tell(store, gone("RELATED", EDGE, version=5), source="lms") == ["UNCHANGED"]
    assert tell(store, rows("RELATED", EDGE, version=4), source="lms") == ["OLDER"]
    assert one(store, "skill:a").edges[0].sources == ("hr",)


def test_other_properties_from_a_second_source_are_a_conflict(store: Store) -> None:
    essential = {**EDGE, "kind": "essential"}
    put(store, rows("Skill", A, B), rows("DEPENDS_ON", essential))

    batch = Batch("lms", None, [rows("DEPENDS_ON", {**EDGE, "kind": "optional"}, version=9)])
    assert store.plan(batch)[0].holders == {0: "hr"}
    assert tell(store, *batch.blocks, source="lms") == ["FOREIGN"]
    assert tell(store, rows("DEPENDS_ON", essential), source="lms") == ["UNCHANGED"]
    assert tell(store, rows("DEPENDS_ON", {**EDGE, "kind": "optional"}, version=9)) == ["FOREIGN"]


def test_a_source_that_states_alone_may_change_its_edge(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("DEPENDS_ON", {**EDGE, "kind": "essential"}))

    assert tell(store, rows("DEPENDS_ON", {**EDGE, "kind": "optional"}, version=2)) == ["CHANGED"]
    assert one(store, "skill:a").edges[0].properties == {"kind": "optional"}


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
