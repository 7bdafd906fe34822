"""Ids of evidence are read once, and are forgotten with the person that they are about."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graph.index import IndexKeeper
from graph.index.evidence_ids import EvidenceIds
from graph.store import Store
from tests.queries.conftest import Ask


class Names:
    """Names a key after its number, and one that is gone not at all."""

    def __init__(self, *gone: int) -> None:
        self.gone, self.asked = gone, list[list[int]]()

    def __call__(self, keys: Sequence[int]) -> list[str]:
        self.asked.append(list(keys))
        return ["" if key in self.gone else f"lms:{key}" for key in keys]


def test_only_what_is_not_known_yet_is_read() -> None:
    ids, names = EvidenceIds(), Names()
    assert ids.of([2, 1, 2], names) == {1: "lms:1", 2: "lms:2"}
    assert ids.of([2, 3], names) == {2: "lms:2", 3: "lms:3"}
    assert ids.of([1, 3], names) == {1: "lms:1", 3: "lms:3"}
    assert names.asked == [[1, 2], [3]]


def test_that_there_is_no_id_is_not_kept() -> None:
    ids, names = EvidenceIds(), Names(7)
    assert [ids.of([7], names)[7], ids.of([7], names)[7]] == ["", ""]
    assert names.asked == [[7], [7]]


def test_when_there_are_too_many_they_are_forgotten() -> None:
    ids, names = EvidenceIds(most=3), Names()
    for keys in ([1, 2], [3], [4], [4], [1]):
        assert ids.of(keys, names) == {key: f"lms:{key}" for key in keys}
    assert names.asked == [[1, 2], [3], [4], [1]]


def test_an_answer_that_is_asked_again_reads_no_ids(
    matches: Ask, company: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, names = matches(), Names()
    monkeypatch.setattr(company, "ids", lambda _, keys: names(keys))
    assert matches().rows == first.rows
    assert names.asked == []


def test_no_id_outlives_an_erased_person(matches: Ask, company: Store, keeper: IndexKeeper) -> None:
    def kept() -> set[str]:
        return set(keeper.current().snapshot.base.evidence_ids.of(shown, lambda keys: [""] * len(keys)).values())

    before = matches(people=["person:ada"])
    named = {id for row in before.rows for part in row["requirements"] for id in part["evidence"]}
    shown = company.keys("Evidence", sorted(named)).tolist()
    assert kept() == named
    company.erase("person:ada")
    assert kept() == {""}
