"""No byte of an erased person is left: not in the file, not beside it, not in what loads put aside."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from graph.access import access
from graph.digest import digest
from graph.settings import Settings
from graph.sqlite.migrate import backup_file
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY
from tests.store.ada import ADA, evidence, fill, held, path_of, traces
from tests.store.tiny import nodes, remove


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


def test_no_byte_of_the_person_is_left_anywhere(filled: Store) -> None:
    path = path_of(filled)
    number = filled.ledger.start("hr", "hr", 1, complete=True)
    filled.ledger.hold_rows([held(number, 1, raw={"rater": "Ada Lovelace"}), held(number, 2, people=(ADA,))])
    record = filled.ledger.load(number)
    assert record is not None
    filled.ledger.finish(replace(record, state="failed", message="row 7: 'ada@example.org' is no id"))
    for name in ("staging", "index", "at-x1"):
        folder = path.with_name(f"{path.name}.{name}") / "part"
        folder.mkdir(parents=True)
        (folder / "part").write_text("person:ada")
    backup_file(path, 0).write_bytes(b"an old copy with Ada Lovelace")
    assert set(traces(filled)) >= {f"{path}-wal", str(backup_file(path, 0))}

    report = filled.erase("recruit:ada")

    assert traces(filled) == {}
    assert sorted(report.files) == sorted(
        [f"{path.name}.staging", f"{path.name}.index", f"{path.name}.at-x1", backup_file(path, 0).name]
    )


@pytest.mark.parametrize("person", ["person:ada", "person:cleo"])
def test_loading_the_same_files_again_brings_nothing_back(company: Store, person: str) -> None:
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
    company.close()
    assert traces(company, [text.encode() for text in texts]) == {}


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


def test_a_record_that_its_source_removed_can_be_erased(store: Store) -> None:
    nodes(store, "Learner", {"id": ADA, "label": "Ada Lovelace"})
    remove(store, "Learner", ADA)
    assert store.types_of([ADA]) == [None]

    store.erase(ADA)
    assert list(store.ledger.erased([ADA])) == [True]
    assert traces(store) == {}


def test_erasing_twice_ends_what_was_left(filled: Store) -> None:
    filled.erase(ADA)
    index = path_of(filled).with_name(f"{path_of(filled).name}.index")
    index.mkdir()

    again = filled.erase(ADA)
    assert (again.records, again.removed, again.number) == ((ADA,), {}, None)
    assert not index.exists()


def test_many_erasures_leave_no_byte_behind(store: Store) -> None:
    """Pages are split, joined and reused: what is deleted must be overwritten wherever it ever stood."""
    everyone = [f"person:{number:04}" for number in range(600)]
    nodes(
        store,
        "Learner",
        *({"id": id, "label": f"Name-{id[7:]}-Surname", "email": f"{id[7:]}@x.example"} for id in everyone),
    )
    nodes(
        store,
        "Identity",
        *({"id": f"i:{id[7:]}", "learner": id, "system": "badge", "value": f"badge-{id[7:]}-x"} for id in everyone),
    )
    nodes(store, "Evidence", *(evidence(f"e:{id[7:]}-{n}", id) for id in everyone for n in range(3)))
    gone = everyone[::10]
    for id in gone:
        store.erase(id)

    texts = [
        text.encode() for id in gone for text in (id, f"Name-{id[7:]}-", f"{id[7:]}@x.example", f"badge-{id[7:]}-x")
    ]
    assert traces(store, texts) == {}


def test_a_name_that_records_of_others_say_is_reported(filled: Store) -> None:
    nodes(filled, "LearningObject", {"id": "course:1", "label": "Notes on the engine, by Ada Lovelace"})

    report = filled.erase(ADA)
    assert report.left == ("Ada Lovelace",)
    assert "'Ada Lovelace'" in list(report.lines())[-1]


def test_the_file_is_sound_after_it(filled: Store) -> None:
    filled.erase(ADA)
    filled.close()
    with sqlite3.connect(path_of(filled)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()
