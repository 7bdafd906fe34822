"""Cutting what is too much for one statement into ranges of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from graph.neo4j.cypher import quoted
from graph.neo4j.server import Rows

LAST = 2**62
"""After every key."""

_BOUNDARY = "MATCH (n:{0}) WHERE n._key >= $low WITH n._key AS key ORDER BY key SKIP $size LIMIT 1 RETURN collect(key)"
_NODES = "MATCH (n:{0}) RETURN count(n)"
_EDGES = "MATCH ()-[r:{0}]->() RETURN count(r)"

Ask = Callable[..., Rows]


def key_ranges(ask: Ask, labels: Sequence[str], size: int, low: int = 0) -> Iterator[tuple[int, int]]:
    """Ranges [low, high) of keys, each with at most `size` nodes of any one label."""
    while low < LAST:
        found = [ask(_BOUNDARY.format(quoted(label)), low=low, size=size)[0][0] for label in labels]
        high = min((keys[0] for keys in found if keys), default=LAST)
        yield low, high
        low = high


def nodes_for(ask: Ask, labels: Sequence[str], edge: str, edges: int) -> int:
    """How many nodes of a label have, on the whole, so many edges."""
    nodes: int = sum(ask(_NODES.format(quoted(label)))[0][0] for label in labels)
    there: int = ask(_EDGES.format(quoted(edge)))[0][0]
    return max(1, edges * nodes // max(1, there))
