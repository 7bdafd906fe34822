"""What sight asks about people, of one state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

from graph.alike import HASHABLE, MARK, MARK_AS_SAID, SALTED
from graph.columns import BATCH
from graph.joining import Decided, Hashes, Identified, Stating
from graph.keys import unpack_keys
from graph.kinds import IDENTITY
from graph.neo4j.cypher import Layout, any_of, quoted
from graph.neo4j.names import texts
from graph.persons import OTHER, SAME
from graph.sight import JOB, JOB_PERSON, JOB_UNIT, MEMBER, UNIT, WITHIN
from ontology.values import OPEN

_RECORDS = (
    "MATCH (n:Resource) WHERE n._key IN $keys "
    "WITH n ORDER BY n.id RETURN collect(n._key), collect(n.id), collect(n._source)"
)
_NAMED = "MATCH (n:{0}) WHERE n.id IN $ids RETURN collect(n.id), collect(n._key)"
_LEARNER = quoted("learner")
_JOINING = f"(i:{quoted(IDENTITY)})-[:{_LEARNER}]->(l:Resource)"
_JOINS = "coalesce(i.verified, true) AND i.system IS NOT NULL AND i.value IS NOT NULL"
_IDENTITIES = (
    f"MATCH {_JOINING} WHERE l._key IN $keys AND {_JOINS} RETURN collect(l._key), collect(i.system), collect(i.value)"
)
_DECISIONS = (
    f"MATCH (a:Resource)-[r:{quoted(SAME)}|{quoted(OTHER)}]-(b:Resource) WHERE a._key IN $keys "
    "WITH DISTINCT r RETURN collect(type(r)), collect(startNode(r)._key), collect(endNode(r)._key)"
)
_MARKED = (
    f"MATCH (i:{quoted(IDENTITY)}) WHERE i.{{0}} IN $marks AND {_JOINS} MATCH {_JOINING} "
    "RETURN collect(DISTINCT l._key)"
)
_SALTED = (
    f"MATCH (i:{quoted(IDENTITY)}) WHERE i.{MARK} STARTS WITH $system "
    f"WITH DISTINCT split(i.{MARK}, ' ')[2..] AS salt RETURN collect(salt)"
)
_HASHABLE = (
    f"MATCH (i:{quoted(IDENTITY)}) WHERE i._key > $after AND i.system IN $systems AND {_JOINS} "
    "WITH i ORDER BY i._key LIMIT $size RETURN collect(i._key), collect(i.system), collect(i.value)"
)
_STATING = (
    f"MATCH (i:{quoted(IDENTITY)}) WHERE i._key IN $keys AND {_JOINS} "
    "RETURN collect(i._key), collect(i.system), collect(i.value)"
)
_WRITTEN = "MATCH (i:_ChangeItem) WHERE i.change > $since AND i.type = $type RETURN collect(i.keys)"
_NUMBER = "MATCH (s:_Store) RETURN s.number"
_UNITS = (
    f"MATCH (top:Resource) WHERE top.id IN $ids MATCH (u)-[:{quoted(WITHIN)}*0..]->(top) "
    f"WHERE u = top OR u:{quoted(UNIT)} RETURN collect(DISTINCT u._key)"
)
_IN_FORCE = f"coalesce({{0}}.since, 0) <= $now AND coalesce({{0}}.until, {OPEN}) > $now"
_MEMBERS = (
    f"MATCH (l:Resource)-[m:{quoted(MEMBER)}]->(u:Resource) WHERE {{0}} AND {_IN_FORCE.format('m')} "
    "RETURN collect(DISTINCT l._key)"
)
_EMPLOYED = (
    f"MATCH (l:Resource)<-[:{quoted(JOB_PERSON)}]-(j:{quoted(JOB)})-[:{quoted(JOB_UNIT)}]->(u:Resource) "
    f"WHERE {{0}} AND {_IN_FORCE.format('j')} RETURN collect(DISTINCT l._key)"
)
_EVERYONE = "u._key IN $units"
_SOME = "l._key IN $among AND u._key IN $units"


class Asked(Protocol):
    """Where queries are asked: `graph.neo4j.states.Reading`, or inside a transaction."""

    def columns(self, query: str, **parameters: Any) -> list[list[Any]]:
        """The columns of a query that gives one record of lists."""
        ...


class Neo4jPeople:
    """See `graph.sight.People`."""

    def __init__(self, reading: Asked, layout: Layout, hashes: Hashes | None = None) -> None:
        self.hashes = hashes or Hashes()
        self._reading = reading
        self._records = [layout.names[number] for number in sorted(layout.people)]

    def named(self, ids: Collection[str]) -> dict[str, int]:
        query = _NAMED.format(any_of(self._records))
        return dict(zip(*self._reading.columns(query, ids=texts(ids)), strict=True))

    def records(self, keys: Collection[int]) -> list[tuple[int, str, str]]:
        found: list[tuple[int, str, str]] = list(zip(*self._reading.columns(_RECORDS, keys=sorted(keys)), strict=True))
        return found

    def identities(self, keys: Collection[int]) -> Identified:
        return list(zip(*self._reading.columns(_IDENTITIES, keys=sorted(keys)), strict=True))

    def decisions(self, keys: Collection[int]) -> Decided:
        return list(zip(*self._reading.columns(_DECISIONS, keys=sorted(keys)), strict=True))

    def marked(self, marks: Collection[str]) -> set[int]:
        if not marks:
            return set()
        found = (self._reading.columns(_MARKED.format(name), marks=sorted(marks))[0] for name in (MARK, MARK_AS_SAID))
        return {key for keys in found for key in keys}

    def salts(self) -> set[tuple[str, str]]:
        found = {system: self._reading.columns(_SALTED, system=f"{system} ")[0] for system in SALTED}
        return {(system, " ".join(parts)) for system, salts in found.items() for parts in salts}

    def hashable(self, since: int) -> tuple[int, Iterable[Stating]]:
        number: int = self._reading.columns(_NUMBER)[0]  # type: ignore[assignment]
        if since < 0:
            return number, self._all_hashable()
        written = (
            unpack_keys(packed, edges=False)
            for packed in self._reading.columns(_WRITTEN, since=since, type=IDENTITY)[0]
        )
        keys = [key for some in written for key in some.tolist()]
        return number, [row for row in self.stating(keys) if row[1] in HASHABLE]

    def _all_hashable(self) -> Iterator[Stating]:
        after, size = 0, BATCH
        while size == BATCH:
            rows = self._reading.columns(_HASHABLE, after=after, systems=list(HASHABLE), size=BATCH)
            after, size = max(rows[0], default=0), len(rows[0])
            yield from zip(*rows, strict=True)

    def stating(self, keys: Collection[int]) -> list[Stating]:
        return list(zip(*self._reading.columns(_STATING, keys=sorted(keys)), strict=True))

    def units(self, ids: Collection[str]) -> set[int]:
        return set(self._reading.columns(_UNITS, ids=texts(ids))[0])

    def members(self, units: Collection[int], now: int, among: Collection[int] | None) -> set[int]:
        given = {"units": sorted(units), "now": now, **({} if among is None else {"among": sorted(among)})}
        where = _EVERYONE if among is None else _SOME
        found = (self._reading.columns(query.format(where), **given)[0] for query in (_MEMBERS, _EMPLOYED))
        return {key for keys in found for key in keys}
