"""What a store file keeps beside the graph, read and written as the books of `graph.contents`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from graph.contents import CHANGE_ITEM, HISTORY, KEY, LOAD, TOMBSTONE, Book, Rows
from graph.kinds import NODES
from graph.ledger_rows import HELD_COLUMNS, LOAD_COLUMNS
from graph.sqlite.changes import OPERATIONS
from graph.sqlite.layout import Layout
from graph.sqlite.schema import quoted
from graph.sqlite.sequence import OneSequence

BATCH = 5_000  # rows; more at a time take longer, each

_BY_SOURCE = "JOIN source s ON s.number = r.source"
_BY_TYPE = "JOIN type t ON t.number = r.type"
_SELECT: Mapping[str, str] = {
    "Source": "SELECT name, last_complete, cursors FROM source ORDER BY number",
    "Tombstone": "SELECT r.id, s.name, r.space, r.key, t.name, r.version, r.change "
    f"FROM tombstone r {_BY_SOURCE} {_BY_TYPE} ORDER BY r.space, r.id, r.source",
    "EdgeTombstone": "SELECT t.name, r.start, r.end, s.name, r.version, r.change "
    f"FROM edge_tombstone r {_BY_SOURCE} {_BY_TYPE} ORDER BY r.type, r.start, r.end, r.source",
    "Change": f"SELECT r.number, r.at, s.name, r.load FROM change r {_BY_SOURCE} ORDER BY r.number",
    "ChangeItem": f"SELECT r.change, t.name, r.operation, r.keys FROM change_item r {_BY_TYPE} ORDER BY r.rowid",
    "History": "SELECT t.name, r.since, r.until, s.name, r.version, r.hash, r.props, r.person, r.start, r.end "
    f"FROM history r {_BY_SOURCE} {_BY_TYPE} ORDER BY r.type, r.start, r.end, r.until",
    "Load": f"SELECT {', '.join(LOAD_COLUMNS)} FROM load ORDER BY id",
    "HeldRow": f"SELECT key, name, {', '.join(HELD_COLUMNS)} FROM held_row ORDER BY key",
    "Key": "SELECT id, source, label, created_at, revoked_at, lower(hex(hash)), scopes, org_units FROM api_key "
    "ORDER BY id",
    "Erased": "SELECT at, lower(hex(hash)) FROM erased ORDER BY hash",
}
"""Columns in the order of the books' own."""


def batches(cursor: sqlite3.Cursor) -> Iterator[list[list[Any]]]:
    """Columns of some rows at a time."""
    while rows := cursor.fetchmany(BATCH):
        yield [list(column) for column in zip(*rows, strict=True)]


class BookReader:
    """Reads books; keys become those of the one sequence."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, sequence: OneSequence) -> None:
        self._db = db
        self._layout = layout
        self._sequence = sequence
        self._as_told: Mapping[str, Callable[[Rows], Rows]] = {
            TOMBSTONE.name: self._tombstones,
            CHANGE_ITEM.name: self._items,
            HISTORY.name: self._history,
            LOAD.name: self._loads,
            KEY.name: self._api_keys,
        }

    def read(self, book: Book) -> Iterator[Rows]:
        for columns in batches(self._db.execute(_SELECT[book.name])):
            rows = dict(zip(book.columns, columns, strict=True))
            yield self._as_told.get(book.name, dict)(rows)

    def _tombstones(self, rows: Rows) -> Rows:
        places = zip(rows["space"], rows["key"], strict=True)
        return rows | {"key": [self._sequence.keys(space, [key])[0] for space, key in places]}

    def _items(self, rows: Rows) -> Rows:
        kinds = map(self._layout.kind, rows["type"])
        return rows | {
            "operation": list(map(_OPERATION_NAMES.__getitem__, rows["operation"])),
            "keys": list(map(self._sequence.packed, kinds, rows["keys"])),
        }

    def _history(self, rows: Rows) -> Rows:
        starts: list[int] = []
        ends: list[int] = []
        for name, same in groupby(zip(rows["type"], rows["start"], rows["end"], strict=True), key=itemgetter(0)):
            _, start, end = zip(*same, strict=True)
            found = self._sequence.ends(self._layout.kind(name), start, end)
            starts, ends = starts + found[0], ends + found[1]
        return rows | {"start": starts, "end": ends, "person": self._sequence.keys(NODES, rows["person"])}

    def _loads(self, rows: Rows) -> Rows:
        return rows | {"complete": list(map(bool, rows["complete"]))}

    def _api_keys(self, rows: Rows) -> Rows:
        return rows | {name: [text and tuple(orjson.loads(text)) for text in rows[name]] for name in _LISTS}


class BookWriter:
    """Writes books into an empty file; keys stay as they are told."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._types: dict[str, int] = dict(db.execute("SELECT name, number FROM type"))
        self._sources: dict[str, int] = {}
        self._as_kept: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
            "Tombstone": self._numbers,
            "EdgeTombstone": self._numbers,
            "Change": {"source": self.source},
            "ChangeItem": {"type": self._types.__getitem__, "operation": OPERATIONS.__getitem__},
            "History": self._numbers,
            "Key": {"hash": bytes.fromhex, **dict.fromkeys(_LISTS, _json)},
            "Erased": {"hash": bytes.fromhex},
        }

    @property
    def _numbers(self) -> Mapping[str, Callable[[Any], Any]]:
        return {"source": self.source, "type": self._types.__getitem__}

    def source(self, name: str) -> int:
        """The number of a source name, given out when it is first heard of."""
        found = self._sources.get(name)
        if found is None:
            self._db.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (name,))
            query = "SELECT number FROM source WHERE name = ?"
            found = self._sources[name] = int(self._db.execute(query, (name,)).fetchone()[0])
        return found

    def write(self, book: Book, rows: Rows) -> None:
        """Some rows of a book."""
        made = self._as_kept.get(book.name, {})
        columns = [list(map(made[name], rows[name])) if name in made else rows[name] for name in book.columns]
        names, marks = ", ".join(map(quoted, book.columns)), ", ".join("?" * len(columns))
        query = f"INSERT INTO {_TABLES[book.name]} ({names}) VALUES ({marks})"
        self._db.executemany(query, zip(*columns, strict=True))


_LISTS = ("scopes", "org_units")
_OPERATION_NAMES = {number: name for name, number in OPERATIONS.items()}
_TABLES: Mapping[str, str] = {
    "Source": "source", "Tombstone": "tombstone", "EdgeTombstone": "edge_tombstone", "Change": "change",
    "ChangeItem": "change_item", "History": "history", "Load": "load", "HeldRow": "held_row", "Key": "api_key",
    "Erased": "erased",
}  # fmt: skip


def _json(values: Sequence[str] | None) -> str | None:
    return None if values is None else orjson.dumps(sorted(values)).decode()
