"""Making a store's tables, and letting them grow with the model; nothing about a model that grew needs code.

The file remembers a manifest of the model it was written with. A model that holds all of it opens the store (what is
new gets its tables and columns); one that lacks a part of it is refused: an extension is missing.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.errors import ModelMismatch, NotWritable
from graph.kinds import target_space
from graph.sqlite import schema
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

Manifest = Mapping[str, Mapping[str, Any]]


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
    lacking = list(_lacking(stored, manifest(model)))
    if lacking:
        fix = "Set SKILLGRAPH_ONTOLOGY to the folder the store was written with."
        raise ModelMismatch(str(path), f"the ontology lacks what the store holds: {', '.join(lacking[:5])}", fix)
    if read_only:
        if stored != json.loads(json.dumps(manifest(model))):
            fix = "Open it once for writing, so that it can grow."
            raise NotWritable(str(path), "the ontology has grown since the store was written", fix)
        return
    for statement in _new_ddl(stored, model):
        db.execute(statement)
    _remember(db, model)


def meta(db: sqlite3.Connection) -> dict[str, Any]:
    """Everything of the meta table."""
    return dict(db.execute("SELECT name, value FROM meta"))


def manifest(model: Model) -> Manifest:
    """What a store's tables and values depend on: types, how they are kept, properties, enumerations."""
    kinds: dict[str, NodeType | EdgeType] = {**model.nodes, **model.edges}
    return {
        name: {
            "storage": kind.storage if isinstance(kind, NodeType) else "edge",
            "properties": {each.name: _shape(each, model) for each in kind.properties.values()},
        }
        for name, kind in kinds.items()
    }


def _shape(kind: Property, model: Model) -> list[Any]:
    space = target_space(kind, model) if kind.datatype is Datatype.REFERENCE else ""
    return [kind.datatype.value, kind.many, space, list(kind.values)]


def _lacking(stored: Manifest, now: Manifest) -> Iterator[str]:
    """Types, properties and values that the store knows and the model does not, or knows otherwise."""
    for name, kind in stored.items():
        if name not in now or now[name]["storage"] != kind["storage"]:
            yield name
            continue
        for each, (datatype, many, space, values) in kind["properties"].items():
            found = now[name]["properties"].get(each)
            if found is None or found[:3] != [datatype, many, space]:
                yield f"{name}.{each}"
            elif found[3][: len(values)] != values:
                yield f"{name}.{each}: {'|'.join(values)}"


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


def _remember(db: sqlite3.Connection, model: Model) -> None:
    values = {"model": json.dumps(manifest(model)), "model_hash": model.hash, "extension": model.extension or ""}
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
    db.executemany("INSERT OR IGNORE INTO type (name) VALUES (?)", ((name,) for name in [*model.nodes, *model.edges]))
    spaces = {model.space(name) for name in model.nodes}
    db.executemany("INSERT OR IGNORE INTO space VALUES (?, 0)", ((name,) for name in sorted(spaces)))
