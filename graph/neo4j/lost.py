"""References and edges that lead nowhere, or to what may not stand there.

No write makes them; a hand that edits the graph may. Most is told by the numbers that the database keeps of nodes by
label and of relationships by type and the label at one end: asking for them takes no time, however large the graph.
Each end is looked at by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from graph.kinds import NodeKind, Reference
from graph.mentions import may_name
from graph.neo4j.cypher import Layout, parts, quoted, stated_edges
from graph.neo4j.referrers import Ask

_NAMED = "MATCH ()-[r:{0}]->() WHERE r.{1} IS NOT NULL UNWIND r.{1} AS id RETURN id, count(*)"
_THERE = "MATCH (n:Resource) WHERE n.id IN $ids RETURN collect(n.id)"
_AT_ONCE = 20  # counts asked for by one statement: as parts of a union each is planned by itself


def lost(ask: Ask, layout: Layout) -> Iterator[tuple[str, int]]:
    """(what, how many)."""
    counts = _Counts(ask)
    questions = [*_edges(layout), *_references(layout), *_facts(layout)]
    counts.learn([pattern for _, whole, some in questions for pattern in (whole, *some)])
    for name, whole, some in questions:
        yield name, counts[whole] - sum(counts[pattern] for pattern in some)
    for edge in stated_edges(layout):
        for name in layout.edges[edge].references:
            yield f"{edge}.{name}", _not_there(ask, dict(map(tuple, ask(_NAMED.format(quoted(edge), quoted(name))))))


def _not_there(ask: Ask, named: Mapping[str, int]) -> int:
    """How often ids are named that no node has."""
    there = {id for some in parts(list(named)) for id in ask(_THERE, ids=some)[0][0]}
    return sum(number for id, number in named.items() if id not in there)


_Question = tuple[str, str, list[str]]
"""What is looked for, the pattern of all, and the patterns that together should be all."""


def _edges(layout: Layout) -> Iterator[_Question]:
    for name in stated_edges(layout):
        kind = layout.edges[name]
        yield from _ends(layout, name, kind.ends_of(incoming=False), kind.ends_of(incoming=True))


def _references(layout: Layout) -> Iterator[_Question]:
    kinds: dict[str, list[tuple[NodeKind, Reference]]] = defaultdict(list)
    for kind in layout.nodes.values():
        for name, reference in kind.references.items():
            kinds[name].append((kind, reference))
    for name, alike in kinds.items():
        targets = {to for _, reference in alike for to in reference.targets}
        yield from _ends(layout, name, {kind.number for kind, _ in alike}, targets)


def _ends(layout: Layout, name: str, starts: Iterable[int], ends: Iterable[int]) -> Iterator[_Question]:
    whole = f"()-[x:{quoted(name)}]->()"
    froms = [f"(:{quoted(layout.names[start])})-[x:{quoted(name)}]->()" for start in sorted(starts)]
    yield f"{name} from", whole, froms
    yield f"{name} to", whole, [f"()-[x:{quoted(name)}]->(:{quoted(layout.names[end])})" for end in sorted(ends)]


def _facts(layout: Layout) -> Iterator[_Question]:
    """What must refer to something and does not; who was erased may be missing."""
    for kind in layout.nodes.values():
        for name, reference in kind.references.items():
            each = reference.property
            erasable = may_name(each, layout.model) and name != kind.person
            if each.required and not each.many and not erasable:
                row = quoted(kind.name)
                yield f"{kind.name}.{name}", f"(x:{row})", [f"(:{row})-[x:{quoted(name)}]->()"]


class _Counts:
    """How often patterns match."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, int] = {}

    def __getitem__(self, pattern: str) -> int:
        return self._known[pattern]

    def learn(self, patterns: Iterable[str]) -> None:
        distinct = list(dict.fromkeys(patterns))
        for some in parts(distinct, _AT_ONCE):
            each = (
                f"MATCH {pattern} WITH count(x) AS number RETURN {place} AS place, number"
                for place, pattern in enumerate(some)
            )
            self._known.update((some[place], number) for place, number in self._ask(" UNION ALL ".join(each)))
