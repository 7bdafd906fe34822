"""An answer is of one change number, whatever is written while it is made; on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from graph.index import Index, IndexKeeper
from graph.open import open_store
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load
from queries.ask import answer, find
from queries.question import Answer, Asking
from queries.role_matches import RoleMatches
from tests.conftest import COMPANY
from tests.queries.conftest import NOW, State
from tests.store.conftest import ENGINES

QUESTION = find("role-matches")
ROLE = RoleMatches(role="role:cloud-engineer", people=["person:ada"])


@pytest.fixture(params=ENGINES)
def company(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store with the tiny company in it, of each engine."""
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    opened = open_store(ENGINES[request.param](tmp_path))
    load(opened, LoadRequest(source="tables", paths=(COMPANY,)))
    yield opened
    opened.close()


class Writer:
    """Names Ada after the change number that stands when she has the name, as another process would."""

    def __init__(self, store: Store, state: State) -> None:
        self.store, self.state = store, state

    def __call__(self) -> None:
        thread = Thread(target=self._write)
        thread.start()
        thread.join()

    def _write(self) -> None:
        ada = {"id": "person:ada", "label": f"Ada at {self.store.number() + 1}", "kind": "internal"}
        self.state({"Learner": [ada]})


@pytest.fixture
def write(company: Store, state: State) -> Writer:
    written = Writer(company, state)
    written()
    return written


def told(given: Answer) -> tuple[str, str]:
    return given.rows[0]["label"], f"Ada at {given.version}"


@pytest.mark.parametrize("times", [1, 1000])
def test_what_is_written_after_the_index_was_fetched_is_in_both_or_neither(
    company: Store, keeper: IndexKeeper, write: Writer, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    fetched, fetch = count(1), keeper.current

    def current() -> Index:
        index = fetch()
        if next(fetched) <= times:
            write()
        return index

    monkeypatch.setattr(keeper, "current", current)
    label, expected = told(answer(company, keeper, OPERATOR, QUESTION, ROLE, NOW))
    assert label == expected


def test_what_is_written_while_an_answer_is_made_is_in_all_of_it_or_in_none(
    company: Store, keeper: IndexKeeper, write: Writer
) -> None:
    made = count(1)

    def meanwhile(asking: Asking, parameters: RoleMatches) -> Answer:
        if next(made) == 1:
            write()
        return QUESTION.answer(asking, parameters)

    before = company.number()
    label, expected = told(answer(company, keeper, OPERATOR, replace(QUESTION, answer=meanwhile), ROLE, NOW))
    assert label == expected
    assert company.number() == before + 1


def test_an_index_that_falls_behind_without_end_is_answered_from_while_the_store_is_still(
    company: Store, keeper: IndexKeeper, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "at", lambda number: None)  # noqa: ARG005
    write()
    label, expected = told(answer(company, keeper, OPERATOR, QUESTION, ROLE, NOW))
    assert label == expected
