"""Writing one batch inside the caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graph.keys import pack_keys
from graph.ledger_rows import cursors_text
from graph.lookup import Ints, key_of
from graph.merge import REMOVED
from graph.rows import props_text, read_props
from graph.sqlite.changes import OPERATIONS
from graph.sqlite.codec import FactReader, Names
from graph.sqlite.layout import Kind, Layout, NodeKind
from graph.sqlite.lookup import Lookup
from graph.sqlite.schema import quoted
from graph.sqlite.statistics import note_written


class Writing:
    """What the parts of one batch share: its change number, what changed, and what was let go of."""

    def __init__(self, look: Lookup, source: str, load: int | None, at: int) -> None:
        self.look = look
        self.db = db = look.db
        self.layout = layout = look.layout
        self.load = load
        self.at = at
        self.number = number_of(db) + 1
        self.source = source_number(db, source)
        self.touched = False
        self.leaving = {space: leaving_keys(db, layout, space) for space in layout.spaces}
        self.released: dict[str, set[int]] = defaultdict(set)
        self._items: dict[tuple[int, str], list[Ints]] = defaultdict(list)

    def note(self, kind: Kind, operation: str, keys: Ints | Sequence[Any]) -> None:
        """These nodes (keys) or edges (pairs of keys) go into the change record."""
        array = np.asarray(keys, np.int64)
        if len(array):
            self._items[kind.number, operation].append(array)

    def finish(self) -> int | None:
        """Write the change record; None when nothing in the graph changed."""
        if self.touched or self._items:
            self.db.execute("UPDATE meta SET value = value + 1 WHERE name = 'writes'")
        if not self._items:
            return None
        note_written(self.db, sum(len(keys) for noted in self._items.values() for keys in noted))
        record = (self.number, self.at, self.source, self.load)
        self.db.execute("INSERT INTO change (number, at, source, load) VALUES (?, ?, ?, ?)", record)
        self.db.executemany(
            "INSERT INTO change_item (change, type, operation, keys) VALUES (?, ?, ?, ?)",
            (
                (self.number, kind, OPERATIONS[operation], pack_keys(np.concatenate(keys)))
                for (kind, operation), keys in self._items.items()
            ),
        )
        return self.number

    def go_on_from(self, cursors: Mapping[str, str] | None) -> None:
        """Keep where the next pull of the source goes on."""
        if cursors is not None:
            text = cursors_text(cursors)
            self.db.execute("UPDATE source SET cursors = ? WHERE number = ?", (text, self.source))

    def new_keys(self, space: str, count: int) -> Ints:
        """Keys that no node of the space ever had."""
        last = self.db.execute("SELECT last FROM space WHERE name = ?", (space,)).fetchone()[0]
        self.db.execute("UPDATE space SET last = ? WHERE name = ?", (last + count, space))
        return np.arange(last + 1, last + 1 + count, dtype=np.int64)

    def keys(self, space: str, ids: Sequence[Any]) -> list[Any]:
        """Keys of ids that are there; None stays None."""
        distinct = set(ids) - {None}
        known = self.look.resolve(space, distinct)
        keys: dict[Any, Any] = {id: key_of(known[id]) for id in distinct}
        keys[None] = None
        return list(map(keys.__getitem__, ids))

    def release(self, space: str, keys: Iterable[int]) -> None:
        """Note what is referred to less now: a retired node among it may go."""
        if self.leaving[space]:
            self.released[space].update(self.leaving[space].intersection(keys))

    def keep(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Put superseded versions (type, start, end, since, source, version, hash, props, person) into the history.

        What was written in this very batch was never seen.
        """
        self.db.executemany(
            f"INSERT INTO history (type, start, end, since, until, source, version, hash, props, person) "
            f"VALUES (?, ?, ?, ?, {self.number}, ?, ?, ?, ?, ?)",
            (row for row in rows if row[3] < self.number),
        )

    def refer(self, kind: Kind, start: int, end: int, properties: Mapping[str, Any], forget: bool = False) -> None:
        """Note, or forget, the references inside JSON properties of a node (end 0) or an edge."""
        for name, reference in kind.in_json.items():
            value = properties.get(name)
            ids = value if isinstance(value, tuple | list) else (value,) if value else ()
            targets = self.keys_there(reference.space, ids)
            rows = [(key, kind.number, name, start, end) for key in targets]
            if forget:
                query = "DELETE FROM reference WHERE target = ? AND type = ? AND property = ? AND start = ? AND end = ?"
                self.release(reference.space, targets)
            else:
                query = "INSERT OR IGNORE INTO reference (target, type, property, start, end) VALUES (?, ?, ?, ?, ?)"
            self.db.executemany(query, rows)

    def keys_there(self, space: str, ids: Iterable[str]) -> list[int]:
        """Keys of those ids that are there (erasure may have taken one away)."""
        asked = list(ids)
        known = self.look.resolve(space, asked)
        return [key_of(known[id]) for id in asked if id in known]


NUMBER = "SELECT coalesce(max(number), 0) FROM change"


def number_of(db: sqlite3.Connection) -> int:
    """The last change number."""
    return int(db.execute(NUMBER).fetchone()[0])


def writes_of(db: sqlite3.Connection) -> int:
    """Moves with every write that a plan may depend on."""
    return int(db.execute("SELECT value FROM meta WHERE name = 'writes'").fetchone()[0])


def source_number(db: sqlite3.Connection, name: str) -> int:
    """The number of a source name, given out when it is first heard of."""
    db.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (name,))
    return int(db.execute("SELECT number FROM source WHERE name = ?", (name,)).fetchone()[0])


def leaving_keys(db: sqlite3.Connection, layout: Layout, space: str) -> set[int]:
    """Removed nodes that others still refer to."""
    table, p = layout.table_of(space)
    return {key for (key,) in db.execute(f"SELECT {p}key FROM {table} WHERE {p}hash = {REMOVED}")}


def names_by_key(db: sqlite3.Connection, layout: Layout) -> Names:
    """The id of a key, looked up once."""
    known: dict[tuple[str, int], str] = {}

    def name(space: str, key: int) -> str:
        found = known.get((space, key))
        if found is None:
            table, p = layout.table_of(space)
            row = db.execute(f"SELECT {p}id FROM {table} WHERE {p}key = ?", (key,)).fetchone()
            found = known[space, key] = row[0] if row else ""
        return found

    return name


def old_rows(db: sqlite3.Connection, layout: Layout, kind: NodeKind, keys: Iterable[int]) -> list[OldRow]:
    """Nodes of one type as they are held now, in key order."""
    columns = ", ".join(f"n.{quoted(each.name)}" for each in kind.columns)
    held = f"n._other, {columns}" if kind.columnar else "n.props"
    p, person = kind.p, layout.person_of(kind, "n") or "0"
    query = (
        f"SELECT n.{p}key, n.{p}id, n.{p}change, n.{p}source, n.{p}version, n.{p}hash, {person}, {held} "
        f"FROM json_each(?) j CROSS JOIN {kind.table} n ON n.{p}key = j.value"
    )
    reader = FactReader(kind, names_by_key(db, layout)) if kind.columnar else None
    found = db.execute(query, (json.dumps(sorted(keys)),))
    return [OldRow(row[:7], _read(reader, row[7:]), row[7:]) for row in found]


def _read(reader: FactReader | None, row: Sequence[Any]) -> dict[str, Any]:
    return reader.properties(row) if reader else dict(read_props(row[0]))


class OldRow:
    """A node as it was before this batch; `columns` are a fact's SQL values."""

    __slots__ = ("change", "columns", "hash", "id", "key", "person", "properties", "source", "version")

    def __init__(self, head: Sequence[Any], properties: dict[str, Any], columns: Sequence[Any]) -> None:
        self.key, self.id, self.change, self.source, self.version, self.hash, person = head
        self.person: int = person or 0
        self.properties, self.columns = properties, columns

    def history(self, kind: NodeKind) -> tuple[Any, ...]:
        """The row as `Writing.keep` takes it."""
        props = props_text(self.properties, "{}")
        return kind.number, self.key, 0, self.change, self.source, self.version, self.hash, props, self.person
