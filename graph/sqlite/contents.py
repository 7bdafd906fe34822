"""Everything a store file holds, as `graph.contents` tells it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from graph.contents import EDGE_HEADS, NODE_HEADS, Book, Head, Rows
from graph.lookup import Known, key_of
from graph.rows import read_props
from graph.secret import secret_check
from graph.sqlite.adapt import meta
from graph.sqlite.books import BookReader, batches
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.lookup import Lookup
from graph.sqlite.schema import quoted
from graph.sqlite.sequence import OneSequence
from graph.sqlite.stated import stated_columns
from graph.sqlite.write import number_of
from ontology.model import Datatype


class SqliteContents:
    """See `graph.contents.Contents`; to be read inside one transaction of `db`."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, path: Path) -> None:
        self._db = db
        self._layout = layout
        self._sequence = OneSequence(db, layout)
        self._sources: dict[int, str] = dict(db.execute("SELECT number, name FROM source"))
        self._look = Lookup(db, layout, Known())
        known = meta(db)
        check = known.get("secret_check") or secret_check(path)
        self.head = Head(number_of(db), self._sequence.last, known["created_at"], check)

    def keys(self, space: str, keys: Iterable[int]) -> list[int]:
        return self._sequence.keys(space, keys)

    def stated(self, type_name: str) -> list[str]:
        return stated_columns(self._db, self._layout.kind(type_name))

    def book(self, book: Book) -> Iterator[Rows]:
        return BookReader(self._db, self._layout, self._sequence).read(book)

    def nodes(self, type_name: str) -> Iterator[Rows]:
        kind = self._layout.node_kind(type_name)
        return self._facts(kind) if kind.columnar else self._plain(kind)

    def edges(self, type_name: str) -> Iterator[Rows]:
        kind, names = self._layout.edges[type_name], self.stated(type_name)
        further = _Further(self._db, kind, self._sources)
        query = "SELECT start, end, source, version, hash, change, props FROM edge WHERE type = ? ORDER BY start, end"
        for start, end, source, version, digest, change, props in batches(self._db.execute(query, (kind.number,))):
            more = list(map(further.of, start, end))
            first = map(self._sources.__getitem__, source)
            heads = (
                *self._sequence.ends(kind, start, end),
                [(name, *(other for other, _ in others)) for name, others in zip(first, more, strict=True)],
                [(own, *(each for _, each in others)) for own, others in zip(version, more, strict=True)],
                digest,
                change,
            )
            stated = list(map({text: read_props(text) for text in set(props)}.__getitem__, props))
            rows: Rows = dict(zip(EDGE_HEADS, heads, strict=True))
            yield rows | {name: [each.get(name) for each in stated] for name in names}

    def _plain(self, kind: NodeKind) -> Iterator[Rows]:
        names = self.stated(kind.name)
        key = self._sequence.told(kind.space, "key")
        query = f"SELECT {key}, id, source, version, hash, change, props FROM node WHERE {kind.own} ORDER BY key"
        for *heads, props in batches(self._db.execute(query)):
            stated = list(map(read_props, props))
            values = {name: [each.get(name) for each in stated] for name in names}
            yield self._heads(heads) | {name: self._as_keys(kind, name, values[name]) for name in names}

    def _facts(self, kind: NodeKind) -> Iterator[Rows]:
        names = self.stated(kind.name)
        own = [name for name in names if name in kind.properties]
        heads = [self._sequence.told(kind.space, "_key"), "_id", "_source", "_version", "_hash", "_change", "_other"]
        selected = ", ".join([*heads, *(self._selected(kind, name) for name in own)])
        for columns in batches(self._db.execute(f"SELECT {selected} FROM {kind.table} ORDER BY _key")):
            rows = self._heads(columns[: len(NODE_HEADS)])
            other, values = columns[len(NODE_HEADS)], columns[len(heads) :]
            rows |= {name: self._column(kind, name, each) for name, each in zip(own, values, strict=True)}
            further = list(map(read_props, other)) if len(own) < len(names) else []
            rows |= {name: [each.get(name) for each in further] for name in names if name not in own}
            yield rows

    def _selected(self, kind: NodeKind, name: str) -> str:
        reference = kind.in_columns.get(name)
        return self._sequence.told(reference.space, quoted(name)) if reference else quoted(name)

    def _heads(self, heads: Sequence[list[Any]]) -> Rows:
        rows = dict(zip(NODE_HEADS, heads, strict=True))
        return rows | {"_source": list(map(self._sources.__getitem__, rows["_source"]))}

    def _column(self, kind: NodeKind, name: str, values: list[Any]) -> list[Any]:
        """A column of a type's own table as held values."""
        each = kind.properties[name]
        if each.many:
            return self._as_keys(kind, name, [text and tuple(orjson.loads(text)) for text in values])
        if each.datatype is Datatype.ENUM:
            return list(map(dict(enumerate(each.values, 1)).get, values))
        if each.datatype is Datatype.BOOLEAN:
            return [None if value is None else bool(value) for value in values]
        return values

    def _as_keys(self, kind: NodeKind, name: str, values: list[Any]) -> list[Any]:
        """References that stand as ids, as keys; other values as they are."""
        reference = kind.references.get(name)
        if reference is None:
            return values
        many, space = reference.property.many, reference.space
        ids = [id for value in values if value for id in (value if many else (value,))]
        known = self._look.resolve(space, ids)
        there = [id for id in dict.fromkeys(ids) if id in known]
        keys = dict(zip(there, self._sequence.keys(space, [key_of(known[id]) for id in there]), strict=True))
        if many:
            return [value and tuple(keys[id] for id in value if id in keys) for value in values]
        return list(map(keys.get, values))


class _Further:
    """The statements of edges beside the first, read in step with the edges, which come in the order of their ends."""

    def __init__(self, db: sqlite3.Connection, kind: EdgeKind, sources: dict[int, str]) -> None:
        query = "SELECT start, end, source, version FROM statement WHERE type = ? ORDER BY start, end, change, source"
        self._rows = db.execute(query, (kind.number,))
        self._sources = sources
        self._next = self._rows.fetchone()

    def of(self, start: int, end: int) -> list[tuple[str, int]]:
        """(source, version) of each, in the order in which they first stated it."""
        found: list[tuple[str, int]] = []
        while self._next is not None and self._next[:2] == (start, end):
            found.append((self._sources[self._next[2]], self._next[3]))
            self._next = self._rows.fetchone()
        return found
