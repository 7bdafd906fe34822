"""Finding many rows by a few statements: ids to keys, and what is held of the rows of a block.

Each statement takes lists and gives one record of columns: the driver reads them ten times faster than a record a row.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.kinds import EdgeKind, NodeKind
from graph.lookup import Flags, HeldEdges, HeldNodes, Ints, Known, packed
from graph.merge import REMOVED, Held
from graph.neo4j.cypher import MOST_ROWS, Layout, parts, quoted, sources, versions
from graph.neo4j.referrers import Ask, referred

_TYPE = "coalesce([label IN labels(n) WHERE $types[label] IS NOT NULL | $types[label]][0], 0)"
_RESOLVE = (
    "UNWIND range(0, size($ids) - 1) AS i MATCH (n:Resource {id: $ids[i]}) "
    f"RETURN collect(i), collect(n._key), collect({_TYPE})"
)
_NODES = (
    "UNWIND range(0, size($ids) - 1) AS i MATCH (n:Resource {id: $ids[i]}) "
    f"RETURN collect(i), collect(n._key), collect({_TYPE}), collect(n._source), collect(n._version), collect(n._hash)"
)
# Counts are kept by the database, so they are had for nothing: where nothing is, nothing is looked for.
_TOMBSTONE_COUNT = "RETURN COUNT { (:_Tombstone) }"
_TOMBSTONES = (
    "UNWIND range(0, size($ids) - 1) AS i "
    "MATCH (t:_Tombstone {id: $ids[i]}) WHERE t.space = $space AND t.source IS NOT NULL "
    "RETURN collect(i), collect(t.key), collect(CASE t.source WHEN $source THEN 1 ELSE 0 END), collect(t.version)"
)
_EDGE_COUNTS = "RETURN COUNT {{ ()-[:{0}]->() }}, COUNT {{ (:_EdgeTombstone) }}"
_EDGES = (  # start by start: to look for an edge between two nodes costs five times as much
    "UNWIND $rows AS row MATCH (:Resource {{_key: row[0]}})-[r:{0}]->(b) "
    "WITH r, row[0] AS start, b._key AS end, row[1] AS ends WHERE end IN ends "
    "RETURN collect(start), collect(end), collect(r._hash), collect(r._source), collect(r._version), "
    f"collect(CASE WHEN r._also IS NOT NULL THEN [start, end, {sources('r')}, {versions('r')}] END)"
)
_EDGE_TOMBSTONES = (
    "UNWIND range(0, size($starts) - 1) AS i "
    "MATCH (t:_EdgeTombstone {type: $type, start: $starts[i], end: $ends[i], source: $source}) "
    "RETURN collect(i), collect(t.version)"
)


_PAIR_BITS = 31  # a pair of keys in one integer
_PAIR_MASK = (1 << _PAIR_BITS) - 1


@dataclass(slots=True)
class _Statements:
    """Edges that are there, by packed pair, ascending: who states them as one source sees it."""

    pairs: Ints
    hashes: Ints
    first: Ints
    versions: Ints  # the first source's; of those that are `own`, this source's
    own: Flags
    others: Ints  # a source that states it too, 0 for none

    def share(self, pair: int, stated: Mapping[int, int], source: int) -> None:
        """Several sources state an edge, each its version."""
        at = np.searchsorted(self.pairs, pair)
        self.own[at] = source in stated
        self.versions[at] = stated.get(source, 0)
        self.others[at] = next(other for other in stated if other != source)


class SourceNumbers:
    """Sources by number in this process, since a plan compares numbers; in the database they are names."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {"": 0}
        self.names: list[str] = [""]

    def __getitem__(self, name: str) -> int:
        found = self._numbers.get(name)
        if found is None:
            with self._lock:
                found = self._numbers.get(name)
                if found is None:
                    self.names.append(name)
                    found = self._numbers[name] = len(self.names) - 1
        return found

    def of(self, names: Sequence[str]) -> Ints:
        """The number of each."""
        return np.fromiter(map(self.__getitem__, names), np.int64, len(names))


class Lookup:
    """See `graph.lookup.Lookup`. To be used within one state of the store."""

    def __init__(self, ask: Ask, layout: Layout, known: Known, sources: SourceNumbers) -> None:
        self.layout = layout
        self.known = known
        self._ask = ask
        self._sources = sources
        self._asked: set[str] = set()  # ids that were looked for

    def source(self, name: str) -> int:
        return self._sources[name]

    def resolve(self, space: str, ids: Iterable[str]) -> dict[str, int]:
        known = self.known.of(space)
        asked = set(ids).difference(known, self._asked)
        if asked:
            self._find(asked)
        return known

    def elsewhere(self, space: str, ids: Sequence[str]) -> set[str]:
        unknown = set(ids).difference(self._asked)
        if unknown:
            self._find(unknown)
        others = [self.known.of(other).keys() for other in self.layout.spaces if other != space]
        return {id for other in others for id in other & set(ids)}

    def _find(self, ids: set[str]) -> None:
        """Learn keys and types of ids, in whatever space they are."""
        asked = sorted(ids)
        at, keys, types = self._columns(_RESOLVE, 3, {"ids": asked}, types=self.layout.numbers)
        self._learn((asked[row] for row in at), keys, types)
        self._asked |= ids

    def _learn(self, ids: Iterable[str], keys: Iterable[int], types: Iterable[int]) -> None:
        spaces = {kind.number: self.known.of(kind.space) for kind in self.layout.nodes.values()}
        for id, key, type_number in zip(ids, keys, types, strict=True):
            if type_number:
                spaces[type_number][id] = packed(key, type_number)

    def nodes(self, kind: NodeKind, ids: Sequence[str], source: int) -> HeldNodes:
        rows = len(ids)
        known, live = np.zeros(rows, bool), np.zeros(rows, bool)
        keys, versions, hashes, sources = (np.zeros(rows, np.int64) for _ in range(4))
        other_type, left = np.zeros(rows, bool), np.zeros(rows, bool)
        at, key, own, version = self._tombstones(kind, ids, source)
        keys[at] = key
        at, version = at[own == 1], version[own == 1]
        known[at], versions[at], hashes[at] = True, version, REMOVED
        at, key, type_number, owner, version, digest = self._live_nodes(kind, ids)
        keys[at], sources[at], left[at] = key, owner, (owner != source) & (digest == REMOVED)
        other_type[at] = type_number != kind.number
        stays = ~left[at]
        at = at[stays]
        live[at], known[at], versions[at], hashes[at] = True, True, version[stays], digest[stays]
        return HeldNodes(
            Held(known, live, versions, hashes), keys, live & (sources != source), sources, other_type, left
        )

    def _live_nodes(self, kind: NodeKind, ids: Sequence[str]) -> Iterable[Ints]:
        """(row, key, type, source, version, hash) of the nodes in the kind's own space."""
        at, keys, types, owners, *rest = self._columns(_NODES, 6, {"ids": ids}, types=self.layout.numbers)
        self._learn((ids[row] for row in at), keys, types)
        self._asked.update(ids)
        columns = (_ints(at), _ints(keys), _ints(types), self._sources.of(owners), *map(_ints, rest))
        own = np.isin(columns[2], [each.number for each in self.layout.nodes.values() if each.space == kind.space])
        return (column[own] for column in columns)

    def _tombstones(self, kind: NodeKind, ids: Sequence[str], source: int) -> Iterable[Ints]:
        """(row, key, 1 if it is of this source, version)."""
        ((count,),) = self._ask(_TOMBSTONE_COUNT)
        chosen = {"ids": ids if count else []}
        found = self._columns(_TOMBSTONES, 4, chosen, space=kind.space, source=self._sources.names[source])
        return map(_ints, found)

    def edges(self, kind: EdgeKind, starts: Ints, ends: Ints, ids: Sequence[tuple[str, str]], source: int) -> HeldEdges:
        rows = len(starts)
        ((count, buried),) = self._ask(_EDGE_COUNTS.format(quoted(kind.name)))
        known, live, others = (np.zeros(rows, bool) for _ in range(3))
        versions, hashes, first, other_hashes, other_sources = (np.zeros(rows, np.int64) for _ in range(5))
        at, version = self._edge_tombstones(kind, ids if buried else (), source)
        known[at], versions[at], hashes[at] = True, version, REMOVED
        pairs = np.where((starts > 0) & (ends > 0) & (count > 0), starts << _PAIR_BITS | ends, 0)
        there = self._statements(kind, pairs, source)
        at = np.flatnonzero(np.isin(pairs, there.pairs))
        place = np.searchsorted(there.pairs, pairs[at])
        first[at] = there.first[place]
        own = there.own[place]
        known[at[own]] = live[at[own]] = True
        versions[at[own]], hashes[at[own]] = there.versions[place][own], there.hashes[place][own]
        shared = there.others[place] > 0
        at, place = at[shared], place[shared]
        others[at], other_hashes[at], other_sources[at] = True, there.hashes[place], there.others[place]
        return HeldEdges(Held(known, live, versions, hashes), first, others, other_hashes, other_sources)

    def _statements(self, kind: EdgeKind, pairs: Ints, source: int) -> _Statements:
        """The edges that are there of packed pairs of keys."""
        query = _EDGES.format(quoted(kind.name))
        columns: list[list[Any]] = [[] for _ in range(6)]
        asked = np.unique(pairs[pairs > 0])
        for some in parts(asked):
            for column, values in zip(columns, self._ask(query, rows=_by_start(some))[0], strict=True):
                column.extend(values)
        starts, ends, hashes, first, versions, several = columns
        found = _ints(starts) << _PAIR_BITS | _ints(ends)
        order = np.argsort(found)
        owners = self._sources.of(first)[order]
        own = owners == source
        there = _Statements(
            found[order], _ints(hashes)[order], owners, _ints(versions)[order], own, np.where(own, 0, owners)
        )
        for start, end, names, stated in several:
            numbers = self._sources.of(names).tolist()
            there.share(start << _PAIR_BITS | end, dict(zip(numbers, stated, strict=True)), source)
        return there

    def _edge_tombstones(self, kind: EdgeKind, ids: Sequence[tuple[str, str]], source: int) -> Iterable[Ints]:
        """(row, version)."""
        pairs = {"starts": [start for start, _ in ids], "ends": [end for _, end in ids]}
        found = self._columns(_EDGE_TOMBSTONES, 2, pairs, type=kind.name, source=self._sources.names[source])
        return map(_ints, found)

    def _columns(
        self, query: str, width: int, lists: Mapping[str, Sequence[Any]], **parameters: Any
    ) -> list[list[Any]]:
        """What a query gives of the rows of some lists, column by column; the first column is the row."""
        found: list[list[Any]] = [[] for _ in range(width)]
        for start in range(0, len(next(iter(lists.values()))), MOST_ROWS):
            some = {name: values[start : start + MOST_ROWS] for name, values in lists.items()}
            ((at, *columns),) = self._ask(query, **some, **parameters)
            for column, values in zip(found, ([start + row for row in at], *columns), strict=True):
                column.extend(values)
        return found

    def referred(self, kind: NodeKind, keys: Sequence[int]) -> set[int]:
        """See `graph.neo4j.referrers`."""
        return referred(self._ask, self.layout, kind, keys)


def _ints(column: list[int]) -> Ints:
    return np.array(column, np.int64)


def _by_start(pairs: Ints) -> list[tuple[int, list[int]]]:
    """Packed pairs in order as each start with its ends."""
    starts, ends = pairs >> _PAIR_BITS, pairs & _PAIR_MASK
    distinct, places = np.unique(starts, return_index=True)
    return list(zip(distinct.tolist(), (each.tolist() for each in np.split(ends, places[1:])), strict=True))
