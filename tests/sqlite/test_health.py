"""What `skillgraph check` finds wrong with a store's file."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import NamedTuple

import pytest

from graph.open import open_store
from graph.sqlite import schema
from graph.sqlite.migrate import backup_file
from graph.store import Store
from tests.sqlite.files import path_of
from tests.store.tiny import nodes
from tests.store.writing import found


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_the_file_its_log_and_its_disk_are_looked_at(store: Store) -> None:
    assert {"database file", "disk", "write-ahead log"} <= {finding.what for finding in store.health()}


def test_a_reference_that_leads_nowhere_is_found(store: Store) -> None:
    nodes(store, "Learner", {"id": "person:ada"})
    nodes(store, "Identity", {"id": "i:1", "learner": "person:ada", "system": "badge", "value": "1"})
    store.close()
    with closing(sqlite3.connect(path_of(store), isolation_level=None)) as db:
        db.execute("DELETE FROM node WHERE id = 'person:ada'")

    damaged = open_store(store.url)
    try:
        finding = found(damaged, "references")
        assert (finding.well, finding.found) == (False, "lead nowhere: Identity.learner 1")
    finally:
        damaged.close()


def test_a_full_disk_is_not_well(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 99, 1))

    finding = found(store, "disk")
    assert not finding.well
    assert "Free some space" in finding.fix


def test_a_copy_of_a_migration_is_named(store: Store) -> None:
    backup_file(path_of(store), 0).write_bytes(b"x")

    assert found(store, "migration backup").found.startswith(backup_file(path_of(store), 0).name)


def test_a_damaged_page_is_found_and_nothing_else_is_asked(store: Store) -> None:
    nodes(store, "Skill", *({"id": f"skill:{number:04}", "label": f"Skill {number}"} for number in range(2000)))
    store.close()
    path = path_of(store)
    with closing(sqlite3.connect(path)) as db:
        pages = [page for (page,) in db.execute("SELECT pageno FROM dbstat WHERE name = 'node_type'")]
    with path.open("r+b") as file:
        file.seek((pages[-1] - 1) * schema.PAGE_BYTES)
        file.write(b"\x07" * 64)

    damaged = open_store(store.url, read_only=True)
    try:
        (finding,) = damaged.health()
        assert (finding.what, finding.well) == ("database file", False)
        assert "Put back a copy" in finding.fix
    finally:
        damaged.close()
