"""A node with its edges as JSON-LD: one form, wherever a node is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.linked import Linker
from graph.boundary import json_value, property_of, states
from graph.settings import Settings
from graph.store import Edge, Node, Value
from ontology.model import Datatype, EdgeType, Model, NodeType, Property
from ontology.values import format_decimal

Write = Callable[[Any], Any]


class NodeLinker:
    """Writes nodes of one model's graph; what follows from the model alone is worked out once."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self.model = model
        self._context = f"{settings.base_iri}context.jsonld"
        self._language = settings.language
        self._linker = Linker(model)
        self._columns: dict[tuple[str, str], tuple[str, str, Write, Property]] = {}

    def linked(self, node: Node, edges: Sequence[Edge]) -> dict[str, Any]:
        """The node as JSON-LD: texts by language, its own edges by type, edges with properties nested."""
        made = {"@context": self._context, "id": self._linker.iri(node.id), "@type": node.type}
        return made | self._values(self.model.nodes[node.type], node.properties) | self._edges(node.id, edges)

    def edge(self, edge: Edge) -> dict[str, Any]:
        """An edge that has an address of its own, as JSON-LD."""
        ends = {"from": self._linker.iri(edge.start), "to": self._linker.iri(edge.end)}
        return {"@context": self._context} | self._reified(edge, self.model.edges[edge.type], ends)

    def _reified(self, edge: Edge, kind: EdgeType, ends: Mapping[str, str]) -> dict[str, Any]:
        iri = self.model.prefixes.edge_iri(edge.type, edge.start, edge.end)
        return {"id": iri, "@type": edge.type, **ends} | self._values(kind, edge.properties)

    def _edges(self, id: str, edges: Sequence[Edge]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        iri = self._linker.iri
        for edge in edges:
            kind, leaves = self.model.edges[edge.type], edge.start == id
            other = iri(edge.end if leaves else edge.start)
            if kind.reified:
                nested = self._reified(edge, kind, {"to" if leaves else "from": other})
                made.setdefault("outgoing" if leaves else "incoming", []).append(nested)
            else:
                (made if leaves else made.setdefault("@reverse", {})).setdefault(edge.type, []).append(other)
        return made

    def _values(self, kind: NodeType | EdgeType, held: Mapping[str, Value]) -> dict[str, Any]:
        """Properties with texts as language maps, references as IRIs, and decimals as text, which keeps them exact."""
        made: dict[str, Any] = {}
        for name, value in held.items():
            column = self._columns.get((kind.name, name))
            if column is None:
                column = self._columns[kind.name, name] = self._column(kind, name)
            plain, language, write, each = column
            if not states(each, value):
                continue
            if language:
                made.setdefault(plain, {})[language] = write(value)
            else:
                made[plain] = write(value)
        return made

    def _column(self, kind: NodeType | EdgeType, name: str) -> tuple[str, str, Write, Property]:
        """The term, the language of a text, and what writes the value."""
        each, (plain, _, tag) = property_of(kind, name), name.partition("@")
        if each.datatype is Datatype.TEXT:
            return plain, tag or self._language, _texts if each.many else _as_is, each
        if each.datatype is Datatype.DECIMAL and not each.many:
            return plain, "", format_decimal, each
        if each.datatype in _PLAIN and not each.many and plain not in self._linker.names:
            return plain, "", _as_is, each
        return plain, "", lambda value: self._linker.linked(json_value(each, value), plain in self._linker.names), each


def _as_is(value: Any) -> Any:
    return value


def _texts(value: Sequence[str]) -> list[str]:
    return sorted(set(value))


_PLAIN = frozenset({Datatype.STRING, Datatype.ENUM, Datatype.INTEGER, Datatype.BOOLEAN, Datatype.IRI})
"""What is held as JSON says it."""
