"""No trace of an erased person is left: not in the store, not beside it, not in what loads put aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graph.access import access
from graph.digest import digest
from graph.place import index_folder, staging_folder
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY
from tests.store.ada import ADA, TRACES, fill, held
from tests.store.engines import Engine
from tests.store.tiny import nodes, remove


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


def test_no_trace_of_the_person_is_left_in_the_store(filled: Store, engine: Engine) -> None:
    number = filled.ledger.start("hr", "hr", 1, complete=True)
    filled.ledger.hold_rows([held(number, 1, raw={"rater": "Ada Lovelace"}), held(number, 2, people=(ADA,))])
    record = filled.ledger.load(number)
    assert record is not None
    filled.ledger.finish(replace(record, state="failed", message="row 7: 'ada@example.org' is no id"))
    assert {text for texts in engine.traces(filled, TRACES).values() for text in texts} == set(TRACES)

    filled.erase("recruit:ada")
    assert engine.traces(filled, TRACES) == {}


def test_what_lies_beside_the_store_goes_with_them(filled: Store, engine: Engine) -> None:
    folders = [folder / "part" for folder in (index_folder(filled.url), staging_folder(filled.url)) if folder]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "part").write_text(ADA)

    assert len(filled.erase(ADA).files) == len(folders) == 2
    assert engine.traces(filled, TRACES) == {}
    assert [folder.exists() for folder in folders] == [False, False]


def test_erasing_twice_is_erasing_once(filled: Store) -> None:
    filled.erase(ADA)

    again = filled.erase(ADA)
    assert (again.records, again.removed, again.number) == ((ADA,), {}, None)


@pytest.mark.parametrize("person", ["person:ada", "person:cleo"])
def test_loading_the_same_files_again_brings_nothing_back(company: Store, engine: Engine, person: str) -> None:
    held = access(company, person, Settings())
    assert held is not None
    learners = held["tables"]["Learner"]
    texts = [*held["records"], *(row["label"] for row in learners), *(row["email"] for row in learners)]
    company.erase(person)
    before = digest(company)

    record = load(company, LoadRequest(source="tables", paths=(COMPANY,)))
    assert record.skips is not None
    assert record.skips["erased-person"] > 0
    assert (record.written, record.rejected, record.waiting, record.removed) == (0, 0, 0, 0)
    assert digest(company) == before
    assert engine.traces(company, texts) == {}


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        ({"people": ("recruit:ada",)}, True),
        ({"refers_to": ADA}, True),
        ({"refers_to": "evidence:1"}, True),
        ({"refers_to": "evidence:2"}, False),
        ({"raw": {"who": "ADA@EXAMPLE.ORG"}}, True),
        ({"raw": {"note": "seen with Ada Lovelace, twice"}}, True),
        ({"raw": {"key": "ada"}}, True),
        ({"raw": {"list": ["x", {"deep": "E-1001-X"}]}}, True),
        ({"raw": {"ids": "person:ben|person:ada"}}, True),
        ({"reason": "'person:ada' is not there."}, True),
        ({"raw": {"key": "adamant", "note": "Lovelaces"}}, False),
        ({"people": ("person:ben",)}, False),
    ],
)
def test_rows_put_aside_go_when_they_name_the_person(filled: Store, changes: dict[str, Any], goes: bool) -> None:
    number = filled.ledger.start("hr", "hr", 1, complete=True)
    filled.ledger.hold_rows([held(number, 1, **changes)])

    report = filled.erase(ADA)
    assert report.held_rows == int(goes)
    assert len(list(filled.ledger.held_rows())) == int(not goes)


def test_a_key_that_is_a_number_is_looked_for_as_a_whole_value(store: Store) -> None:
    nodes(store, "Learner", {"id": "ats:17"})
    number = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows(
        [held(number, 1, raw={"candidate": 17}), held(number, 2, raw={"when": "17 May", "n": "117"})]
    )
    store.erase("ats:17")

    assert [row.row for row in store.ledger.held_rows()] == [2]


def test_a_record_that_its_source_removed_can_be_erased(store: Store, engine: Engine) -> None:
    nodes(store, "Learner", {"id": ADA, "label": "Ada Lovelace"})
    remove(store, "Learner", ADA)
    assert store.types_of([ADA]) == [None]

    store.erase(ADA)
    assert list(store.ledger.erased([ADA])) == [True]
    assert engine.traces(store, TRACES) == {}


def test_a_name_that_records_of_others_say_is_reported(filled: Store) -> None:
    nodes(filled, "LearningObject", {"id": "course:1", "label": "Notes on the engine, by Ada Lovelace"})

    report = filled.erase(ADA)
    assert report.left == ("Ada Lovelace",)
    assert "'Ada Lovelace'" in list(report.lines())[-1]
