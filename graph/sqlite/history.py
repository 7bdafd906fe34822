"""Superseded versions in the file, and a whole store rebuilt with them as it was at a change number."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.rebuilding import Version, rebuild
from graph.rows import read_props
from graph.sqlite.changes import names_ever
from graph.sqlite.layout import EdgeKind, Layout
from graph.store import Node, Superseded

if TYPE_CHECKING:
    from graph.sqlite.engine import SqliteStore


def superseded(db: sqlite3.Connection, layout: Layout, people: Sequence[str]) -> list[Superseded]:
    """See `graph.store.Store.superseded`."""
    query = (
        "SELECT h.type, h.start, h.since, h.until, s.name, h.version, h.props FROM node n "
        "JOIN history h ON h.person = n.key AND h.person <> 0 JOIN source s ON s.number = h.source "
        "WHERE n.id IN (SELECT value FROM json_each(?)) AND h.end = 0 ORDER BY h.since, h.until, h.type, h.start"
    )
    found = []
    for number, key, since, until, source, version, props in db.execute(query, (json.dumps(list(people)),)).fetchall():
        kind = layout.node_kind(layout.names[number])
        (id,) = names_ever(db, layout, kind.space, [key])
        found.append(Superseded(Node(id, kind.name, read_props(props), source, version), since, until))
    return found


def rebuild_file(store: SqliteStore, number: int, path: Path) -> SqliteStore:
    """See `graph.history.rebuild`."""
    with store.connections.snapshot() as db:

        def replaced(type_name: str, number: int) -> Iterator[Version]:
            return _replaced(db, store.layout, type_name, number)

        return rebuild(store, store.settings, replaced, number, path)


def _replaced(db: sqlite3.Connection, layout: Layout, type_name: str, number: int) -> Iterator[Version]:
    """Versions of a type that stood at a change number."""
    kind = layout.kind(type_name)
    query = (
        "SELECT s.name, h.version, h.start, h.end, h.props FROM history h JOIN source s ON s.number = h.source "
        "WHERE h.type = ?1 AND h.since <= ?2 AND h.until > ?2"
    )
    for source, version, start, end, props in db.execute(query, (kind.number, number)).fetchall():
        if isinstance(kind, EdgeKind):
            pairs = [(kind.start_space, start), (kind.end_space, end)]
        else:
            pairs = [(kind.space, start)]
        ids = tuple(names_ever(db, layout, space, [key])[0] for space, key in pairs)
        if all(ids):  # else it was about somebody who was erased
            yield Version(source, version, ids, read_props(props))
