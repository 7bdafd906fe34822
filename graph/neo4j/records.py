"""Records of people and their identities, read inside a transaction that writes: see `graph.person.Asked`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from graph.joining import alike
from graph.neo4j.cypher import Layout, any_of, quoted
from graph.neo4j.names import texts
from graph.neo4j.people import Neo4jPeople
from graph.neo4j.referrers import Ask
from graph.store import Edge, Node
from graph.viewer import Viewer
from ontology.model import Model

_TYPE = "[label IN labels(n) WHERE label <> 'Resource'][0]"
_TYPES = f"UNWIND $ids AS id MATCH (n:Resource {{id: id}}) RETURN collect([n.id, {_TYPE}])"
_ROW = "[n.id, {0}, properties(n), [(n)-[r:{1}]->(to) | [type(r), to.id]]]"
_MANY = "UNWIND $ids AS id MATCH (n:Resource {{id: id}}) RETURN collect({0})"
_BY_REFERENCE = "UNWIND $values AS id MATCH (:Resource {{id: id}})<-[:{0}]-(n:{1}) RETURN collect(DISTINCT {2})"
_EDGES = "MATCH (a:Resource)-[r:{0}]->(b) WHERE a.id IN $ids RETURN collect([type(r), a.id, b.id])"
_BY_VALUE = "UNWIND $values AS value MATCH (n:{1} {{{0}: value}}) RETURN collect(DISTINCT {2})"


class RecordReader:
    """Whoever asks sees everything: it is asked for erasure alone."""

    def __init__(self, ask: Ask, layout: Layout) -> None:
        self.model: Model = layout.model
        self._ask = ask
        self._layout = layout
        names = {name for kind in layout.nodes.values() for name in kind.references}
        self._row = _ROW.format(_TYPE, any_of(sorted(names)))

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        known: dict[str, str] = dict(self._ask(_TYPES, ids=texts(ids))[0][0])
        return [known.get(id) for id in ids]

    def many(self, ids: Sequence[str], _viewer: Viewer) -> dict[str, Node]:
        return {node.id: node for node in self._nodes(_MANY.format(self._row), ids=texts(ids))}

    def facts(self, type: str, where: Mapping[str, Sequence[str]], _viewer: Viewer) -> list[Node]:
        """Of one named column."""
        ((name, values),) = where.items()
        query = _BY_REFERENCE if name in self._layout.node_kind(type).references else _BY_VALUE
        return self._nodes(query.format(quoted(name), quoted(type), self._row), values=list(values))

    def expand(self, ids: Sequence[str], _viewer: Viewer, types: Sequence[str]) -> list[Edge]:
        """What was decided: edges without what is stated of them."""
        found = self._ask(_EDGES.format(any_of(types)), ids=texts(ids))
        return [Edge(name, start, end, {}) for name, start, end in found[0][0]]

    def alike(self, ids: Collection[str]) -> set[str]:
        people = Neo4jPeople(self, self._layout)
        found = alike(people, people.named(ids).values())
        return {id for _, id, _ in people.records(found)}

    def columns(self, query: str, **parameters: Any) -> list[list[Any]]:
        """See `graph.neo4j.people.Asked`."""
        return self._ask(query, **parameters)[0]

    def _nodes(self, query: str, **parameters: Any) -> list[Node]:
        return [_node(*row) for row in self._ask(query, **parameters)[0][0]]


def _node(id: str, type: str, held: Mapping[str, Any], references: Sequence[tuple[str, str]]) -> Node:
    stated = {name: value for name, value in held.items() if name != "id" and not name.startswith("_")}
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}
    return Node(id, type, plain | dict(references), held["_source"], held["_version"])
