"""Which columns the records of a type state: of texts, the languages that are there."""

from __future__ import annotations

import sqlite3

from graph.sqlite.layout import EdgeKind, NodeKind
from graph.sqlite.schema import quoted


def stated_columns(db: sqlite3.Connection, kind: NodeKind | EdgeKind) -> list[str]:
    """Property names, and `label@de` and the like, that one record at least states; sorted."""
    if isinstance(kind, EdgeKind):
        return _keys(db, "DISTINCT props", f"edge WHERE type = {kind.number}")
    if not kind.columnar:
        return _keys(db, "props", f"node WHERE {kind.own}")
    there = [each.name for each in kind.columns if _is_stated(db, kind, each.name)]
    return sorted([*there, *_keys(db, "_other", f"{kind.table} WHERE _other IS NOT NULL")])


def _keys(db: sqlite3.Connection, column: str, rows: str) -> list[str]:
    query = f"SELECT DISTINCT j.key FROM (SELECT {column} AS json FROM {rows}) r, json_each(r.json) j ORDER BY j.key"
    return [key for (key,) in db.execute(query)]


def _is_stated(db: sqlite3.Connection, kind: NodeKind, name: str) -> bool:
    return db.execute(f"SELECT 1 FROM {kind.table} WHERE {quoted(name)} IS NOT NULL LIMIT 1").fetchone() is not None
