"""Whole types as column batches: numpy arrays, never Python rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple

import numpy as np
import orjson

from graph.columns import (
    BATCH,
    EDGE_HEADS,
    Array,
    Maker,
    Where,
    absent,
    check_columns,
    integers,
    is_whole,
    maker,
    not_by,
    objects,
    small,
)
from graph.lookup import Known, key_of
from graph.rows import read_props
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.lookup import Lookup
from graph.sqlite.schema import quoted
from graph.store import Columns
from ontology.model import Datatype, Property


class Scanner:
    """Scans of one state of the store."""

    def __init__(self, db: sqlite3.Connection, layout: Layout) -> None:
        self.db = db
        self.layout = layout
        self.sources: dict[int, str] = dict(db.execute("SELECT number, name FROM source"))

    def scan(self, kind: NodeKind | EdgeKind, columns: Sequence[str], where: Where | None) -> Iterator[Columns]:
        """Batches in key order."""
        check_columns(kind, columns)
        if isinstance(kind, EdgeKind):
            yield from self._edges(kind, columns, where)
        elif kind.columnar:
            yield from self._facts(kind, columns, where)
        else:
            yield from self._nodes(kind, columns, where)

    def _facts(self, kind: NodeKind, columns: Sequence[str], where: Where | None) -> Iterator[Columns]:
        condition, parameters = _condition(kind, where, {"key": "n._key"})
        query = _fact_query(kind, columns, condition)
        makers = {name: self._fact_maker(kind, name) for name in columns}
        yield from self._batches(kind.name, makers, query, parameters)

    def _fact_maker(self, kind: NodeKind, name: str) -> Maker:
        if name == "source" and name not in kind.properties:
            return self._source_names
        if name in ("key", "version", "_change"):
            return integers
        each = kind.properties.get(name)
        if each is not None and each.many:
            return lambda values: objects([None if value is None else tuple(json.loads(value)) for value in values])
        if not is_whole(each):
            return objects
        return small if each is not None and each.datatype is Datatype.BOOLEAN else integers

    def _batches(
        self, name: str, makers: Mapping[str, Maker], query: str, parameters: Sequence[Any]
    ) -> Iterator[Columns]:
        """Rows of integers only are streamed into an array, which is faster than to fetch them."""
        cursor = self.db.execute(query, parameters)
        if makers and all(make is integers for make in makers.values()):
            while len(flat := np.fromiter(islice(chain.from_iterable(cursor), BATCH * len(makers)), np.int64)):
                table = flat.reshape(-1, len(makers))
                yield Columns(name, {column: table[:, place].copy() for place, column in enumerate(makers)})
        while rows := cursor.fetchmany(BATCH):
            picked = ([row[place] for row in rows] for place in range(len(makers)))
            made = ((column, make(values)) for (column, make), values in zip(makers.items(), picked, strict=True))
            yield Columns(name, dict(made))

    def _nodes(self, kind: NodeKind, columns: Sequence[str], where: Where | None) -> Iterator[Columns]:
        condition, parameters = _condition(kind, where, {"key": "n.key"})
        query = (
            "SELECT n.key, n.id, n.source, n.version, n.change, n.props FROM node n "
            f"WHERE n.type = {kind.number} AND {condition} ORDER BY n.key"
        )
        cursor = self.db.execute(query, parameters)
        while rows := cursor.fetchmany(BATCH):
            heads = {
                "key": lambda: integers([row[0] for row in rows]),
                "id": lambda: objects([row[1] for row in rows]),
                "source": lambda: self._source_names([row[2] for row in rows]),
                "version": lambda: integers([row[3] for row in rows]),
                "_change": lambda: integers([row[4] for row in rows]),
            }
            yield Columns(
                kind.name, _with_heads(kind, columns, heads, lambda: _read_together([row[5] for row in rows]))
            )

    def _edges(self, kind: EdgeKind, columns: Sequence[str], where: Where | None) -> Iterator[Columns]:
        condition, parameters = _condition(kind, where, {"from": "n.start", "to": "n.end"})
        query = (
            "SELECT n.start, n.end, n.source, n.version, n.change, n.props FROM edge n "
            f"WHERE n.type = {kind.number} AND {condition} ORDER BY n.start, n.end"
        )
        cursor = self.db.execute(query, parameters)
        makers = {name: self._property_maker(kind, name) for name in columns if name not in _EDGE_PLACES}
        while rows := cursor.fetchmany(BATCH):
            heads: dict[str, Array] = {
                name: integers([row[place] for row in rows]) for name, place in _EDGE_PLACES.items() if name in columns
            }
            if "source" in heads:
                heads["source"] = self._source_names(heads["source"].tolist())
            stated = _read_alike([row[5] for row in rows]) if makers else []
            yield Columns(
                kind.name,
                {
                    name: heads[name] if name in heads else makers[name]([each.get(name) for each in stated])
                    for name in columns
                },
            )

    def _property_maker(self, kind: EdgeKind, name: str) -> Maker:
        """Edge properties are JSON: their values become what a column would hold."""
        if name in kind.references and not kind.properties[name].many:
            return lambda ids: self._keys(kind.references[name].space, ids)
        return maker(kind.properties.get(name))

    def _keys(self, space: str, ids: list[Any]) -> Array:
        known = Lookup(self.db, self.layout, Known()).resolve(space, {*ids} - {None})
        return integers([key_of(known.get(id, 0)) for id in ids])

    def _source_names(self, numbers: list[Any]) -> Array:
        return objects([self.sources[number] for number in numbers])


class Range(NamedTuple):
    """A query that scans the rows with keys from `first` to below `end`."""

    first: int
    end: int
    query: str


def ranges(db: sqlite3.Connection, kind: NodeKind, columns: Sequence[str], parts: int) -> list[Range]:
    """A columns type's columns, which must be whole numbers, in so many parts, ascending."""
    check_columns(kind, columns)
    low, high = (
        int(db.execute(f"SELECT ifnull({end}(_key), 0) FROM {kind.table}").fetchone()[0]) for end in ("min", "max")
    )
    bounds = [low + (high + 1 - low) * part // parts for part in range(parts + 1)]
    return [
        Range(first, end, _fact_query(kind, columns, f"n._key >= {first} AND n._key < {end}"))
        for first, end in pairwise(bounds)
    ]


def greatest_key(db: sqlite3.Connection) -> int:
    """No key of any space is above this one."""
    return int(db.execute("SELECT ifnull(max(last), 0) FROM space").fetchone()[0])


_EDGE_PLACES = {name: place for place, name in enumerate(EDGE_HEADS)}


_FACT_HEADS = {"key": "n._key", "id": "n._id", "source": "n._source", "version": "n._version", "_change": "n._change"}


def _fact_query(kind: NodeKind, columns: Sequence[str], condition: str) -> str:
    selected = [_fact_column(kind, name, _FACT_HEADS) for name in columns]
    return f"SELECT {', '.join(selected)} FROM {kind.table} n WHERE {condition} ORDER BY n._key"


def _fact_column(kind: NodeKind, name: str, own: Mapping[str, str]) -> str:
    each: Property | None = kind.properties.get(name)
    if each is None:
        if name in own:
            return own[name]
        path = f'$."{name}"'.replace("'", "''")
        return f"json_extract(n._other, '{path}')"
    column = f"n.{quoted(name)}"
    return f"ifnull({column}, {absent(each)})" if is_whole(each) else column


def _condition(kind: NodeKind | EdgeKind, where: Where | None, own: Mapping[str, str]) -> tuple[str, Sequence[Any]]:
    """The WHERE condition and its parameter."""
    if where is None:
        return "1", ()
    name, keys = where
    column = own.get(name)
    if column is None and isinstance(kind, NodeKind) and name in kind.in_columns:
        column = f"n.{quoted(name)}"
    chosen = (json.dumps([int(key) for key in keys]),)
    if column is None and isinstance(kind, NodeKind) and name in kind.in_json:
        column = f"n.{kind.p}key"
        among = (
            "SELECT r.start FROM json_each(?) j CROSS JOIN reference r ON r.target = j.value "
            f"WHERE r.type = {kind.number} AND r.property = '{name}' AND r.end = 0"
        )
        return f"{column} IN ({among})", chosen
    if column is None:
        raise not_by(kind, name)
    return f"{column} IN (SELECT value FROM json_each(?))", chosen


def _with_heads(
    kind: NodeKind,
    columns: Sequence[str],
    heads: Mapping[str, Callable[[], Array]],
    read: Callable[[], list[dict[str, Any]]],
) -> dict[str, Array]:
    """Own columns and properties side by side; properties win a name both have."""
    properties = [name for name in columns if name not in heads or name in kind.properties]
    stated = read() if properties else []
    arrays = {name: objects([_value(each.get(name)) for each in stated]) for name in properties}
    return {name: arrays[name] if name in arrays else heads[name]() for name in columns}


def _read_together(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Nodes' properties, by one reading of all texts, which is twice as fast; values as JSON has them: see `_value`."""
    found: list[dict[str, Any]] = orjson.loads(f"[{','.join([text or '{}' for text in texts])}]")
    return found


def _value(found: Any) -> Any:
    """As `read_props` gives it."""
    return tuple(found) if type(found) is list else found


def _read_alike(texts: Sequence[str | None]) -> list[dict[str, Any]]:
    """Edges' properties; equal texts, of which there are many, are read once."""
    read = {text: read_props(text) for text in set(texts)}
    return [read[text] for text in texts]
