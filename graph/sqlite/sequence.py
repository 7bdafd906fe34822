"""The key sequences of a store file, one a key space, told as one sequence over all of them.

Keys up to `meta.shared_keys` are of one sequence already: they came with contents that the file was made from. Of later
ones each space's follow those of the space before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.keys import pack_keys, unpack_keys
from graph.sqlite.layout import EdgeKind, Kind, Layout

SHARED = "shared_keys"


class OneSequence:
    """Tells the keys of every space in one sequence, whose last is `last`."""

    def __init__(self, db: sqlite3.Connection, layout: Layout) -> None:
        row = db.execute("SELECT value FROM meta WHERE name = ?", (SHARED,)).fetchone()
        last: dict[str, int] = dict(db.execute("SELECT name, last FROM space"))
        self.shared = int(row[0]) if row else 0
        self.last = self.shared
        self._before: dict[str, int] = {}
        for space in layout.spaces:
            self._before[space] = self.last - self.shared
            self.last += max(last[space] - self.shared, 0)

    def keys(self, space: str, keys: Iterable[Any]) -> list[Any]:
        """Keys of a space; None and 0 stay."""
        before, shared = self._before[space], self.shared
        return [key + before if key and key > shared else key for key in keys]

    def told(self, space: str, column: str) -> str:
        """The SQL expression of what `keys` makes of a column."""
        before = self._before[space]
        return f"iif({column} > {self.shared}, {column} + {before}, {column})" if before else column

    def ends(self, kind: Kind, starts: Iterable[int], ends: Iterable[int]) -> tuple[list[int], list[int]]:
        """The keys of edges' ends; of nodes the first only, the second is 0."""
        if isinstance(kind, EdgeKind):
            return self.keys(kind.start_space, starts), self.keys(kind.end_space, ends)
        return self.keys(kind.space, starts), list(ends)

    def packed(self, kind: Kind, keys: bytes) -> bytes:
        """A list of keys as change records keep it."""
        found = unpack_keys(keys, isinstance(kind, EdgeKind))
        if isinstance(kind, EdgeKind):
            before: NDArray[np.int64] | int = np.array([self._before[kind.start_space], self._before[kind.end_space]])
        else:
            before = self._before[kind.space]
        return pack_keys(np.where(found > self.shared, found + before, found))
