"""What evidence supports, derived for some persons at a time and compared with what the database has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph.derive import Codes, Derived, Evidence, Ratings, Rules, derive, holding
from graph.derive.tables import EVIDENCE_COLUMNS, RATING_COLUMNS
from graph.index.read import read
from graph.neo4j.derived.fence import Step
from graph.neo4j.derived.persons import Persons
from graph.neo4j.derived.reading import Ints, Passing, column, columns, joined, union
from ontology.values import MILLION, OPEN

_SERIES = (
    "UNWIND $keys AS key MATCH (:Resource {_key: key})<-[:learner]-(e:Evidence)-[:about]->(a) "
    "WHERE a._key IN $latest RETURN collect(e._key)"
)
_SUPPORTS = (
    "UNWIND $keys AS key MATCH (e:Resource {_key: key})-[s:SUPPORTS]->(k) RETURN collect(key), collect(k._key), "
    "collect(s.level), collect(s.since), collect(coalesce(s.until, $open))"
)
_UNTIL = (
    "UNWIND $keys AS key MATCH (e:Resource {_key: key}) WHERE e._until IS NOT NULL "
    "RETURN collect(key), collect(e._until)"
)
_MARK = "UNWIND $rows AS row MATCH (p:Resource {_key: row}) SET p._due = 0"
_DELETE = "UNWIND $rows AS row MATCH (:Resource {_key: row[0]})-[s:SUPPORTS]->(:Resource {_key: row[1]}) DELETE s"
_CREATE = (
    "UNWIND $rows AS row MATCH (e:Resource {_key: row[0]}) MATCH (k:Resource {_key: row[1]}) "
    "CREATE (e)-[:SUPPORTS {level: row[2], since: row[3], until: row[4]}]->(k)"
)
_SET = (
    "UNWIND $rows AS row MATCH (:Resource {_key: row[0]})-[s:SUPPORTS]->(:Resource {_key: row[1]}) "
    "SET s.level = row[2], s.since = row[3], s.until = row[4]"
)
_SET_UNTIL = "UNWIND $rows AS row MATCH (e:Resource {_key: row[0]}) SET e._until = row[1]"

RECORDS_AT_ONCE, EVIDENCE_AT_ONCE = 1_000, 10_000

Edges = Mapping[tuple[int, int], tuple[int | None, ...]]


@dataclass(frozen=True, slots=True)
class Portion:
    """Whole persons whose evidence is derived together: all of it (None), or some and what it may end."""

    persons: Ints
    records: Ints
    evidence: Ints | None


def portions_of_all(persons: Persons) -> Iterator[Portion]:
    """Everyone with all their evidence."""
    order = np.argsort(persons.person, kind="stable")
    for rows in _apart(persons.person[order], RECORDS_AT_ONCE):
        chosen = order[rows]
        yield Portion(np.unique(persons.person[chosen]), persons.records[chosen], None)


def portions_of(persons: Persons, evidence: Ints, learner: Ints, others: Ints) -> Iterator[Portion]:
    """The persons that evidence is about, each once with it, and other persons."""
    about = persons.persons_of(learner)
    person = joined([about[about >= 0], others])
    keys = joined([evidence[about >= 0], np.zeros_like(others)])
    order = np.argsort(person, kind="stable")
    for rows in _apart(person[order], EVIDENCE_AT_ONCE):
        chosen = order[rows]
        some = np.unique(person[chosen])
        own = np.unique(keys[chosen])
        yield Portion(some, persons.members(some), own[own > 0])


def _apart(persons: Ints, size: int) -> Iterator[slice]:
    """Slices of some length of rows in the order of their persons, none of which parts a person's rows."""
    start = 0
    while start < len(persons):
        last = persons[min(start + size, len(persons)) - 1]
        stop = int(np.searchsorted(persons, last, side="right"))
        yield slice(start, stop)
        start = stop


class Supporter:
    """Derives by one set of rules."""

    def __init__(self, store: Passing, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._ask = store.ask
        self._codes = Codes.of(store.model)
        self._latest = sorted(rules.latest)

    def steps(self, portion: Portion, persons: Persons) -> list[Step]:
        """What makes the database say what the portion's evidence supports; its persons are due first."""
        evidence = self._evidence(portion, persons)
        ratings = read(self._store, "Rating", ("key", *RATING_COLUMNS), ("evidence", evidence.key.tolist()))
        derived = derive([evidence], Ratings.of(ratings), self._rules, self._codes)
        found = different(self._held(evidence.key), _wanted(derived))
        edges = zip((_DELETE, _CREATE, _SET), found, strict=True)
        return [(_MARK, portion.persons.tolist()), *edges, self._untils(evidence)]

    def _evidence(self, portion: Portion, persons: Persons) -> Evidence:
        where = ("learner", portion.records) if portion.evidence is None else ("key", self._with_series(portion))
        found = read(self._store, "Evidence", ("key", "learner", *EVIDENCE_COLUMNS), (where[0], where[1].tolist()))
        person = np.searchsorted(portion.persons, persons.persons_of(found["learner"]))
        return Evidence.of(found, person.astype(np.int32))

    def _with_series(self, portion: Portion) -> Ints:
        """The evidence, and all attempts of its persons of which only the latest counts."""
        assert portion.evidence is not None
        if not self._latest:
            return portion.evidence
        return union(portion.evidence, column(self._ask, _SERIES, portion.records, latest=self._latest))

    def _held(self, evidence: Ints) -> Edges:
        found = (each.tolist() for each in columns(self._ask, _SUPPORTS, evidence, 5, open=OPEN))
        starts, subjects, *values = found
        return _edges(starts, subjects, *values)

    def _untils(self, evidence: Evidence) -> Step:
        """Until when credentials are held and completions fulfil."""
        held_keys, untils = holding(evidence, self._rules, self._codes)
        wanted = dict(zip(held_keys.tolist(), untils.tolist(), strict=True))
        keys, before = (each.tolist() for each in columns(self._ask, _UNTIL, evidence.key, 2))
        held = dict(zip(keys, before, strict=True))
        rows: list[list[Any]] = [[key, None] for key in held if key not in wanted]
        return _SET_UNTIL, rows + [[key, at] for key, at in wanted.items() if held.get(key) != at]


def _wanted(derived: Derived) -> Edges:
    skills = derived.skills
    levels = (skills.level.astype(np.int64) * MILLION).tolist()
    return _edges(
        skills.evidence.tolist(), skills.subject.tolist(), levels, skills.since.tolist(), skills.until.tolist()
    )


def _edges(starts: list[int], ends: list[int], *values: list[int]) -> Edges:
    """Edges by (start, end); an end that is open is none."""
    *others, untils = values
    ended = [None if until == OPEN else until for until in untils]
    return dict(zip(zip(starts, ends, strict=True), zip(*others, ended, strict=True), strict=True))


def different(held: Edges, wanted: Edges) -> tuple[list[list[Any]], list[list[Any]], list[list[Any]]]:
    """Edges that are to go (start, end), to be made (start, end, values), and to be given other values.

    What is held was read behind the fence: nobody else makes the same edge meanwhile.
    """
    gone = [list(pair) for pair in held if pair not in wanted]
    new = [[*pair, *values] for pair, values in wanted.items() if pair not in held]
    other = [[*pair, *values] for pair, values in wanted.items() if held.get(pair, values) != values]
    return gone, new, other
