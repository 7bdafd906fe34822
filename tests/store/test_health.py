"""`skillgraph check` says what is well, what is not, and the fix."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from graph.health import health
from graph.ledger import HeldRow
from graph.open import open_store
from graph.report import Finding
from graph.secret import secret_file
from graph.sqlite import schema
from graph.sqlite.migrate import backup_file
from graph.store import Store
from tests.store.tiny import nodes


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def path_of(store: Store) -> Path:
    return Path(store.url.removeprefix("sqlite:"))


def found(store: Store, what: str) -> Finding:
    (finding,) = [each for each in store.health() if each.what == what]
    return finding


def test_a_new_store_is_well(store: Store) -> None:
    findings = store.health()

    assert [finding.what for finding in findings if not finding.well] == []
    assert {
        "database file",
        "schema and model",
        "references",
        "disk",
        "write-ahead log",
        "deployment's secret",
    } <= {finding.what for finding in findings}


def test_a_full_company_is_well(company: Store) -> None:
    assert [finding for finding in company.health() if not finding.well] == []


def test_what_is_not_well_comes_first_and_others_may_look_too(store: Store) -> None:
    stale = Finding("index", False, "of change 3, the store is at 7", "It is built at the next question.")

    assert health(store, [lambda: stale])[0] == stale
    assert health(store)[0].well


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


def test_rows_put_aside_are_counted_with_what_to_do(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    row = HeldRow(load, "f.csv", 1, "rejected", "level", "9", "too high", "level", {})
    store.ledger.hold_rows([row, row])

    assert found(store, "rejected rows").found == "2"
    assert "skillgraph rejects" in found(store, "rejected rows").fix
    assert (found(store, "waiting rows").found, found(store, "waiting rows").fix) == ("0", "")


def test_a_secret_that_others_may_read_is_not_well(store: Store) -> None:
    secret_file(path_of(store)).chmod(0o644)

    assert "chmod 600" in found(store, "deployment's secret").fix


def test_a_lost_secret_is_not_well_once_it_was_used(store: Store) -> None:
    nodes(store, "Learner", {"id": "person:ada"})
    store.erase("person:ada")
    secret_file(path_of(store)).unlink()

    finding = found(store, "deployment's secret")
    assert not finding.well
    assert "Put the file back" in finding.fix


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
