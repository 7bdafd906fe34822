"""Whole types as column batches, read in ranges of keys of which two are under way at a time.

A statement gives one record with a list a column, which the driver reads ten times faster than a record a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graph.columns import BATCH, Array, Where, check_columns, integers, not_by
from graph.kinds import EdgeKind, NodeKind
from graph.neo4j.cypher import Layout, parts, quoted
from graph.neo4j.names import known_now
from graph.neo4j.ranges import key_ranges, nodes_for
from graph.neo4j.states import Reading, States
from graph.neo4j.tables import edge_table, node_table
from graph.store import Columns

_REMEMBERED = 1000  # keys that a scan is narrowed by, whose rows may well be asked for again

Arrays = dict[str, Array]


class Scanner:
    """Scans of a store: inside a snapshot of its state, else of one state that is known to have stayed at the end."""

    def __init__(self, states: States, layout: Layout) -> None:
        self._states = states
        self._layout = layout

    def scan(self, kind: NodeKind | EdgeKind, columns: Sequence[str], where: Where | None) -> Iterator[Columns]:
        """Batches in key order; outside of snapshots it raises `Moved` at the end when others wrote meanwhile."""
        check_columns(kind, columns)
        current = self._states.current()
        reading = current or self._states.newest()
        rows = (
            _Edges(reading, self._layout, kind, columns)
            if isinstance(kind, EdgeKind)
            else _Nodes(reading, kind, columns)
        )
        for arrays in rows.all() if where is None else rows.narrowed(where):
            if arrays[next(iter(arrays))].size:
                yield Columns(kind.name, {name: arrays[name] for name in columns})
        if current is None:
            reading.close()


class _Nodes:
    """The nodes of one type."""

    def __init__(self, reading: Reading, kind: NodeKind, columns: Sequence[str]) -> None:
        self._reading = reading
        self._kind = kind
        self._node = f"(n:{quoted(kind.name)})"
        self._table = node_table(kind, columns)

    def all(self) -> Iterator[Arrays]:
        first = f"MATCH {self._node} WHERE n._key > 0 WITH n ORDER BY n._key LIMIT $size {self._table.body}"  # by index
        arrays = self._table.arrays(self._reading.fetch(first, size=BATCH, **self._table.given)[0])
        yield arrays
        if len(arrays["key"]) < BATCH:
            return
        query = f"MATCH {self._node} WHERE n._key >= $low AND n._key < $high {self._table.body}"
        ranges = key_ranges(self._reading.fetch, [self._kind.name], BATCH, int(arrays["key"][-1]) + 1)
        statements = ((query, {"low": low, "high": high, **self._table.given}) for low, high in ranges)
        for rows in self._reading.each(statements):
            yield self._table.arrays(rows[0])

    def narrowed(self, where: Where) -> Iterator[Arrays]:
        name, keys = where[0], _distinct(where[1])
        if name == "key":
            yield from self._of(keys)
        elif name in self._kind.references:
            referring = f"MATCH (t:Resource)<-[:{quoted(name)}]-{self._node} WHERE t._key IN $keys"
            yield from self._referring(referring, keys)
        else:
            raise not_by(self._kind, name)

    def _of(self, keys: Sequence[int]) -> Iterator[Arrays]:
        query = f"MATCH {self._node} WHERE n._key IN $keys {self._table.body}"
        for some in parts(keys):
            yield self._table.arrays(_rows(self._reading, query, keys=some, **self._table.given)[0])

    def _referring(self, match: str, keys: Sequence[int]) -> Iterator[Arrays]:
        """In one go when they are few enough for one batch, else by their own keys."""
        if len(keys) <= BATCH:
            few = f"{match} WITH DISTINCT n LIMIT $size {self._table.body}"
            given = {"keys": keys, "size": BATCH + 1, **self._table.given}
            arrays = self._table.arrays(_rows(self._reading, few, **given)[0])
            if len(arrays["key"]) <= BATCH:
                yield arrays
                return
        query = f"{match} RETURN collect(DISTINCT n._key)"
        found = (key for some in parts(keys) for key in self._reading.fetch(query, keys=some)[0][0])
        yield from self._of(_distinct(found))


class _Edges:
    """The edges of one type; what is derived is no edge that was stated."""

    def __init__(self, reading: Reading, layout: Layout, kind: EdgeKind, columns: Sequence[str]) -> None:
        self._reading = reading
        self._layout = layout
        self._kind = kind
        self._derived = layout.model.edges[kind.name].derived
        self._edge = f"-[r:{quoted(kind.name)}]->"
        self._table = edge_table(kind, columns, self._keys)

    def all(self) -> Iterator[Arrays]:
        if self._derived:
            return
        few = f"MATCH (a){self._edge}(b) WITH a, r, b LIMIT $size {self._table.body}"
        arrays = self._table.arrays(self._reading.fetch(few, size=BATCH + 1, **self._table.given)[0])
        if len(arrays["from"]) <= BATCH:
            yield arrays
            return
        labels = sorted({self._layout.names[start] for start, _ in self._kind.joins})
        size = nodes_for(self._reading.fetch, labels, self._kind.name, BATCH)
        statements = (
            (self._from(label), {"low": low, "high": high, **self._table.given})
            for low, high in key_ranges(self._reading.fetch, labels, size)
            for label in labels
        )
        rows = self._reading.each(statements)
        for first in rows:
            lists = [first[0], *(next(rows)[0] for _ in labels[1:])]
            yield self._together([self._table.arrays(each) for each in lists])

    def _from(self, label: str) -> str:
        """The edges that begin at nodes of a label."""
        return f"MATCH (a:{quoted(label)}){self._edge}(b) WHERE a._key >= $low AND a._key < $high {self._table.body}"

    def narrowed(self, where: Where) -> Iterator[Arrays]:
        name, keys = where[0], _distinct(where[1])
        if name not in ("from", "to"):
            raise not_by(self._kind, name)
        if self._derived or not keys:
            return
        end = "a" if name == "from" else "b"
        query = f"MATCH (a:Resource){self._edge}(b:Resource) WHERE {end}._key IN $keys {self._table.body}"
        found = [
            self._table.arrays(_rows(self._reading, query, keys=some, **self._table.given)[0]) for some in parts(keys)
        ]
        together = self._together(found)
        for start in range(0, len(together["from"]), BATCH):
            yield {column: array[start : start + BATCH] for column, array in together.items()}

    def _together(self, found: Sequence[Arrays]) -> Arrays:
        if len(found) == 1:
            return found[0]
        return self._table.sorted({name: np.concatenate([each[name] for each in found]) for name in found[0]})

    def _keys(self, ids: list[str | None]) -> Array:
        """Keys of what edges refer to; they state ids."""
        known = known_now(self._reading, self._layout, {id for id in ids if id})
        keys: dict[str | None, int] = {id: key for id, (key, _) in known.items()}
        return integers([keys.get(id, 0) for id in ids])


def _rows(reading: Reading, query: str, **given: Any) -> list[list[Any]]:
    """Remembered where few rows are asked for."""
    return reading.rows(query, **given) if len(given["keys"]) <= _REMEMBERED else reading.fetch(query, **given)


def _distinct(keys: Any) -> list[int]:
    return sorted({int(key) for key in keys})
