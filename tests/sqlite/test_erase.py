"""No byte of an erased person is left: not in the file, not beside it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from graph.sqlite.migrate import backup_file
from graph.store import Store
from tests.sqlite.files import path_of
from tests.store.ada import ADA, TRACES, evidence, fill, held
from tests.store.engine_sqlite import traces
from tests.store.tiny import nodes


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


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

    texts = [text for id in gone for text in (id, f"Name-{id[7:]}-", f"{id[7:]}@x.example", f"badge-{id[7:]}-x")]
    assert traces(store, texts) == {}


def test_the_file_is_sound_after_it(filled: Store) -> None:
    filled.erase(ADA)
    filled.close()
    with sqlite3.connect(path_of(filled)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


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
    assert set(traces(filled, TRACES)) >= {f"{path}-wal", str(backup_file(path, 0))}

    report = filled.erase("recruit:ada")

    assert traces(filled, TRACES) == {}
    assert sorted(report.files) == sorted(
        [f"{path.name}.staging", f"{path.name}.index", f"{path.name}.at-x1", backup_file(path, 0).name]
    )


def test_erasing_twice_ends_what_was_left(filled: Store) -> None:
    filled.erase(ADA)
    index = path_of(filled).with_name(f"{path_of(filled).name}.index")
    index.mkdir()

    again = filled.erase(ADA)
    assert (again.records, again.removed, again.number) == ((ADA,), {}, None)
    assert not index.exists()
