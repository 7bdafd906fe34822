"""Who refers to nodes: what keeps a removed node in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from graph.kinds import NodeKind
from graph.neo4j.cypher import Layout, any_of, parts, quoted, stated_edges
from graph.neo4j.server import Rows


class Ask(Protocol):
    """What answers a query: a transaction, or the server."""

    def __call__(self, query: str, /, **parameters: Any) -> Rows: ...


def referred(ask: Ask, layout: Layout, kind: NodeKind, keys: Sequence[int]) -> set[int]:
    """See `graph.lookup.Lookup.referred`."""
    going = set(keys)
    staying: set[int] = set()
    own: dict[int, set[int]] = defaultdict(set)  # referrer -> what it refers to, within the type
    for some in parts(sorted(going)):
        for query in _by_others(layout, kind):
            staying.update(ask(query, keys=some)[0][0])
        staying.update(_by_edge_properties(ask, layout, kind, some))
        for start, target in _by_own(ask, kind, some):
            own[start].add(target)
    for start in own.keys() - going:
        staying |= own[start]
    waiting = list(staying)
    while waiting:
        more = own.get(waiting.pop(), set()) - staying
        staying |= more
        waiting.extend(more)
    return staying & going


def incoming(layout: Layout, kind: NodeKind) -> list[str]:
    """The references of nodes that may lead to a node of the kind."""
    kinds = layout.nodes.values()
    return sorted({name for each in kinds for name, to in each.references.items() if kind.number in to.targets})


def _by_others(layout: Layout, kind: NodeKind) -> list[str]:
    """Queries for nodes that are an end of an edge, and for those that nodes of other types refer to."""
    find = "UNWIND $keys AS key MATCH (n:Resource {{_key: key}}) WHERE EXISTS {{ {0} }} RETURN collect(key)"
    edges = [name for name in stated_edges(layout) if kind.number in _ends(layout, name)]
    names = incoming(layout, kind)
    patterns = [f"(n)-[:{any_of(edges)}]-()"] * bool(edges)
    patterns += [f"(n)<-[:{any_of(names)}]-(other) WHERE NOT other:{quoted(kind.name)}"] * bool(names)
    return [find.format(pattern) for pattern in patterns]


def _ends(layout: Layout, edge: str) -> frozenset[int]:
    kind = layout.edges[edge]
    return kind.ends_of(incoming=False) | kind.ends_of(incoming=True)


def _by_edge_properties(ask: Ask, layout: Layout, kind: NodeKind, keys: Sequence[int]) -> set[int]:
    """Nodes that properties of edges name."""
    named = [
        (edge, name, each.property.many)
        for edge in stated_edges(layout)
        for name, each in layout.edges[edge].references.items()
        if kind.number in each.targets
    ]
    found: set[int] = set()
    for edge, name, many in named:
        states = f"n.id IN r.{quoted(name)}" if many else f"r.{quoted(name)} = n.id"
        query = (
            f"UNWIND $keys AS key MATCH (n:Resource {{_key: key}}) "
            f"WHERE EXISTS {{ ()-[r:{quoted(edge)}]->() WHERE {states} }} RETURN collect(key)"
        )
        found.update(ask(query, keys=keys)[0][0])
    return found


def _by_own(ask: Ask, kind: NodeKind, keys: Sequence[int]) -> list[tuple[int, int]]:
    """(referrer, target) among nodes of the type itself."""
    names = [name for name, each in kind.references.items() if kind.number in each.targets]
    if not names:
        return []
    query = (
        f"UNWIND $keys AS key MATCH (:Resource {{_key: key}})<-[:{any_of(names)}]-(other:{quoted(kind.name)}) "
        "RETURN collect(other._key), collect(key)"
    )
    ((starts, targets),) = ask(query, keys=keys)
    return list(zip(starts, targets, strict=True))
