"""Everything a database holds, as `graph.contents` tells it; its keys are of one sequence already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from graph.columns import Array, objects
from graph.contents import EDGE_HEADS, HELD_ROW, NODE_HEADS, Book, Head, Rows
from graph.errors import Moved
from graph.kinds import EdgeKind, NodeKind
from graph.neo4j.cypher import Layout, quoted, sources, versions
from graph.neo4j.ranges import LAST, key_ranges, nodes_for
from graph.neo4j.shape import label_of
from graph.neo4j.stated import stated_columns
from graph.neo4j.states import Reading, Statement, States
from graph.neo4j.tables import Column, Table

_SIZE = 10_000  # rows of a statement: these are wider than what is scanned
_HEAD = "MATCH (s:_Store) RETURN s.number, s.last_key, s.created_at, s.secret_check"
_WRITES = "MATCH (s:_Store) RETURN s.writes"
_BOUNDARY = "MATCH (n:{0}) WHERE n.{1} >= $low WITH n.{1} AS at ORDER BY at SKIP $size LIMIT 1 RETURN collect(at)"
_STATED_BY = {
    "_sources": Column(objects, value=sources("x")),
    "_versions": Column(objects, value=versions("x")),
}
_RANGED = {
    "Tombstone": "key", "Change": "number", "ChangeItem": "change", "History": "start", "Load": "id", "HeldRow": "key",
}  # fmt: skip
"""The number by which a book is read in ranges; the others are short and read at once."""


@contextmanager
def contents_of(states: States, layout: Layout, place: str) -> Iterator[Neo4jContents]:
    """See `graph.contents.Movable`: whoever writes meanwhile, even beside the graph, is told of as `Moved`."""
    with states.snapshot():
        reading = states.newest()
        before = reading.fetch(_WRITES)
        yield Neo4jContents(reading, layout)
        if reading.fetch(_WRITES) != before:
            fix = "Stop whatever writes to it: loads, and servers of the API."
            raise Moved(place, "the store was written to while all of it was read", fix)


class Neo4jContents:
    """See `graph.contents.Contents`."""

    def __init__(self, reading: Reading, layout: Layout) -> None:
        self._reading = reading
        self._layout = layout
        self.head = Head(*reading.fetch(_HEAD)[0])

    def keys(self, space: str, keys: Iterable[int]) -> list[int]:  # noqa: ARG002 - one sequence for every space
        return list(keys)

    def stated(self, type_name: str) -> list[str]:
        return stated_columns(self._reading, self._layout.kind(type_name))

    def nodes(self, type_name: str) -> Iterator[Rows]:
        kind = self._layout.node_kind(type_name)
        columns = {name: _own(name) for name in NODE_HEADS} | {name: _of(kind, name) for name in self.stated(kind.name)}
        table = Table("n", {"_key": "n._key"}, columns)
        query = f"MATCH (n:{quoted(kind.name)}) WHERE n._key >= $low AND n._key < $high {table.body}"
        return self._told(table, [query], key_ranges(self._reading.fetch, [kind.name], _SIZE))

    def edges(self, type_name: str) -> Iterator[Rows]:
        kind = self._layout.edges[type_name]
        columns = {name: _own(name) for name in EDGE_HEADS} | _STATED_BY
        columns |= {name: _of(kind, name) for name in self.stated(kind.name)}
        table = Table("r", {"_from": "a._key", "_to": "b._key"}, columns)
        labels = sorted({self._layout.names[start] for start, _ in kind.joins})
        queries = [
            f"MATCH (a:{quoted(label)})-[r:{quoted(kind.name)}]->(b) "
            f"WHERE a._key >= $low AND a._key < $high {table.body}"
            for label in labels
        ]
        nodes = nodes_for(self._reading.fetch, labels, kind.name, _SIZE)
        return self._told(table, queries, key_ranges(self._reading.fetch, labels, nodes))

    def _told(self, table: Table, queries: list[str], ranges: Iterable[tuple[int, int]]) -> Iterator[Rows]:
        """What each of the queries finds in each of the ranges."""
        statements = ((query, {"low": low, "high": high, **table.given}) for low, high in ranges for query in queries)
        for found in self._reading.each(statements):
            rows = {name: array.tolist() for name, array in table.arrays(found[0]).items()}
            if next(iter(rows.values())):
                yield rows

    def book(self, book: Book) -> Iterator[Rows]:
        label, listed = quoted(label_of(book)), ", ".join(f"[x IN rows | x.{quoted(name)}]" for name in book.columns)
        for found in self._reading.each(self._ranges(book, label, listed)):
            rows: Rows = dict(zip(book.columns, found[0], strict=True))
            if book is HELD_ROW:
                rows["refers_to"] = [id or "" for id in rows["refers_to"]]
            if next(iter(rows.values())):
                yield rows

    def _ranges(self, book: Book, label: str, listed: str) -> Iterator[Statement]:
        name = _RANGED.get(book.name)
        if name is None:
            first = quoted(next(iter(book.columns)))
            yield f"MATCH (n:{label}) WITH n ORDER BY n.{first} WITH collect(n) AS rows RETURN {listed}", {}
            return
        each = f"n.{quoted(name)}"
        query = (
            f"MATCH (n:{label}) WHERE {each} >= $low AND {each} < $high WITH n ORDER BY {each} "
            f"WITH collect(n) AS rows RETURN {listed}"
        )
        low = 0
        while low < LAST:
            found = self._reading.fetch(_BOUNDARY.format(label, quoted(name)), low=low, size=_SIZE)[0][0]
            high = max(found[0], low + 1) if found else LAST
            yield query, {"low": low, "high": high}
            low = high


def _own(name: str) -> Column:
    """What stands under its own name."""
    return Column(objects, value=f"x.{_plain(name)}")


def _of(kind: NodeKind | EdgeKind, name: str) -> Column:
    """A column that is stated; a name with an at sign comes from users."""
    if name not in kind.properties:
        return Column(objects, value="x[$language{0}]", given={"language{0}": name})
    if isinstance(kind, NodeKind) and name in kind.references:
        pattern = f"-[:{_plain(name)}]->"
        if kind.references[name].property.many:
            return Column(_lists, collected=f"[(n){pattern}(to) | to._key]")
        return Column(_keys, collected="coalesce(t{0}._key, 0)", match=f"OPTIONAL MATCH (n){pattern}(t{{0}})")
    return _own(name)


def _plain(name: str) -> str:
    """A name that stands in a template."""
    return quoted(name).replace("{", "{{").replace("}", "}}")


def _keys(values: list[Any]) -> Array:
    return objects([key or None for key in values])


def _lists(values: list[Any]) -> Array:
    return objects([sorted(keys) or None for keys in values])
