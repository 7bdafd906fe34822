"""A store can be rebuilt as it was at any change number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.digest import digest
from graph.errors import NoSuchVersion
from graph.history import as_it_was, rebuild
from graph.store import Batch, Store
from graph.viewer import OPERATOR
from tests.store.engines import Engine, Fresh
from tests.store.tiny import block, edges, nodes, remove

LETTERS = "abcd"


def test_a_changed_a_removed_and_a_new_node_are_as_they_were(store: Store, tmp_path: Path) -> None:
    nodes(store, "Skill", {"id": "skill:a", "label": "Old"}, {"id": "skill:gone", "label": "Gone"})
    edges(store, "BROADER", {"from": "skill:a", "to": "skill:gone"})
    then, number = digest(store), store.number()
    store.write(Batch("hr", None, [block("BROADER", {"from": "skill:a", "to": "skill:gone"}, version=2)]))
    nodes(store, "Skill", {"id": "skill:a", "label": "New"}, version=2)
    nodes(store, "Skill", {"id": "skill:new"})
    remove(store, "Skill", "skill:gone")

    old = rebuild(store, number, tmp_path / "then.db")
    try:
        assert digest(old) == then
        assert old.number() == number
        assert [node.properties.get("label") for node in old.page("Skill", OPERATOR)] == ["Old", "Gone"]
        assert [hit.id for hit in old.search("gone", OPERATOR)] == ["skill:gone"]
    finally:
        old.close()


def test_superseded_evidence_and_ratings_are_back(store: Store, tmp_path: Path) -> None:
    people(store)
    number, then = store.number(), digest(store)
    nodes(store, "Evidence", evidence("evidence:1", score=900_000), version=2)
    nodes(store, "Rating", rating(points=3_000_000), version=2)

    old = rebuild(store, number, tmp_path / "then.db")
    try:
        assert digest(old) == then
        assert old.many(["evidence:1"], OPERATOR)["evidence:1"].properties["score"] == 500_000
    finally:
        old.close()


def test_what_is_personal_is_as_it_is_now(store: Store, tmp_path: Path) -> None:
    people(store)
    number = store.number()
    nodes(store, "Learner", {"id": "person:ada", "label": "Ada King"}, version=2)

    old = rebuild(store, number, tmp_path / "then.db")
    try:
        assert old.many(["person:ada"], OPERATOR)["person:ada"].properties["label"] == "Ada King"
    finally:
        old.close()


def test_erased_people_are_not_in_it(store: Store, tmp_path: Path) -> None:
    people(store)
    number = store.number()
    store.erase("person:ada")

    old = rebuild(store, number, tmp_path / "then.db")
    try:
        assert old.types_of(["person:ada", "evidence:1", "rating:1"]) == [None, None, None]
    finally:
        old.close()


def test_records_that_refer_to_each_other_come_whole(store: Store, tmp_path: Path) -> None:
    nodes(store, "OrgUnit", {"id": "unit:z"})
    nodes(store, "OrgUnit", {"id": "unit:a", "part_of": "unit:z"})
    nodes(store, "Skill", {"id": "skill:old", "replaced_by": ("skill:new",)}, {"id": "skill:new"})
    then, number = digest(store), store.number()
    nodes(store, "Skill", {"id": "skill:later"})

    old = rebuild(store, number, tmp_path / "then.db")
    try:
        assert digest(old) == then
    finally:
        old.close()


def test_the_number_zero_is_an_empty_store_and_the_last_is_the_store_itself(store: Store) -> None:
    with as_it_was(store, 0) as empty:
        assert (empty.number(), empty.page("Scale", OPERATOR)) == (0, [])
    with as_it_was(store, store.number()) as now:
        assert now is store
    with as_it_was(store, None) as now:
        assert now is store


@pytest.mark.parametrize("number", [-1, 2, 10**9])
def test_a_number_there_never_was_is_refused(store: Store, tmp_path: Path, number: int) -> None:
    with pytest.raises(NoSuchVersion, match="Name one from 0 to 1"):
        rebuild(store, number, tmp_path / "then.db")


STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(LETTERS), st.sampled_from(["one", "two"])),
    st.tuples(st.just("remove"), st.sampled_from(LETTERS)),
    st.tuples(st.just("join"), st.sampled_from(LETTERS), st.sampled_from(LETTERS)),
    st.tuples(st.just("part"), st.sampled_from(LETTERS), st.sampled_from(LETTERS)),
    st.tuples(st.just("score"), st.sampled_from(LETTERS), st.sampled_from([0, 500_000])),
)


def test_every_number_of_any_history_is_as_it_was(fresh: Fresh, engine: Engine) -> None:
    @settings(max_examples=int(25 * engine.examples), deadline=None)
    @given(st.lists(STEPS, min_size=1, max_size=12))
    def law(steps: list[tuple[Any, ...]]) -> None:
        store = fresh()
        nodes(store, "Learner", {"id": "person:ada"})
        digests = {store.number(): digest(store)}
        for version, step in enumerate(steps, 1):
            take(store, version, *step)
            digests[store.number()] = digest(store)
        for number, then in digests.items():
            with as_it_was(store, number) as old:
                assert digest(old) == then
                assert old.number() == number

    law()


def take(store: Store, version: int, kind: str, letter: str, more: Any = None) -> None:
    """One step of a history; what cannot be done changes nothing."""
    skill, other = f"skill:{letter}", f"skill:{more}"
    if kind == "write":
        made = block("Skill", {"id": skill, "label": more}, version=version)
    elif kind == "score":
        made = block("Evidence", evidence(f"evidence:{letter}", score=more), version=version)
    elif kind == "remove":
        remove(store, "Skill", skill, version=version)
        return
    else:
        made = block("RELATED", {"from": skill, "to": other}, version=version)
        if kind == "part":
            made = replace_removed(made)
    store.write(Batch("hr", None, [made]))


def replace_removed(made: Any) -> Any:
    return replace(made, removed=True)


def people(store: Store) -> None:
    nodes(store, "Learner", {"id": "person:ada", "label": "Ada"})
    nodes(store, "Evidence", evidence("evidence:1", score=500_000))
    nodes(store, "Rating", rating(points=2_000_000))


def evidence(id: str, score: int) -> dict[str, Any]:
    return {"id": id, "learner": "person:ada", "kind": "interview", "score": score, "shown_at": 1_700_000_000}


def rating(points: int) -> dict[str, Any]:
    return {"id": "rating:1", "evidence": "evidence:1", "rater": "person:ben", "points": points}
