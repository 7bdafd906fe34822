"""Older stores are brought up to date after a copy was made; newer ones are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from graph.digest import digest
from graph.errors import NewerStore, NotMigrated, StoreError
from graph.open import open_store
from graph.sqlite import migrate, schema
from graph.sqlite.migrate import backup_file, backups
from graph.store import Batch, Store
from ontology.model import Model
from tests.store.tiny import nodes

OLD = schema.VERSION - 1


def an_older_store(url: str) -> Path:
    """A store of the version before this one: its keys had no label, and there was no list of the erased."""
    path = Path(url.removeprefix("sqlite:"))
    store = open_store(url)
    nodes(store, "Skill", {"id": "skill:a", "label": "A"})
    store.keyring.create(frozenset({"match"}))
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE api_key DROP COLUMN label")
        db.execute("DROP TABLE erased")
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (OLD,))
    return path


def step(db: sqlite3.Connection, model: Model) -> None:
    """What this version added to the one before."""
    db.execute("ALTER TABLE api_key ADD COLUMN label TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE TABLE erased (hash BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID")


@pytest.fixture
def a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(migrate.STEPS, OLD, step)


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()[0])


@pytest.mark.usefixtures("a_step")
def test_an_older_store_is_migrated_when_it_is_opened(store_url: str) -> None:
    path = an_older_store(store_url)

    migrated = open_store(store_url)
    try:
        (key,) = migrated.keyring.list()
        assert (key.label, key.scopes) == ("", frozenset({"match"}))
        assert list(migrated.ledger.erased(["person:ada"])) == [False]
        assert migrated.types_of(["skill:a"]) == ["Skill"]
    finally:
        migrated.close()
    assert version_of(path) == schema.VERSION


@pytest.mark.usefixtures("a_step")
def test_the_copy_made_before_is_the_old_store(store_url: str) -> None:
    path = an_older_store(store_url)
    open_store(store_url).close()

    (copy,) = backups(path)
    assert copy == backup_file(path, OLD)
    assert version_of(copy) == OLD
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT id FROM node WHERE id = 'skill:a'").fetchall() == [("skill:a",)]
        assert db.execute("SELECT count(*) FROM pragma_table_info('api_key') WHERE name = 'label'").fetchone() == (0,)


@pytest.mark.usefixtures("a_step")
def test_migration_happens_once_and_changes_no_fact(store_url: str) -> None:
    path = an_older_store(store_url)
    first = open_store(store_url)
    then = digest(first)
    first.close()
    backup_file(path, OLD).unlink()

    again = open_store(store_url)
    try:
        assert digest(again) == then
        assert backups(path) == []
    finally:
        again.close()


def test_a_step_that_fails_leaves_the_old_store(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(db: sqlite3.Connection, model: Model) -> None:
        step(db, model)
        db.execute("ALTER TABLE nowhere ADD COLUMN x")

    path = an_older_store(store_url)
    monkeypatch.setitem(migrate.STEPS, OLD, breaks)
    with pytest.raises(StoreError, match="nowhere"):
        open_store(store_url)
    assert version_of(path) == OLD
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'erased'").fetchone() == (0,)

    monkeypatch.setitem(migrate.STEPS, OLD, step)
    open_store(store_url).close()
    assert version_of(path) == schema.VERSION


def test_two_steps_are_taken_in_order(store_url: str, model: Model) -> None:
    path = an_older_store(store_url)
    taken: list[int] = []

    def noted(number: int) -> migrate.Step:
        return lambda _db, _model: taken.append(number)

    steps = {number: noted(number) for number in (OLD, OLD + 1)}
    migrate.migrate(path, model, to=OLD + 2, steps=steps)
    assert taken == [OLD, OLD + 1]
    assert version_of(path) == OLD + 2


def test_a_store_too_old_to_migrate_is_left_alone(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(migrate.STEPS, OLD)
    path = an_older_store(store_url)
    with pytest.raises(StoreError, match="cannot migrate a store so old"):
        open_store(store_url)
    assert (version_of(path), backups(path)) == (OLD, [])


@pytest.mark.usefixtures("a_step")
def test_reading_only_does_not_migrate(store_url: str) -> None:
    path = an_older_store(store_url)
    with pytest.raises(NotMigrated, match="Open it once for writing"):
        open_store(store_url, read_only=True)
    assert (version_of(path), backups(path)) == (OLD, [])


def test_a_newer_store_is_refused_and_left_alone(store: Store, store_url: str) -> None:
    store.close()
    path = Path(store_url.removeprefix("sqlite:"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'schema_version'")

    for read_only in (False, True):
        with pytest.raises(NewerStore, match=f"{schema.VERSION + 1}.*{schema.VERSION}.*Upgrade Skillgraph") as raised:
            open_store(store_url, read_only=read_only)
        assert not raised.value.transient
    assert version_of(path) == schema.VERSION + 1


@pytest.mark.usefixtures("a_step")
def test_a_copy_is_readable_by_whom_the_store_is(store_url: str) -> None:
    path = an_older_store(store_url)
    path.chmod(0o600)
    open_store(store_url).close()

    assert backup_file(path, OLD).stat().st_mode & 0o777 == 0o600


def test_a_store_of_version_1_gets_room_for_where_pulls_go_on(store_url: str) -> None:
    path = Path(store_url.removeprefix("sqlite:"))
    open_store(store_url).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("ALTER TABLE source DROP COLUMN cursors")
        db.execute("UPDATE meta SET value = 1 WHERE name = 'schema_version'")

    migrated = open_store(store_url)
    try:
        migrated.write(Batch("ats", None, [], {"people": "17"}))
        assert migrated.ledger.cursors("ats") == {"people": "17"}
    finally:
        migrated.close()
    assert version_of(path) == schema.VERSION
