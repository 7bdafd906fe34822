"""Making a store's tables, and letting them grow with the model: what is new gets its tables and columns."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph.alike import MARK, MARK_AS_SAID, mark, mark_as_said
from graph.errors import NotWritable
from graph.kinds import IDENTITY
from graph.manifest import Manifest, check_holds, manifest_text
from graph.sqlite import schema
from ontology.model import Model


def make(db: sqlite3.Connection, model: Model) -> None:
    """The tables of a new store, inside the caller's transaction."""
    for statement in schema.tables(model).split(";\n"):
        if statement.strip():
            db.execute(statement)
    values = {"schema_version": schema.VERSION, "created_at": int(time.time()), "writes": 0}
    db.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
    _remember(db, model)


def adapt(db: sqlite3.Connection, model: Model, path: Path, read_only: bool = False) -> None:
    """Let the tables grow to the model, inside the caller's transaction.

    Raises `ModelMismatch` when the model lacks a part of what the file was written with.
    """
    known = meta(db)
    if known["model_hash"] == model.hash and known["extension"] == (model.extension or ""):
        return
    stored: Manifest = json.loads(known["model"])
    check_holds(stored, model, str(path))
    if read_only:
        if stored != json.loads(manifest_text(model)):
            fix = "Open it once for writing, so that it can grow."
            raise NotWritable(str(path), "the ontology has grown since the store was written", fix)
        return
    for statement in _new_ddl(stored, model):
        db.execute(statement)
    _mark_identities(db)
    _remember(db, model)


def meta(db: sqlite3.Connection) -> dict[str, Any]:
    """Everything of the meta table."""
    return dict(db.execute("SELECT name, value FROM meta"))


def _new_ddl(stored: Manifest, model: Model) -> Iterator[str]:
    for kind in schema.fact_types(model):
        if kind.name not in stored:
            yield from filter(str.strip, schema.fact_ddl(kind, model).split(";\n"))
            continue
        for each in kind.properties.values():
            if schema.has_column(each) and each.name not in stored[kind.name]["properties"]:
                yield f"ALTER TABLE {schema.fact_table(kind.name)} ADD COLUMN {schema.column_ddl(each)}"
                if schema.is_indexed(kind, each, model):
                    yield schema.index_ddl(kind, each).rstrip(";\n")


def _mark_identities(db: sqlite3.Connection) -> None:
    """Give the identities of an older store what they are looked up by."""
    table = schema.fact_table(IDENTITY)
    if MARK in {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}:
        return
    for name, function in ((MARK, mark), (MARK_AS_SAID, mark_as_said)):
        db.execute(f"ALTER TABLE {table} ADD COLUMN {name} TEXT")
        db.create_function(name, 2, function, deterministic=True)
    marks = ", ".join(f"{name} = {name}(system, value)" for name in (MARK, MARK_AS_SAID))
    db.execute(f"UPDATE {table} SET {marks} WHERE system IS NOT NULL AND value IS NOT NULL")
    for statement in filter(str.strip, schema.identity_ddl().split(";\n")):
        db.execute(statement)


def _remember(db: sqlite3.Connection, model: Model) -> None:
    values = {"model": manifest_text(model), "model_hash": model.hash, "extension": model.extension or ""}
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
    db.executemany("INSERT OR IGNORE INTO type (name) VALUES (?)", ((name,) for name in [*model.nodes, *model.edges]))
    spaces = {model.space(name) for name in model.nodes}
    db.executemany("INSERT OR IGNORE INTO space VALUES (?, 0)", ((name,) for name in sorted(spaces)))
