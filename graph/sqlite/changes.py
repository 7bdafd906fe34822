"""Change records: what each committed batch touched, as lists of keys that become ids when they are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, cast

import numpy as np
import orjson

from graph.keys import unpack_keys
from graph.sqlite.layout import EdgeKind, Layout
from graph.store import Change, ChangeItem

Operation = Literal["added", "changed", "removed", "erased"]
OPERATIONS: dict[str, int] = {"added": 1, "changed": 2, "removed": 3, "erased": 4}
_NAMES = {number: name for name, number in OPERATIONS.items()}


def read_changes(db: sqlite3.Connection, layout: Layout, since: int, limit: int) -> list[Change]:
    """Change records after a number, in order."""
    return [replace(each, items=_items(db, layout, each.number)) for each in read_heads(db, since, limit)]


def read_heads(db: sqlite3.Connection, since: int, limit: int) -> list[Change]:
    """The same without their items."""
    rows = db.execute(
        "SELECT c.number, c.at, s.name, c.load FROM change c JOIN source s ON s.number = c.source "
        "WHERE c.number > ? ORDER BY c.number LIMIT ?",
        (since, limit),
    ).fetchall()
    return [Change(number, at, source, load, ()) for number, at, source, load in rows]


def _items(db: sqlite3.Connection, layout: Layout, number: int) -> tuple[ChangeItem, ...]:
    query = "SELECT type, operation, keys FROM change_item WHERE change = ? ORDER BY type, operation"
    items = []
    for kind_number, operation, blob in db.execute(query, (number,)).fetchall():
        kind = layout.numbered(kind_number)
        if isinstance(kind, EdgeKind):
            starts, ends = unpack_keys(blob, edges=True).T
            names = zip(
                names_ever(db, layout, kind.start_space, starts.tolist()),
                names_ever(db, layout, kind.end_space, ends.tolist()),
                strict=True,
            )
            ids = tuple(f"{start} {end}" for start, end in names if start and end)
        else:
            ids = tuple(filter(None, names_ever(db, layout, kind.space, unpack_keys(blob, edges=False).tolist())))
        items.append(ChangeItem(kind.name, cast(Operation, _NAMES[operation]), ids))
    return tuple(items)


def names_ever(db: sqlite3.Connection, layout: Layout, space: str, keys: Sequence[int]) -> list[str]:
    """Ids of keys, removed nodes too; "" for what was erased."""
    found = names_now(db, layout, space, keys)
    lost = sorted({key for key, name in zip(keys, found, strict=True) if not name})
    if not lost:
        return found
    removed: dict[int, str] = {}
    for key in lost:
        row = db.execute("SELECT id FROM tombstone WHERE space = ? AND key = ? LIMIT 1", (space, key)).fetchone()
        removed[key] = row[0] if row else ""
    return [name or removed[key] for key, name in zip(keys, found, strict=True)]


def names_now(db: sqlite3.Connection, layout: Layout, space: str, keys: Sequence[int]) -> list[str]:
    """Ids of keys; "" for a key that is gone.

    They come as one row: after each row another thread may go on, and does for five milliseconds.
    """
    table, p = layout.table_of(space)
    distinct = np.unique(np.asarray(keys, np.int64)).tolist()
    named = f"SELECT json_group_object(n.{p}key, n.{p}id)"
    query = f"{named} FROM json_each(?) j CROSS JOIN {table} n ON n.{p}key = j.value"
    (found,) = db.execute(query, ("[" + ",".join(map(str, distinct)) + "]",)).fetchone()
    known: dict[str, str] = orjson.loads(found)
    return [known.get(str(key), "") for key in keys]
