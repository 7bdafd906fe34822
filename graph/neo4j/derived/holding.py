"""HAS_SKILL: what persons hold now, and when that may change by time alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.evidence import classes
from graph.neo4j.derived.fence import Step
from graph.neo4j.derived.reading import Ask, Ints, columns, joined
from graph.neo4j.derived.supports import different
from ontology.model import Model
from ontology.values import OPEN

_DUE = "MATCH (p:Learner) WHERE p._due <= $now WITH p LIMIT $most RETURN collect(p._key)"
_SUPPORTED = (
    "UNWIND $keys AS key MATCH (p:Resource {_key: key}) "
    "MATCH (:Learner {_person: p.id})<-[:learner]-(e:Evidence)-[s:SUPPORTS]->(k) WHERE NOT e.kind IN $claimed "
    "WITH key, k, max(CASE WHEN s.since <= $now AND (s.until IS NULL OR $now < s.until) THEN s.level END) AS level, "
    "min(CASE WHEN $now < s.since THEN s.since WHEN $now < s.until THEN s.until END) AS due "
    "RETURN collect(key), collect(k._key), collect(coalesce(level, 0)), collect(coalesce(due, $open))"
)
_HELD = (
    "UNWIND $keys AS key MATCH (:Resource {_key: key})-[h:HAS_SKILL]->(k) "
    "RETURN collect(key), collect(k._key), collect(h.level)"
)
_DELETE = "UNWIND $rows AS row MATCH (:Resource {_key: row[0]})-[h:HAS_SKILL]->(:Resource {_key: row[1]}) DELETE h"
_CREATE = (
    "UNWIND $rows AS row MATCH (p:Resource {_key: row[0]}) MATCH (k:Resource {_key: row[1]}) "
    "CREATE (p)-[:HAS_SKILL {level: row[2]}]->(k)"
)
_SET = (
    "UNWIND $rows AS row MATCH (:Resource {_key: row[0]})-[h:HAS_SKILL]->(:Resource {_key: row[1]}) "
    "SET h.level = row[2]"
)
_SET_DUE = "UNWIND $rows AS row MATCH (p:Resource {_key: row[0]}) SET p._due = row[1]"

PERSONS_AT_ONCE = 1_000


class Holder:
    """Renews what is held at one instant."""

    def __init__(self, ask: Ask, model: Model, now: int) -> None:
        self._ask = ask
        self._claimed = [kind for kind, of in classes(model).items() if of == "claimed"]
        self._now = now

    def renewals(self) -> Iterator[list[Step]]:
        """For some who are due after the other; each must be written before the next is asked for."""
        while len(due := self._due()):
            yield self._steps(due)

    def _due(self) -> Ints:
        return joined(self._ask(_DUE, now=self._now, most=PERSONS_AT_ONCE)[0])

    def _steps(self, due: Ints) -> list[Step]:
        person, skill, level, until = columns(
            self._ask, _SUPPORTED, due, 4, claimed=self._claimed, now=self._now, open=OPEN
        )
        held = level > 0
        wanted = _levels(person[held], skill[held], level[held])
        found = different(_levels(*columns(self._ask, _HELD, due, 3)), wanted)
        return [*zip((_DELETE, _CREATE, _SET), found, strict=True), (_SET_DUE, _next(due, person, until))]


def _levels(person: Ints, skill: Ints, level: Ints) -> dict[tuple[int, int], tuple[int, ...]]:
    pairs = zip(person.tolist(), skill.tolist(), strict=True)
    return dict(zip(pairs, ((each,) for each in level.tolist()), strict=True))


def _next(due: Ints, person: Ints, until: Ints) -> list[list[int | None]]:
    """The first instant at which something of each person begins or ends."""
    order = np.argsort(due)
    first = np.full(len(due), OPEN, np.int64)
    np.minimum.at(first, order[np.searchsorted(due[order], person)], until)
    return [[key, None if at == OPEN else at] for key, at in zip(due.tolist(), first.tolist(), strict=True)]
