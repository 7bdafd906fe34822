"""What sight asks about people, of one state."""

from __future__ import annotations

from collections.abc import Collection

from graph.kinds import IDENTITY
from graph.neo4j.cypher import Layout, any_of, quoted
from graph.neo4j.names import texts
from graph.neo4j.states import Reading
from graph.sight import JOB, JOB_PERSON, JOB_UNIT, MEMBER, UNIT, WITHIN, Identified
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
_SHARING = (
    f"MATCH (i:{quoted(IDENTITY)}) WHERE i.value IN $values AND {_JOINS} MATCH {_JOINING} "
    "RETURN collect(l._key), collect(i.system), collect(i.value)"
)
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


class Neo4jPeople:
    """See `graph.sight.People`."""

    def __init__(self, reading: Reading, layout: Layout) -> None:
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

    def sharing(self, pairs: Collection[tuple[str, str]]) -> set[int]:
        if not pairs:
            return set()
        values = sorted({value for _, value in pairs})
        found = zip(*self._reading.columns(_SHARING, values=values), strict=True)
        return {learner for learner, system, value in found if (system, value) in pairs}

    def units(self, ids: Collection[str]) -> set[int]:
        return set(self._reading.columns(_UNITS, ids=texts(ids))[0])

    def members(self, units: Collection[int], now: int, among: Collection[int] | None) -> set[int]:
        given = {"units": sorted(units), "now": now, **({} if among is None else {"among": sorted(among)})}
        where = _EVERYONE if among is None else _SOME
        found = (self._reading.columns(query.format(where), **given)[0] for query in (_MEMBERS, _EMPLOYED))
        return {key for keys in found for key in keys}
