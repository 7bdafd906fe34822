"""Nodes belong to who states them first; edges to everyone who states them."""

from __future__ import annotations

from graph.store import Batch, Store
from tests.store.writing import gone, one, owned, put, rows, tell

A, B, C = ({"id": f"skill:{letter}", "label": letter.upper()} for letter in "abc")
EDGE = {"from": "skill:a", "to": "skill:b"}


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
