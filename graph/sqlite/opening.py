"""Making, migrating and opening a store file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from graph.secret import deployment_secret
from graph.seed import seed
from graph.settings import Settings
from graph.sqlite import schema
from graph.sqlite.adapt import adapt, make, meta
from graph.sqlite.connection import connect
from graph.sqlite.engine import SqliteStore
from graph.sqlite.faults import check_path, not_a_store, told_clearly
from graph.sqlite.migrate import migrate, schema_version
from ontology.model import Model

APPLICATION_ID = 0x53474B47  # "SGKG", for `file` and others that look at a database's header


def open_sqlite(url: str, model: Model, settings: Settings, *, create: bool, read_only: bool) -> SqliteStore:
    """The store in the file at `url`; see `graph.open.open_store`."""
    path = Path(url.partition(":")[2]).expanduser()
    check_path(path, create, read_only)
    prepare(path, model, read_only, create)
    store = SqliteStore(path, model, settings, read_only=read_only)
    if not read_only:
        try:
            with told_clearly(path):
                deployment_secret(path, check=_secret_check(path))
            seed(store)
        except BaseException:
            store.close()
            raise
    return store


def prepare(path: Path, model: Model, read_only: bool = False, create: bool = True) -> None:
    """Tables for a new file if one may be made, a migration for an older one, and room for what the model gained."""
    with told_clearly(path):
        if create and not read_only:
            _make_new(path, model)
        migrate(path, model, read_only)
        with closing(connect(path, read_only)) as db:
            if schema_version(db, path) is None:
                raise not_a_store(path)
            if read_only or meta(db)["model_hash"] == model.hash:
                adapt(db, model, path, read_only=True)
                return
            db.execute("BEGIN IMMEDIATE")
            adapt(db, model, path)
            db.execute("COMMIT")


def _make_new(path: Path, model: Model) -> None:
    """Of two processes that make one file, the second finds it made."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        if schema_version(db, path) is not None:
            return
        db.execute(f"PRAGMA page_size = {schema.PAGE_BYTES}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        if schema_version(db, path) is None:
            make(db, model)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("COMMIT")


def _secret_check(path: Path) -> str | None:
    """What the store remembers of the secret its keyed hashes were made with; None when it has none."""
    with told_clearly(path), closing(connect(path, read_only=True)) as db:
        row = db.execute("SELECT value FROM meta WHERE name = 'secret_check'").fetchone()
    return str(row[0]) if row else None
