"""Finding many rows by a few statements: ids to keys, and what is held of the rows of a block.

Ids travel as one JSON text, sorted: neighbours in the index are found together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from graph.kinds import NODES
from graph.lookup import HeldEdges, HeldNodes, Ints, Known, packed
from graph.merge import REMOVED, Held
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.referrers import referred

_PAIR_BITS = 31  # an edge's two keys in one JSON integer
_PAIR_MASK = (1 << _PAIR_BITS) - 1


def prefixes(ids: Sequence[str]) -> set[str]:
    """What stands before the colon. Where the first and the last id in order begin alike, so do all between."""
    if not ids:
        return set()
    first, last = min(ids).partition(":")[:2], max(ids).partition(":")[:2]
    return {first[0]} if first == last and first[1] else {id.partition(":")[0] for id in ids}


class Lookup:
    """Questions to one connection inside one transaction."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, known: Known) -> None:
        self.db = db
        self.layout = layout
        self.known = known

    def source(self, name: str) -> int:
        """The number of a source name, 0 for one that never stated anything."""
        row = self.db.execute("SELECT number FROM source WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def resolve(self, space: str, ids: Iterable[str]) -> dict[str, int]:
        """The remembered ids of a space, those asked for among them wherever they are in the store."""
        known = self.known.of(space)
        asked = set(ids).difference(known)
        if asked:
            known.update(self._packed(space, asked))
        return known

    def _packed(self, space: str, ids: Iterable[str]) -> Iterable[tuple[str, int]]:
        chosen = list(ids)
        if space == NODES and len(chosen) == 1 and chosen[0].isascii():  # a list of one takes three times as long
            query = "SELECT id, key, type FROM node WHERE id = ?"
            return ((id, packed(key, kind)) for id, key, kind in self.db.execute(query, chosen))
        if space == NODES:
            query = "SELECT n.id, n.key, n.type FROM json_each(?) j CROSS JOIN node n ON n.id = j.value"
            return ((id, packed(key, kind)) for id, key, kind in self.db.execute(query, (_json(sorted(chosen)),)))
        kind = self.layout.node_kind(space)
        query = f"SELECT n._id, n._key FROM json_each(?) j CROSS JOIN {kind.table} n ON n._id = j.value"
        return ((id, packed(key, kind.number)) for id, key in self.db.execute(query, (_json(sorted(chosen)),)))

    def elsewhere(self, space: str, ids: Sequence[str]) -> set[str]:
        """Which ids are nodes of another space; a space none of whose ids begins so is not asked."""
        begins = prefixes(ids)
        query = "SELECT DISTINCT space FROM prefix WHERE space <> ? AND prefix IN (SELECT value FROM json_each(?))"
        spaces = self.db.execute(query, (space, _json(sorted(begins)))).fetchall()
        found: set[str] = set()
        for (other,) in spaces:
            table, p = self.layout.table_of(other)
            query = f"SELECT n.{p}id FROM json_each(?) j CROSS JOIN {table} n ON n.{p}id = j.value"
            found.update(id for (id,) in self.db.execute(query, (_json(sorted(ids)),)))
        return found

    def nodes(self, kind: NodeKind, ids: Sequence[str], source: int) -> HeldNodes:
        """What is held of nodes; a table that cannot hold any of them is not searched."""
        rows = len(ids)
        there, tombs = self._live_nodes(kind, ids), self._tombstones(kind, ids, source)
        known, live = np.zeros(rows, bool), np.zeros(rows, bool)
        keys, versions, hashes, sources = (np.zeros(rows, np.int64) for _ in range(4))
        other_type, left = np.zeros(rows, bool), np.zeros(rows, bool)
        at, key, own, version = tombs.T
        keys[at] = key
        at, version = at[own == 1], version[own == 1]
        known[at], versions[at], hashes[at] = True, version, REMOVED
        at, key, type_number, owner, _, digest = there.T
        keys[at], sources[at], left[at] = key, owner, (owner != source) & (digest == REMOVED)
        other_type[at] = type_number != kind.number
        at, _, _, owner, version, digest = there[~left[at]].T
        live[at], known[at], versions[at], hashes[at] = True, True, version, digest
        foreign = live & (sources != source)
        return HeldNodes(Held(known, live, versions, hashes), keys, foreign, sources, other_type, left)

    def _live_nodes(self, kind: NodeKind, ids: Sequence[str]) -> Ints:
        """(row, key, type, source, version, hash)."""
        if not ids or self._all_new(kind, ids):
            return np.zeros((0, 6), np.int64)
        p, type_column = kind.p, kind.number if kind.columnar else "n.type"
        query = (
            f"SELECT j.key, n.{p}key, {type_column}, n.{p}source, n.{p}version, n.{p}hash "
            f"FROM json_each(?) j CROSS JOIN {kind.table} n ON n.{p}id = j.value"
        )
        return self._by_id(query, ids, 6)

    def _all_new(self, kind: NodeKind, ids: Sequence[str]) -> bool:
        """Whether the table is empty, or every id lies past its last: then nothing of them can be there."""
        last = self.db.execute(f"SELECT max({kind.p}id) FROM {kind.table}").fetchone()[0]
        return last is None or last < min(ids)

    def _tombstones(self, kind: NodeKind, ids: Sequence[str], source: int) -> Ints:
        """(row, key, 1 if it is of this source, version)."""
        if self.db.execute("SELECT 1 FROM tombstone WHERE space = ? LIMIT 1", (kind.space,)).fetchone() is None:
            return np.zeros((0, 4), np.int64)
        query = (
            "SELECT j.key, t.key, t.source = ?3, t.version FROM json_each(?1) j "
            "CROSS JOIN tombstone t ON t.space = ?2 AND t.id = j.value"
        )
        return self._by_id(query, ids, 4, kind.space, source)

    def _by_id(self, query: str, ids: Sequence[str], width: int, *more: Any) -> Ints:
        order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
        found = _table(self.db.execute(query, (_json([ids[row] for row in order.tolist()]), *more)), width)
        found[:, 0] = order[found[:, 0]]
        return found

    def edges(self, kind: EdgeKind, starts: Ints, ends: Ints, ids: Sequence[tuple[str, str]], source: int) -> HeldEdges:
        """What is held of edges between keys (0: no such node, so no such edge)."""
        rows = len(starts)
        known, live, others = (np.zeros(rows, bool) for _ in range(3))
        versions, hashes, first, other_hashes, other_sources = (np.zeros(rows, np.int64) for _ in range(5))
        for at, version in self._edge_tombstones(kind, ids, source):
            known[at], versions[at], hashes[at] = True, version, REMOVED
        for table in ("statement", "edge"):
            at, owner, version, digest = self._statements(table, kind, starts, ends).T
            own = owner == source
            known[at[own]] = live[at[own]] = True
            versions[at[own]], hashes[at[own]] = version[own], digest[own]
            others[at[~own]] = True
            other_hashes[at[~own]], other_sources[at[~own]] = digest[~own], owner[~own]
            if table == "edge":
                first[at] = owner
        return HeldEdges(Held(known, live, versions, hashes), first, others, other_hashes, other_sources)

    def _statements(self, table: str, kind: EdgeKind, starts: Ints, ends: Ints) -> Ints:
        """(row, source, version, hash)."""
        if self.db.execute(f"SELECT 1 FROM {table} WHERE type = ? LIMIT 1", (kind.number,)).fetchone() is None:
            return np.zeros((0, 4), np.int64)
        both = np.flatnonzero((starts > 0) & (ends > 0))
        order = both[np.lexsort((ends[both], starts[both]))]
        pairs = starts[order] << _PAIR_BITS | ends[order]
        query = (
            f"SELECT j.key, e.source, e.version, e.hash FROM json_each(?1) j CROSS JOIN {table} e ON e.type = ?2 "
            f"AND e.start = j.value >> {_PAIR_BITS} AND e.end = j.value & {_PAIR_MASK}"
        )
        found = _table(self.db.execute(query, (_json(pairs.tolist()), kind.number)), 4)
        found[:, 0] = order[found[:, 0]]
        return found

    def _edge_tombstones(
        self, kind: EdgeKind, ids: Sequence[tuple[str, str]], source: int
    ) -> Iterable[tuple[int, int]]:
        """(row, version)."""
        if self.db.execute("SELECT 1 FROM edge_tombstone WHERE type = ? LIMIT 1", (kind.number,)).fetchone() is None:
            return []
        query = (
            "SELECT j.key, t.version FROM json_each(?1) j CROSS JOIN edge_tombstone t ON t.type = ?2 AND t.source = ?3 "
            "AND t.start = json_extract(j.value, '$[0]') AND t.end = json_extract(j.value, '$[1]')"
        )
        return self.db.execute(query, (_json(ids), kind.number, source)).fetchall()

    def referred(self, kind: NodeKind, keys: Sequence[int]) -> set[int]:
        """See `graph.sqlite.referrers`."""
        return referred(self.db, self.layout, kind, keys)


def _table(rows: Iterable[Sequence[int]], width: int) -> Ints:
    """Rows of integers as an array of `width` columns, also when there are none."""
    return np.array(list(rows), np.int64).reshape(-1, width)


def _json(values: Any) -> str:
    return json.dumps(values, separators=(",", ":"))
