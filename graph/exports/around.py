"""Nodes with what is around them, as one viewer sees it: what other formats are made from, chunk by chunk."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graph.exports import Wanted
from graph.scales import HOME
from graph.seen import may_know
from graph.settings import Settings
from graph.store import Edge, Node, Store
from ontology.ids import make_curie
from ontology.values import MILLION, OPEN

CHUNK = 500
"""Nodes that are read at once: what bounds the memory of an export, whatever the size of the store."""

Linked = tuple[Edge, Node]
"""An edge and the node at its other end."""


@dataclass(frozen=True, slots=True)
class Hops:
    """Which edges are read: out of a node, into it, and then out of the nodes that these lead to."""

    out: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    then: tuple[str, ...] = ()


@dataclass(slots=True)
class Web:
    """Some nodes, the edges that are in force now between them and others, and these others."""

    reader: Reader
    nodes: dict[str, Node] = field(default_factory=dict)
    _out: dict[tuple[str, str], list[Edge]] = field(default_factory=lambda: defaultdict(list))
    _into: dict[tuple[str, str], list[Edge]] = field(default_factory=lambda: defaultdict(list))

    def out(self, node: Node, *types: str) -> list[Linked]:
        """Where edges of these types lead, in their order."""
        found = (edge for type in types for edge in self._out.get((node.id, type), ()))
        return [(edge, self.nodes[edge.end]) for edge in found if edge.end in self.nodes]

    def into(self, node: Node, *types: str) -> list[Linked]:
        """Where edges of these types come from, in their order."""
        found = (edge for type in types for edge in self._into.get((node.id, type), ()))
        return [(edge, self.nodes[edge.start]) for edge in found if edge.start in self.nodes]

    def both(self, node: Node, *types: str) -> list[Linked]:
        """The other ends of edges that are read both ways, each once."""
        found = {other.id: (edge, other) for edge, other in (*self.out(node, *types), *self.into(node, *types))}
        return list(found.values())

    def of(self, node: Node, reference: str) -> list[Node]:
        """The nodes that a property refers to."""
        return [self.nodes[id] for id in referred(node, reference) if id in self.nodes]

    def weave(self, nodes: Sequence[Node], edges: Sequence[Edge], references: Sequence[str]) -> list[str]:
        """Take edges over; gives the ids of what is not here yet."""
        for edge in edges:
            self._out[edge.start, edge.type].append(edge)
            self._into[edge.end, edge.type].append(edge)
        ends = [id for edge in edges for id in (edge.start, edge.end)]
        ends += [id for node in nodes for name in references for id in referred(node, name)]
        return [id for id in dict.fromkeys(ends) if id not in self.nodes]


class Reader:
    """Reads a store for whom something is written; one state of it, if it is held still meanwhile."""

    def __init__(self, store: Store, wanted: Wanted) -> None:
        self.store, self.model, self.viewer = store, store.model, wanted.viewer
        self.language = wanted.settings.language
        own = wanted.settings.issuer_name
        self.publisher = "" if own == Settings().issuer_name else own  # who publishes, where the deployment says it
        self._now = int(time.time())
        self.vocabularies: dict[str, str] = {}  # source -> the address of what it states, of those that were asked for
        self._iris: dict[str, str] = {}

    def iri(self, id: str) -> str:
        """The address of an id."""
        found = self._iris.get(id)
        if found is None:
            if len(self._iris) > 100_000:
                self._iris.clear()
            found = self._iris[id] = self.model.prefixes.expand(id)
        return found

    def vocabulary(self, node: Node) -> str:
        """The address of the vocabulary that a node belongs to: all that its source states."""
        return self.vocabularies.setdefault(node.source, self.iri(make_curie("source", node.source)))

    def chunks(self, type: str, hops: Hops, references: Sequence[str] = ()) -> Iterator[tuple[list[Node], Web]]:
        """Every node of a type, in the order of ids, with what is around it."""
        after = ""
        while nodes := self.store.page(type, self.viewer, after, CHUNK):
            yield nodes, self.around(nodes, hops, references)
            after = nodes[-1].id

    def around(self, nodes: Sequence[Node], hops: Hops, references: Sequence[str] = ()) -> Web:
        """What is around nodes; `references` are properties whose nodes are read too."""
        web = Web(self, {node.id: node for node in nodes})
        ids = list(web.nodes)
        edges = [*self.edges(ids, hops.out, False), *self.edges(ids, hops.into, True)]
        self._take(web, web.weave(nodes, edges, references))
        if hops.then:
            further = [id for id in web.nodes if id not in set(ids)]
            self._take(web, web.weave((), self.edges(further, hops.then, False), ()))
        return web

    def level(self, value: object, scale: object = None) -> Node | None:
        """The level of a scale (home without one) that a value in millionths stands for: the highest not above it."""
        steps = self._levels.get(str(scale or HOME), ())
        place = bisect_right([bound for bound, _ in steps], value if isinstance(value, int) else -1)
        return steps[place - 1][1] if place else None

    def levels(self, scale: str) -> list[Node]:
        """The levels of a scale, the lowest first."""
        return [node for _, node in self._levels.get(scale, ())]

    @cached_property
    def _levels(self) -> Mapping[str, Sequence[tuple[int, Node]]]:
        found: dict[str, list[tuple[int, Node]]] = defaultdict(list)
        for nodes, _ in self.chunks("Level", Hops()):
            for node in nodes:
                found[str(node.properties["scale"])].append((_bound(node), node))
        return {scale: sorted(steps, key=lambda step: (step[0], step[1].id)) for scale, steps in found.items()}

    def edges(self, ids: Sequence[str], types: Sequence[str], incoming: bool = False) -> list[Edge]:
        """Edges out of nodes or into them that are in force now."""
        known = [name for name in types if may_know(self.model, name, self.viewer)]
        found = self.store.expand(ids, self.viewer, known, incoming) if known and ids else []
        return [edge for edge in found if self._in_force(edge)]

    def _take(self, web: Web, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), CHUNK):
            web.nodes.update(self.store.many(ids[start : start + CHUNK], self.viewer))

    def _in_force(self, edge: Edge) -> bool:
        since, until = edge.properties.get("since", 0), edge.properties.get("until", OPEN)
        return isinstance(since, int) and isinstance(until, int) and since <= self._now < until


def _bound(level: Node) -> int:
    bound = level.properties.get("lower_bound")
    return bound if isinstance(bound, int) else int(level.properties["rank"]) * MILLION  # type: ignore[arg-type]


def referred(node: Node, reference: str) -> Sequence[str]:
    """The ids that a property refers to."""
    value = node.properties.get(reference, ())
    return sorted(value) if isinstance(value, tuple) else (str(value),)
