"""Reads: nodes, edges and facts, as a viewer may see them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.lookup import Known, key_of, type_of
from graph.merge import REMOVED
from graph.paging import page
from graph.rows import read_props
from graph.sight import Row, Sight
from graph.sqlite.changes import names_now
from graph.sqlite.codec import FactReader, encode_one
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.lookup import Lookup
from graph.sqlite.schema import quoted
from graph.sqlite.write import names_by_key
from graph.store import Edge, Node

_SWEPT = 20_000  # rows of `owned` at a time

EdgeRow = tuple[int, int, int, int, str | None]
"""The number of its type, the keys of its ends, the number of the source that stated it first, its properties."""


class Reader:
    """Reads of one state of the store."""

    def __init__(self, db: sqlite3.Connection, layout: Layout) -> None:
        self.db = db
        self.layout = layout
        self.look = Lookup(db, layout, Known())
        self.names = names_by_key(db, layout)
        self.sources: dict[int, str] = dict(db.execute("SELECT number, name FROM source"))

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        """The type of each id, whatever its space."""
        found: dict[str, int] = {}
        for space in self.layout.spaces:
            missing = [id for id in set(ids) if id not in found]
            found.update(self.look.resolve(space, missing) if missing else {})
        return [self.layout.names[type_of(found[id])] if id in found else None for id in ids]

    def keys(self, space: str, ids: Sequence[str]) -> NDArray[np.int64]:
        known = self.look.resolve(space, set(ids))
        return np.fromiter((key_of(known.get(id, 0)) for id in ids), np.int64, len(ids))

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        return names_now(self.db, self.layout, space, keys)

    def many(self, ids: Sequence[str], sight: Sight) -> dict[str, Node]:
        """Nodes by id, as many as may be seen."""
        by_type: dict[str, list[str]] = defaultdict(list)
        for id, type_name in zip(ids, self.types_of(ids), strict=True):
            if type_name is not None:
                by_type[type_name].append(id)
        found: dict[str, Node] = {}
        for name, own in by_type.items():
            kind = self.layout.node_kind(name)
            several = len(own) > 1  # a list of one takes three times as long as the one
            where = f"n.{kind.p}id {'IN (SELECT value FROM json_each(?))' if several else '= ?'}"
            given = json.dumps(own) if several else own[0]
            found.update((node.id, node) for node in self.select(kind, where, (given,), sight))
        return {id: found[id] for id in ids if id in found}

    def get(self, id: str, sight: Sight) -> Node | None:
        """A node with its edges in both directions."""
        node = self.many([id], sight).get(id)
        if node is None:
            return None
        number = self.layout.numbers[node.type]
        found = [self._rows(self.layout.edges_at[number, incoming], [id], incoming) for incoming in (False, True)]
        names = self._names(chain(*found))
        edges = sight.edges(chain.from_iterable(_in_order(self._edges(rows, names)) for rows in found))
        return replace(node, edges=tuple(edges))

    def page(self, kind: NodeKind, sight: Sight, after: str, limit: int) -> list[Node]:
        """Nodes in id order; what may not be seen is passed over."""
        return page(kind, _Rows(self, kind), sight, after, limit)

    def facts(self, kind: NodeKind, where: Mapping[str, Sequence[str]], sight: Sight) -> list[Node]:
        """Rows that hold one of the values in each of the named properties."""
        conditions, parameters = [], []
        for name, values in where.items():
            each = kind.properties.get(name)
            if each is None or name not in {column.name for column in kind.columns} or each.many:
                raise ValueError(f"{kind.name} is not looked up by {name!r}: name a column that holds one text")
            if name in kind.in_columns:
                held: Iterable[Any] = self.keys(kind.in_columns[name].space, values).tolist()
            else:
                held = [value for text in values if (value := encode_one(each, text)) is not None]
            conditions.append(f"n.{quoted(name)} IN (SELECT value FROM json_each(?))")
            parameters.append(json.dumps(list(held)))
        return self.select(kind, " AND ".join(conditions) or "1", parameters, sight)

    def select(self, kind: NodeKind, where: str, parameters: Sequence[Any], sight: Sight) -> list[Node]:
        """The visible nodes of a type that meet a condition on the alias `n`, in id order."""
        if not sight.sees_type(kind):
            return []
        return sight.nodes(kind, self.rows(kind, f"{where} ORDER BY n.{kind.p}id", parameters))

    def rows(self, kind: NodeKind, where: str, parameters: Sequence[Any]) -> list[Row]:
        """The nodes of a type that meet a condition on the alias `n`."""
        p, person = kind.p, self.layout.person_of(kind, "n") or "NULL"
        content = ["n._other", *(f"n.{quoted(each.name)}" for each in kind.columns)] if kind.columnar else ["n.props"]
        selected = ", ".join([person, f"n.{p}id", f"n.{p}source", f"n.{p}version", *content])
        own = "" if kind.columnar else f"n.type = {kind.number} AND "
        query = f"SELECT {selected} FROM {kind.table} n WHERE {own}{where}"
        reader = FactReader(kind, self.names) if kind.columnar else None
        rows = []
        for about, id, source, version, *held in self.db.execute(query, parameters):
            properties = reader.properties(held) if reader else read_props(held[0])
            rows.append((about, Node(id, kind.name, properties, self.sources[source], version)))
        return rows

    def expand(self, ids: Sequence[str], sight: Sight, types: Sequence[str] = (), incoming: bool = False) -> list[Edge]:
        """Edges that begin (or end) at the ids, by type and ends."""
        kinds = [kind for name in types or self.layout.edges if isinstance(kind := self.layout.kind(name), EdgeKind)]
        rows = self._rows(self.layout.by_space(kinds, incoming), ids, incoming)
        return sight.edges(_in_order(self._edges(rows, self._names(rows))))

    def _rows(self, types: Mapping[str, str], ids: Sequence[str], incoming: bool) -> list[EdgeRow]:
        """Edges of types, as `Layout.by_space` gives them: one statement a key space, since few types have any."""
        found: list[EdgeRow] = []
        for space, numbers in types.items():
            keys = sorted({key for key in self.keys(space, ids).tolist() if key > 0})
            one = len(keys) == 1
            side = f"e.{'end' if incoming else 'start'}"
            among = f"edge e WHERE {side} = ?" if one else f"json_each(?) j CROSS JOIN edge e ON {side} = j.value"
            query = f"SELECT e.type, e.start, e.end, e.source, e.props FROM {among} AND e.type IN ({numbers})"
            given = keys[0] if one else json.dumps(keys)
            found += self.db.execute(query, (given,)).fetchall() if keys else ()
        return found

    def _edges(self, rows: Sequence[EdgeRow], names: Mapping[str, Mapping[int, str]]) -> Iterator[Edge]:
        pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, start, end, *_ in rows:
            pairs[number].append((start, end))
        kinds = {number: self._edge_kind(number) for number in pairs}
        further = self._further(pairs)
        for number, start, end, first, text in rows:
            kind = kinds[number]
            sources = (first, *further[number, start, end]) if further else (first,)
            ends = names[kind.start_space][start], names[kind.end_space][end]
            yield Edge(kind.name, *ends, read_props(text), tuple([self.sources[each] for each in sources]))

    def _names(self, rows: Iterable[EdgeRow]) -> dict[str, dict[int, str]]:
        """The ids of all ends, by their space and key."""
        keys: dict[str, set[int]] = defaultdict(set)
        spaces: dict[int, tuple[set[int], set[int]]] = {}
        for number, start, end, *_ in rows:
            if number not in spaces:
                kind = self._edge_kind(number)
                spaces[number] = keys[kind.start_space], keys[kind.end_space]
            starts, ends = spaces[number]
            starts.add(start)
            ends.add(end)
        asked = {space: sorted(own) for space, own in keys.items()}
        return {space: dict(zip(own, self.ids(space, own), strict=True)) for space, own in asked.items()}

    def _edge_kind(self, number: int) -> EdgeKind:
        return self.layout.edges[self.layout.names[number]]

    def _further(self, pairs: Mapping[int, Sequence[tuple[int, int]]]) -> Mapping[tuple[int, int, int], list[int]]:
        """Second and later sources of edges, in the order they stated them, by type and ends; most types have none."""
        found: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        shared = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM statement WHERE type = value)"
        query = (
            "SELECT s.start, s.end, s.source FROM json_each(?1) j CROSS JOIN statement s ON s.type = ?2 "
            "AND s.start = json_extract(j.value, '$[0]') AND s.end = json_extract(j.value, '$[1]') "
            "ORDER BY s.change, s.source"
        )
        for (number,) in self.db.execute(shared, (json.dumps(list(pairs)),)).fetchall():
            for start, end, source in self.db.execute(query, (json.dumps(pairs[number]), number)):
                found[number, start, end].append(source)
        return found

    def owned(self, kind: NodeKind | EdgeKind, source: str) -> Iterator[list[tuple[str, ...]]]:
        """What the source states now, as ids or pairs of ids; a retired node is no longer stated."""
        number = {name: number for number, name in self.sources.items()}.get(source, 0)
        if isinstance(kind, NodeKind):
            p = kind.p
            query = f"SELECT {p}id FROM {kind.table} WHERE {kind.own} AND {p}source = ? AND {p}hash <> {REMOVED}"
            rows = self.db.execute(query, (number,))
            while batch := rows.fetchmany(_SWEPT):
                yield batch
            return
        stated = (f"SELECT start, end FROM {table} WHERE type = ?1 AND source = ?2" for table in ("edge", "statement"))
        rows = self.db.execute(" UNION ALL ".join(stated), (kind.number, number))
        while batch := rows.fetchmany(_SWEPT):
            starts = self.ids(kind.start_space, [start for start, _ in batch])
            ends = self.ids(kind.end_space, [end for _, end in batch])
            yield list(zip(starts, ends, strict=True))


def _in_order(edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: (edge.type, edge.start, edge.end))


class _Rows:
    """See `graph.paging.Rows`."""

    def __init__(self, reader: Reader, kind: NodeKind) -> None:
        self._reader = reader
        self._kind = kind
        self._order = f"n.{kind.p}id > ? ORDER BY n.{kind.p}id LIMIT ?"

    def after(self, id: str, limit: int) -> list[Row]:
        return self._reader.rows(self._kind, self._order, (id, limit))

    def about(self, people: set[int], id: str, limit: int) -> list[Row]:
        person = self._reader.layout.person_of(self._kind, "n")
        among = f"{person} IN (SELECT value FROM json_each(?))"
        return self._reader.rows(self._kind, f"{among} AND {self._order}", (json.dumps(sorted(people)), id, limit))
