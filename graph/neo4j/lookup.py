"""Finding many rows by a few statements: ids to keys, and what is held of the rows of a block.

Each statement takes lists and gives one record of columns: the driver reads them ten times faster than a record a row.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graph.kinds import EdgeKind, NodeKind
from graph.lookup import HeldEdges, HeldNodes, Ints, Known, packed
from graph.merge import REMOVED, Held
from graph.neo4j.cypher import MOST_ROWS, Layout, quoted
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
_EDGES = (
    "UNWIND range(0, size($starts) - 1) AS i "
    "MATCH (a:Resource {{_key: $starts[i]}}) MATCH (b:Resource {{_key: $ends[i]}}) MATCH (a)-[r:{0}]->(b) "
    "WITH i, r, [place IN range(0, size(r._sources) - 1) WHERE r._sources[place] = $source][0] AS own "
    "RETURN collect(i), collect(r._hash), collect(r._sources[0]), collect(coalesce(r._sources[1], '')), "
    "collect(CASE WHEN own IS NULL THEN 0 ELSE 1 END), collect(coalesce(r._versions[own], 0))"
)
_EDGE_TOMBSTONES = (
    "UNWIND range(0, size($starts) - 1) AS i "
    "MATCH (t:_EdgeTombstone {type: $type, start: $starts[i], end: $ends[i], source: $source}) "
    "RETURN collect(i), collect(t.version)"
)


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
                found = self._numbers.setdefault(name, len(self.names))
                if found == len(self.names):
                    self.names.append(name)
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
        at, digest, owner, second, states, version = self._statements(
            kind, starts, ends if count else np.zeros_like(ends), source
        )
        first[at] = owner
        own = states == 1
        known[at[own]] = live[at[own]] = True
        versions[at[own]], hashes[at[own]] = version[own], digest[own]
        other = np.where(owner == source, second, owner)
        at, other, digest = at[other > 0], other[other > 0], digest[other > 0]
        others[at], other_hashes[at], other_sources[at] = True, digest, other
        return HeldEdges(Held(known, live, versions, hashes), first, others, other_hashes, other_sources)

    def _statements(self, kind: EdgeKind, starts: Ints, ends: Ints, source: int) -> Iterable[Ints]:
        """(row, hash, first source, another, 1 if this source states it too, its version)."""
        both = np.flatnonzero((starts > 0) & (ends > 0))
        order = both[np.lexsort((ends[both], starts[both]))]
        pairs = {"starts": starts[order].tolist(), "ends": ends[order].tolist()}
        query, name = _EDGES.format(quoted(kind.name)), self._sources.names[source]
        at, digests, first, second, own, versions = self._columns(query, 6, pairs, source=name)
        sources = map(self._sources.of, (first, second))
        return order[_ints(at)], _ints(digests), *sources, _ints(own), _ints(versions)

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
