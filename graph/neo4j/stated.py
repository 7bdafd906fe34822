"""What sources state: rows by source, and the columns that any row of a type has."""

from __future__ import annotations

from collections.abc import Iterator

from graph.kinds import EdgeKind, NodeKind
from graph.merge import REMOVED
from graph.neo4j.cypher import Layout, quoted
from graph.neo4j.names import texts
from graph.neo4j.ranges import key_ranges, nodes_for
from graph.neo4j.states import Reading, States

_SWEPT = 20_000  # rows of `owned` at a time

_LANGUAGES = "MATCH (t:_Type {name: $name}) RETURN t.columns"


def owned(states: States, layout: Layout, kind: NodeKind | EdgeKind, source: str) -> Iterator[list[tuple[str, ...]]]:
    """What the source states, as ids or pairs of ids, each batch of the state then: whoever sweeps a source writes
    meanwhile, and is the only one to write what is that source's."""
    if not texts([source]):
        return
    pages = _edges(states, layout, kind, source) if isinstance(kind, EdgeKind) else _nodes(states, kind, source)
    yield from filter(None, pages)


def _nodes(states: States, kind: NodeKind, source: str) -> Iterator[list[tuple[str, ...]]]:
    query = (
        f"MATCH (n:{quoted(kind.name)}) WHERE n._key > $after AND n._source = $source AND n._hash <> $removed "
        "WITH n ORDER BY n._key LIMIT $size RETURN collect(n._key), collect(n.id)"
    )
    after = 0
    while True:
        keys, ids = states.fetch(query, after=after, source=source, removed=REMOVED, size=_SWEPT)[0]
        yield [(id,) for id in ids]
        if len(keys) < _SWEPT:
            return
        after = keys[-1]


def _edges(states: States, layout: Layout, kind: EdgeKind, source: str) -> Iterator[list[tuple[str, ...]]]:
    labels = sorted({layout.names[start] for start, _ in kind.joins})
    for low, high in key_ranges(states.fetch, labels, nodes_for(states.fetch, labels, kind.name, _SWEPT)):
        for label in labels:
            query = (
                f"MATCH (a:{quoted(label)})-[r:{quoted(kind.name)}]->(b) WHERE a._key >= $low AND a._key < $high "
                "AND (r._source = $source OR $source IN r._also) RETURN collect(a.id), collect(b.id)"
            )
            yield list(zip(*states.fetch(query, low=low, high=high, source=source)[0], strict=True))


def stated_columns(reading: Reading, kind: NodeKind | EdgeKind) -> list[str]:
    """Property names, and `label@de` and the like, that one record at least states; sorted."""
    row = f"()-[n:{quoted(kind.name)}]->()" if isinstance(kind, EdgeKind) else f"(n:{quoted(kind.name)})"
    tests = [_stated(kind, row, name) for name in kind.properties]
    there = reading.rows(f"RETURN {', '.join(tests)}")[0] if tests else ()
    known = reading.rows(_LANGUAGES, name=kind.name)
    some = f"EXISTS {{ MATCH {row} WHERE n[name] IS NOT NULL }}"
    spoken = reading.rows(f"RETURN [name IN $names WHERE {some}]", names=sorted(known[0][0] or ()) if known else [])
    return sorted([*(name for name, stands in zip(kind.properties, there, strict=True) if stands), *spoken[0][0]])


def _stated(kind: NodeKind | EdgeKind, row: str, name: str) -> str:
    if isinstance(kind, NodeKind) and name in kind.references:
        return f"EXISTS {{ MATCH {row}-[:{quoted(name)}]->() }}"
    return f"EXISTS {{ MATCH {row} WHERE n.{quoted(name)} IS NOT NULL }}"
