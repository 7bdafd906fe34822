"""Evidence about a word counts for the skill that it means, for as long as it means it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.history import rebuild
from graph.index import IndexKeeper
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import load_rows
from queries.ask import ask
from tests.words.conftest import Words

EVE = {
    "id": "evidence:eve-containers",
    "learner": "person:eve",
    "kind": "interview",
    "skill": "ats-word:kubernetes",
    "level": 2,
    "shown_at": "2024-05-01",
}
WORD = {"id": "ats-word:kubernetes", "label": "kubernetes", "type": "word"}
OTHER = {"id": "ats-word:clusters", "label": "Clusters", "type": "word"}
Held = Callable[[], dict[str, Any] | None]


@pytest.fixture
def words(company: Store) -> Words:
    """The tiny company, whose tracking system saw what Eve can do and says so in its own words."""
    load_rows(company, "ats", {"Skill": [WORD, OTHER], "Evidence": [EVE]})
    return Words(company)


@pytest.fixture
def held(words: Words, keeper: IndexKeeper) -> Held:
    """What Eve holds of the requirement for containers; None: she is not in the answer."""

    def found() -> dict[str, Any] | None:
        given = {"profile": '[{"skill": "skill:containers", "level": 1}]', "as_of": "2025-01-01"}
        rows = ask(words.store, keeper, OPERATOR, "role-matches", given).rows
        return next((row["requirements"][0] for row in rows if row["person"] == "person:eve"), None)

    return found


def test_evidence_about_a_word_counts_for_its_skill(held: Held) -> None:
    found = held()
    assert found is not None
    assert (found["held"], found["through"], found["evidence"]) == (2, "ats-word:kubernetes", [EVE["id"]])


def test_it_counts_no_longer_when_the_match_is_rejected_and_again_when_that_is_forgotten(
    words: Words, held: Held
) -> None:
    words.reject(WORD["id"], "skill:k8s")
    assert held() is None
    words.forget(WORD["id"])
    assert held() is not None


def test_what_an_accepted_match_caused_goes_with_it(words: Words, held: Held) -> None:
    load_rows(words.store, "ats", {"Evidence": [EVE | {"skill": OTHER["id"]}]})
    assert held() is None
    words.accept(OTHER["id"], "skill:containers")
    assert held() is not None
    words.forget(OTHER["id"])
    assert held() is None


def test_who_speaks_of_a_word_is_counted(words: Words) -> None:
    load_rows(words.store, "jobs", {"REQUIRES": [{"from": "role:cloud-engineer", "to": WORD["id"], "level": 1}]})
    assert dict(words.row(WORD["id"]).spoken_of) == {"Evidence": 1, "REQUIRES": 1}
    assert [row.word for row in words.rows()] == [WORD["id"], OTHER["id"]]


def test_decisions_are_part_of_the_store_as_it_was(words: Words, tmp_path: Path) -> None:
    words.accept(OTHER["id"], "skill:containers")
    number, then, meaning = words.store.number(), digest(words.store), words.meaning()
    words.forget(OTHER["id"])
    old = rebuild(words.store, number, tmp_path / "then.db")
    try:
        assert digest(old) == then
        assert Words(old).meaning() == meaning
    finally:
        old.close()


def test_a_copy_has_the_decisions_and_obeys_them(words: Words, tmp_path: Path) -> None:
    from graph.copying import copy
    from graph.open import open_store

    words.reject(WORD["id"], "skill:k8s")
    url = f"sqlite:{tmp_path / 'copy.db'}"
    copy(words.store, url, Settings(), lambda *_: None)
    other = open_store(url)
    try:
        load_rows(other, "ats", {"Skill": [WORD | {"label": "Kubernetes"}]})
        assert Words(other).meaning() == {}
        Words(other).forget(WORD["id"])
        assert Words(other).meaning() == {"kubernetes": "skill:k8s by rule"}
    finally:
        other.close()


def test_tables_that_were_exported_bring_the_decisions_back(words: Words, tmp_path: Path) -> None:
    from graph.exports.tables import write_store
    from graph.open import open_store
    from loaders.load import LoadRequest, load

    before = digest(words.store)
    words.accept(OTHER["id"], "skill:containers")
    write_store(words.store, tmp_path / "tables")
    (tmp_path / "other").mkdir()
    other = open_store(f"sqlite:{tmp_path / 'other' / 'skillgraph.db'}")
    try:
        load(other, LoadRequest(source="tables", paths=(tmp_path / "tables",)))
        assert Words(other).meaning()["clusters"] == "skill:containers by person"
        Words(other).forget(OTHER["id"])
        assert digest(other) == before
    finally:
        other.close()
