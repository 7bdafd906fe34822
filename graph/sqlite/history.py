"""Superseded versions, and a whole store rebuilt from them as it was at a change number."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graph.canonical import content_hashes
from graph.rows import read_props
from graph.sqlite.changes import names_ever
from graph.sqlite.codec import FactReader
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.schema import quoted
from graph.sqlite.write import names_by_key
from graph.store import Batch, Block, Node, Outcome, Store, Superseded, Value

if TYPE_CHECKING:
    from graph.sqlite.engine import SqliteStore

_ROWS = 20_000  # rows of one batch


class Record(NamedTuple):
    """A node (one id) or an edge (two) as it stood."""

    source: str
    version: int
    ids: tuple[str, ...]
    properties: dict[str, Value]


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
    """See `graph.history.rebuild`. The new store's own number is that of the old store then."""
    from graph.sqlite.engine import SqliteStore
    from graph.sqlite.opening import prepare

    prepare(path, store.model)
    made = SqliteStore(path, store.model, store.settings)
    try:
        with store.connections.snapshot() as db:
            _copy(_Past(db, store.layout, number), made)
        _renumber(made, number)
    except BaseException:
        made.close()
        raise
    return made


def _copy(past: _Past, made: Store) -> None:
    """Write everything; rows that refer to later ones wait for these.

    What they wait for in vain is left out: a record of a type without history, as it is now, may refer to what was not
    there then.
    """
    waiting = [
        (kind.name, rest) for kind in past.layout.kinds() if (rest := _write(made, kind.name, past.records(kind)))
    ]
    count = sum(len(rows) for _, rows in waiting)
    while count:
        waiting = [(name, rest) for name, rows in waiting if (rest := _write(made, name, rows))]
        before, count = count, sum(len(rows) for _, rows in waiting)
        if count == before:
            return


def _write(made: Store, type_name: str, records: Iterable[Record]) -> list[Record]:
    """Write records; returns those that refer to what is not there (yet)."""
    missing: list[Record] = []
    rows = iter(records)
    while part := list(islice(rows, _ROWS)):
        by_source: dict[str, list[Record]] = defaultdict(list)
        for record in part:
            by_source[record.source].append(record)
        for source, own in by_source.items():
            (outcomes,) = made.write(Batch(source, None, [_block(type_name, own)])).outcomes
            missing += [own[row] for row in np.flatnonzero(outcomes == Outcome.MISSING).tolist()]
    return missing


def _block(type_name: str, records: Sequence[Record]) -> Block:
    names = sorted({name for record in records for name in record.properties})
    columns: dict[str, list[Any]] = {name: [record.properties.get(name) for record in records] for name in names}
    ends = ("id",) if len(records[0].ids) == 1 else ("from", "to")
    columns |= {end: [record.ids[place] for record in records] for place, end in enumerate(ends)}
    return Block(type_name, columns, [record.version for record in records], content_hashes(columns, names))


class _Past:
    """The records of one store as they were at a change number; of types without history as they are."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, number: int) -> None:
        self.db = db
        self.layout = layout
        self.number = number
        self.names = names_by_key(db, layout)
        self.sources: dict[int, str] = dict(db.execute("SELECT number, name FROM source"))

    def records(self, kind: NodeKind | EdgeKind) -> Iterator[Record]:
        yield from self._edges(kind) if isinstance(kind, EdgeKind) else self._nodes(kind)
        if kind.history:
            yield from self._replaced(kind)

    def _until(self, kind: NodeKind | EdgeKind) -> int:
        """The last change whose rows count."""
        return self.number if kind.history else 2**62

    def _nodes(self, kind: NodeKind) -> Iterator[Record]:
        p = kind.p
        held = ", ".join(["_other", *(quoted(each.name) for each in kind.columns)]) if kind.columnar else "props"
        reader = FactReader(kind, self.names) if kind.columnar else None
        rows = f"{kind.table} WHERE {kind.own} AND {p}change <= ? ORDER BY {p}key"
        query = f"SELECT {p}source, {p}version, {p}id, {held} FROM {rows}"
        for source, version, id, *values in self.db.execute(query, (self._until(kind),)):
            properties = reader.properties(values) if reader else read_props(values[0])
            yield Record(self.sources[source], version, (id,), properties)

    def _edges(self, kind: EdgeKind) -> Iterator[Record]:
        query = "SELECT source, version, start, end, props FROM edge WHERE type = ? AND change <= ? ORDER BY start, end"
        for source, version, start, end, props in self.db.execute(query, (kind.number, self._until(kind))):
            ids = (self.names(kind.start_space, start), self.names(kind.end_space, end))
            yield Record(self.sources[source], version, ids, read_props(props))

    def _replaced(self, kind: NodeKind | EdgeKind) -> Iterator[Record]:
        query = "SELECT source, version, start, end, props FROM history WHERE type = ?1 AND since <= ?2 AND until > ?2"
        for source, version, start, end, props in self.db.execute(query, (kind.number, self.number)).fetchall():
            pairs = (
                [(kind.start_space, start), (kind.end_space, end)]
                if isinstance(kind, EdgeKind)
                else [(kind.space, start)]
            )
            ids = tuple(names_ever(self.db, self.layout, space, [key])[0] for space, key in pairs)
            if all(ids):  # else it was about somebody who was erased
                yield Record(self.sources[source], version, ids, read_props(props))


def _renumber(made: SqliteStore, number: int) -> None:
    """One change record, the one of the number; everything counts as written by it."""
    with made.connections.writing() as db:
        db.execute("DELETE FROM change")
        db.execute("DELETE FROM change_item")
        for table, p in [
            ("node", ""),
            ("edge", ""),
            *(made.layout.table_of(kind.space) for kind in made.layout.facts),
        ]:
            db.execute(f"UPDATE {table} SET {p}change = ?", (number,))
        if number:
            source = db.execute("SELECT min(number) FROM source").fetchone()[0]
            db.execute("INSERT INTO change (number, at, source) SELECT ?, unixepoch(), ?", (number, source))
