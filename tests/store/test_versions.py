"""The higher version stands, whichever came first; removals are versions too."""

from __future__ import annotations

from graph.store import Store
from graph.viewer import OPERATOR
from tests.store.writing import gone, one, put, rows, tell


def label(store: Store) -> object:
    node = store.get("skill:a", OPERATOR)
    return node and node.properties.get("label")


def test_a_later_version_wins_whichever_comes_first(store: Store) -> None:
    assert tell(store, rows("Skill", {"id": "skill:a", "label": "new"}, version=5)) == ["ADDED"]
    assert tell(store, rows("Skill", {"id": "skill:a", "label": "old"}, version=3)) == ["OLDER"]
    assert tell(store, rows("Skill", {"id": "skill:a", "label": "newer"}, version=6)) == ["CHANGED"]
    assert label(store) == "newer"


def test_of_two_contents_of_one_version_one_stands_whatever_the_order(store: Store) -> None:
    one_way = [{"id": "skill:a", "label": "A"}, {"id": "skill:a", "label": "B"}]
    other_way = [{"id": "skill:b", "label": "B"}, {"id": "skill:b", "label": "A"}]
    outcomes = [tell(store, rows("Skill", row))[0] for row in one_way + other_way]

    assert sorted(outcomes[1::2]) == ["CONFLICT_KEPT", "CONFLICT_TAKEN"]
    assert one(store, "skill:a").properties["label"] == one(store, "skill:b").properties["label"]


def test_a_removal_comes_before_what_it_removes(store: Store) -> None:
    number = store.number()
    assert tell(store, gone("Skill", {"id": "skill:a"}, version=5)) == ["UNCHANGED"]
    assert store.number() == number

    assert tell(store, rows("Skill", {"id": "skill:a", "label": "old"}, version=4)) == ["OLDER"]
    assert tell(store, rows("Skill", {"id": "skill:a", "label": "same"}, version=5)) == ["OLDER"]
    assert tell(store, rows("Skill", {"id": "skill:a", "label": "back"}, version=6)) == ["ADDED"]


def test_an_edge_too_may_be_removed_before_it_is_there(store: Store) -> None:
    edge = {"from": "skill:a", "to": "skill:b"}
    tell(store, gone("RELATED", edge, version=5))
    tell(store, rows("Skill", {"id": "skill:a"}, {"id": "skill:b"}))

    assert tell(store, rows("RELATED", edge, version=4)) == ["OLDER"]
    assert tell(store, rows("RELATED", edge, version=6)) == ["ADDED"]
    assert tell(store, gone("RELATED", edge, version=6)) == ["REMOVED"]
    assert tell(store, rows("RELATED", edge, version=6)) == ["OLDER"]


def test_a_node_that_comes_back_has_its_key_again(store: Store) -> None:
    put(store, rows("Skill", {"id": "skill:a"}, {"id": "skill:b"}))
    keys = store.keys("nodes", ["skill:a", "skill:b"]).tolist()

    tell(store, gone("Skill", {"id": "skill:a"}, {"id": "skill:b"}))
    assert store.keys("nodes", ["skill:a"])[0] == 0
    tell(store, rows("Skill", {"id": "skill:c"}, {"id": "skill:a"}, version=3))
    again, new = store.keys("nodes", ["skill:a", "skill:c"]).tolist()
    assert again == keys[0]
    assert new not in keys, "a key is never another node's"


def test_repeats_in_one_block_end_as_one_by_one(store: Store) -> None:
    said = [("x", 1), ("z", 3), ("y", 2), ("z", 3)]
    repeated = [{"id": "skill:a", "label": text, "version": version} for text, version in said]

    assert sorted(tell(store, rows("Skill", *repeated))) == ["ADDED", "OLDER", "OLDER", "UNCHANGED"]
    assert label(store) == "z"


def test_a_row_and_its_removal_in_one_batch_follow_their_versions(store: Store) -> None:
    put(store, rows("Skill", {"id": "skill:a", "label": "A"}, version=2), gone("Skill", {"id": "skill:a"}, version=1))
    assert label(store) == "A"
    put(store, gone("Skill", {"id": "skill:a"}, version=3), rows("Skill", {"id": "skill:a", "label": "B"}, version=4))
    assert label(store) == "B"


def test_facts_follow_the_same_rule(store: Store) -> None:
    put(store, rows("Learner", {"id": "hr:ada"}))
    fact = {"id": "ev:1", "learner": "hr:ada", "kind": "assessment"}

    assert tell(store, rows("Evidence", {**fact, "score": 1}, version=4)) == ["ADDED"]
    assert tell(store, rows("Evidence", {**fact, "score": 2}, version=3)) == ["OLDER"]
    assert tell(store, gone("Evidence", {"id": "ev:1"}, version=5)) == ["REMOVED"]
    assert tell(store, rows("Evidence", fact, version=5)) == ["OLDER"]
