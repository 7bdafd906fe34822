"""Reads: nodes, edges and facts, as a viewer may see them.

Statements give one record of columns. Every answer is of one state: see `graph.neo4j.states`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.joining import Hashes, alike
from graph.kinds import EdgeKind, NodeKind
from graph.neo4j.cypher import Layout, any_of, parts, person_key, quoted, stated_edges
from graph.neo4j.names import in_space, known_now, names_now, texts, type_of
from graph.neo4j.people import Neo4jPeople
from graph.neo4j.search import Neo4jLabels
from graph.neo4j.states import Reading, States
from graph.paging import page
from graph.search import Searcher
from graph.settings import Settings
from graph.sight import Row, Sight
from graph.store import Edge, Hit, Node, Value
from graph.viewer import Viewer

_BY_ID = "MATCH (n:Resource) WHERE n.id IN $ids"
_EDGES = (
    "MATCH ({near}:Resource) WHERE {near}.id IN $ids MATCH (a)-[r:{types}]->(b) "
    "RETURN collect(type(r)), collect(a.id), collect(b.id), collect(properties(r))"
)

Found = tuple[int, Node]
"""The key of a node, and the node."""


class Reader:
    """Reads of a store; safe to use from many threads."""

    def __init__(self, states: States, layout: Layout, settings: Settings, clock: Callable[[], float]) -> None:
        self._states = states
        self._layout = layout
        self._settings = settings
        self._clock = clock
        self._hashes = Hashes()
        self._selected = _selected(layout)
        self._stated = stated_edges(layout)

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        known = self._states.steadily(lambda reading: known_now(reading, self._layout, ids))
        return [known[id][1] if id in known else None for id in ids]

    def keys(self, space: str, ids: Sequence[str]) -> NDArray[np.int64]:
        known = self._states.steadily(lambda reading: known_now(reading, self._layout, ids))
        own = {id: key for id, (key, name) in known.items() if self._layout.nodes[name].space == space}
        return np.fromiter((own.get(id, 0) for id in ids), np.int64, len(ids))

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        named = self._states.steadily(lambda reading: names_now(reading, self._layout, keys))
        return in_space(self._layout, named, space, keys)

    def many(self, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
        return self._states.steadily(lambda reading: self._many(reading, ids, self._sight(reading, viewer)))

    def get(self, id: str, viewer: Viewer) -> Node | None:
        def read(reading: Reading) -> Node | None:
            sight = self._sight(reading, viewer)
            node = self._many(reading, [id], sight).get(id)
            if node is None:
                return None
            edges = (self._edges(reading, [id], sight, self._stated, incoming) for incoming in (False, True))
            return replace(node, edges=tuple(edge for some in edges for edge in some))

        return self._states.steadily(read)

    def page(self, kind: NodeKind, viewer: Viewer, after: str, limit: int) -> list[Node]:
        def read(reading: Reading) -> list[Node]:
            sight = self._sight(reading, viewer)
            rows = _Rows(
                kind, lambda match, **given: self._rows(reading, sight, kind, match, given), self._person(kind)
            )
            return page(kind, rows, sight, after, limit)

        return self._states.steadily(read)

    def alike(self, ids: Collection[str]) -> set[str]:
        def read(reading: Reading) -> set[str]:
            known = known_now(reading, self._layout, sorted(ids))
            found = alike(Neo4jPeople(reading, self._layout, self._hashes), [key for key, _ in known.values()])
            return {id for id, _ in names_now(reading, self._layout, found).values()}

        return self._states.steadily(read)

    def facts(self, kind: NodeKind, where: Mapping[str, Sequence[str]], viewer: Viewer) -> list[Node]:
        match, given = _looked_up(kind, where)

        def read(reading: Reading) -> list[Node]:
            sight = self._sight(reading, viewer)
            return sight.nodes(kind, self._rows(reading, sight, kind, match, given))

        return self._states.steadily(read)

    def expand(
        self, ids: Sequence[str], viewer: Viewer, types: Sequence[str] = (), incoming: bool = False
    ) -> list[Edge]:
        named = [name for name in types or self._stated if isinstance(self._layout.kind(name), EdgeKind)]
        stated = [name for name in named if name in self._stated]
        return self._states.steadily(
            lambda reading: self._edges(reading, ids, self._sight(reading, viewer), stated, incoming)
        )

    def search(self, text: str, viewer: Viewer, types: Sequence[str], language: str | None, limit: int) -> list[Hit]:
        def read(reading: Reading) -> list[Hit]:
            labels = Neo4jLabels(reading, self._layout)
            return Searcher(labels, self._sight(reading, viewer)).search(text, types, language, limit)

        return self._states.steadily(read)

    def _sight(self, reading: Reading, viewer: Viewer) -> Sight:
        people = Neo4jPeople(reading, self._layout, self._hashes)
        return Sight(people, self._layout, viewer, self._settings, int(self._clock()))

    def _many(self, reading: Reading, ids: Sequence[str], sight: Sight) -> dict[str, Node]:
        by_type: dict[str, list[Found]] = defaultdict(list)
        for some in parts(texts(ids)):
            for found in self._select(reading, _BY_ID, {"ids": some}):
                by_type[found[1].type].append(found)
        seen: dict[str, Node] = {}
        for name, own in by_type.items():
            kind = self._layout.nodes[name]
            seen.update((node.id, node) for node in sight.nodes(kind, self._about(reading, sight, kind, own)))
        return {id: seen[id] for id in ids if id in seen}

    def _rows(self, reading: Reading, sight: Sight, kind: NodeKind, match: str, given: Mapping[str, Any]) -> list[Row]:
        """Nodes of one type that a pattern finds, in id order."""
        found = self._select(reading, f"{match} WITH DISTINCT n ORDER BY n.id", given)
        return self._about(reading, sight, kind, found)

    def _select(self, reading: Reading, match: str, given: Mapping[str, Any]) -> list[Found]:
        """Nodes of any type that a pattern finds."""
        columns = reading.columns(f"{match} {self._selected}", **given)
        return [self._node(*row) for row in zip(*columns, strict=True)]

    def _node(self, labels: list[str], held: dict[str, Any], references: list[list[str]]) -> Found:
        name = type_of(self._layout, labels)
        kind, properties = self._layout.nodes[name], _values(held)
        for each, id in sorted(references):
            many = kind.references[each].property.many
            properties[each] = (*properties.get(each, ()), id) if many else id  # type: ignore[misc]
        return held["_key"], Node(held["id"], name, properties, held["_source"], held["_version"])

    def _about(self, reading: Reading, sight: Sight, kind: NodeKind, found: Sequence[Found]) -> list[Row]:
        """The nodes with the Learners they are about, where that matters."""
        if kind.person is None or sight.everyone:
            return [(None, node) for _, node in found]
        query = (
            f"MATCH (n:Resource) WHERE n._key IN $keys RETURN collect(n._key), collect({self._person(kind)}) AS people"
        )
        people: dict[int, int] = {}
        for some in parts(sorted(key for key, _ in found)):
            people.update(zip(*reading.columns(query, keys=some), strict=True))
        return [(people[key] or None, node) for key, node in found]

    def _person(self, kind: NodeKind) -> str:
        return person_key(self._layout, kind, "n")

    def _edges(
        self, reading: Reading, ids: Iterable[str], sight: Sight, types: Sequence[str], incoming: bool
    ) -> list[Edge]:
        if not types:
            return []
        query = _EDGES.format(near="b" if incoming else "a", types=any_of(types))
        found = [
            Edge(name, start, end, _values(held), (held["_source"], *held.get("_also", ())))
            for some in parts(texts(ids))
            for name, start, end, held in zip(*reading.columns(query, ids=some), strict=True)
        ]
        return sight.edges(sorted(found, key=lambda edge: (edge.type, edge.start, edge.end)))


class _Rows:
    """See `graph.paging.Rows`."""

    def __init__(self, kind: NodeKind, rows: Callable[..., list[Row]], person: str) -> None:
        self._rows = rows
        self._match = f"MATCH (n:{quoted(kind.name)}) WHERE n.id > $after"
        self._person = person

    def after(self, id: str, limit: int) -> list[Row]:
        return self._rows(f"{self._match} WITH n ORDER BY n.id LIMIT $limit", after=id, limit=limit)

    def about(self, people: set[int], id: str, limit: int) -> list[Row]:
        among = f"{self._match} WITH n ORDER BY n.id WHERE {self._person} IN $people WITH n LIMIT $limit"
        return self._rows(among, after=id, limit=limit, people=sorted(people))


def _selected(layout: Layout) -> str:
    """What is returned of nodes of any type: labels, properties, and (property, id) of what they refer to."""
    names = sorted({name for kind in layout.nodes.values() for name in kind.references})
    pattern = f"[(n)-[r:{any_of(names)}]->(to:Resource) | [type(r), to.id]]"
    return f"RETURN collect(labels(n)), collect(properties(n)), collect({pattern})"


def _looked_up(kind: NodeKind, where: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, list[str]]]:
    """The pattern of nodes that hold one of the values in each column, references first, and its parameters."""
    node, match, given = f"(n:{quoted(kind.name)})", list[str](), dict[str, list[str]]()
    for place, name in enumerate(sorted(where, key=lambda name: name not in kind.references)):
        each = kind.properties.get(name)
        if not kind.columnar or each is None or each.many:
            raise ValueError(f"{kind.name} is not looked up by {name!r}: name a column that holds one text")
        if name in kind.references:
            match.append(f"MATCH {node}-[:{quoted(name)}]->(t{place}:Resource) WHERE t{place}.id IN $p{place}")
        else:
            match.append(f"MATCH {node} WHERE n.{quoted(name)} IN $p{place}")
        given[f"p{place}"] = texts(where[name])
    return " WITH n ".join(match) or f"MATCH {node}", given


def _values(held: Mapping[str, Any]) -> dict[str, Value]:
    """What a node or an edge states itself."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in held.items()
        if name != "id" and not name.startswith("_")
    }
