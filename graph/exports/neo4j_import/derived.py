"""What Neo4j keeps of what is derived, made beforehand: writing it over Bolt later would take longer than all else.

Read for some people at a time, so that memory stays flat: whole persons for what they hold, since a later attempt may
end what an earlier one supports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.contents import Contents, Form, Rows
from graph.derive import Codes, Evidence, Intervals, Ratings, derive, holding
from graph.derive.joins import last_of_groups, lookup
from graph.derive.tables import EVIDENCE_COLUMNS, RATING_COLUMNS
from graph.evidence import classes
from graph.exports.neo4j_import.files import FROM, TO, ImportFile, columns_of
from graph.exports.neo4j_import.folder import Folder
from graph.index.read import read, read_rules
from graph.index.records import group, read_identities, read_learners
from graph.kinds import NODES, NodeKind
from graph.neo4j.shape import Forms
from graph.settings import Settings
from graph.store import Store
from ontology.values import MILLION, OPEN

Ints = NDArray[np.int64]
Untils = tuple[int, Mapping[int, int]]

_SUPPORTS = {"level": Form.NUMBER, "since": Form.NUMBER, "until": Form.NUMBER}
_HAS_SKILL = {"level": Form.NUMBER}
_PEOPLE = 5_000  # records whose evidence is read at once
_EVIDENCE = "Evidence"


@dataclass(frozen=True, slots=True)
class People:
    """Learner records, ascending by key, each with its person's number; of persons the record that names them."""

    keys: Ints
    person: NDArray[np.int32]
    ids: list[str]  # of persons
    primary: Ints  # of persons, keys

    @classmethod
    def of(cls, store: Store, settings: Settings) -> People:
        learners = read_learners(store)
        grouping = group(learners, read_identities(store), settings)
        order = np.argsort(learners.keys)
        ids = [learners.ids[row] for row in grouping.primary.tolist()]
        return cls(learners.keys[order], grouping.person[order], ids, learners.keys[grouping.primary])

    def persons_of(self, records: Ints) -> NDArray[np.int32]:
        """-1 of a record that is not there."""
        found, places = lookup(records, self.keys)
        if not len(self.person):
            return np.full(len(records), -1, np.int32)
        return np.where(found, self.person[places], -1).astype(np.int32)

    def some(self) -> Iterator[tuple[int, int, Ints]]:
        """Persons from one number up to another, with their records."""
        order = np.argsort(self.person, kind="stable")
        start = 0
        while start < len(order):
            last = self.person[order[min(start + _PEOPLE, len(order)) - 1]]
            stop = int(np.searchsorted(self.person, last, side="right", sorter=order))
            yield int(self.person[order[start]]), int(last) + 1, self.keys[order[start:stop]]
            start = stop


class Deriving:
    """Derives everything of one store at one instant."""

    def __init__(self, store: Store, settings: Settings, contents: Contents, now: int) -> None:
        self._store = store
        self._contents = contents
        self._now = now
        self._rules = read_rules(store)
        self._codes = Codes.of(store.model)
        self._people = People.of(store, settings)
        self._due = np.full(len(self._people.ids), OPEN, np.int64)
        claimed = [number for number, kind in enumerate(classes(store.model).values(), 1) if kind == "claimed"]
        self._claimed = np.array(claimed, np.int64)

    def write(self, folder: Folder) -> None:
        """SUPPORTS and HAS_SKILL."""
        with (
            folder.relationships("SUPPORTS", "SUPPORTS", [FROM, TO, *columns_of(_SUPPORTS)]) as supports,
            folder.relationships("HAS_SKILL", "HAS_SKILL", [FROM, TO, *columns_of(_HAS_SKILL)]) as held,
        ):
            for first, end, records in self._people.some():
                skills = self._supported(("learner", records.tolist()))
                self._write_supports(supports, skills)
                counted = skills.take(~np.isin(skills.kind, self._claimed))
                self._write_held(held, counted)
                self._due[first:end] = self._changes(counted, first, end)

    def further(self, kind: NodeKind) -> tuple[Forms, Callable[[Rows], Rows]]:
        """What is derived of each node of a type; to be asked for after `write`, of rows in the order of keys."""
        if kind.name == _EVIDENCE:
            return {"_until": Form.NUMBER}, _InStep(self._untils()).of
        if kind.person == "id":
            return {"_person": Form.TEXT, "_due": Form.NUMBER}, self._of_learners
        return {}, lambda _: {}

    def _supported(self, where: tuple[str, list[int]]) -> Intervals:
        evidence = self._evidence(read(self._store, _EVIDENCE, ("key", "learner", *EVIDENCE_COLUMNS), where))
        ratings = read(self._store, "Rating", ("key", *RATING_COLUMNS), ("evidence", evidence.key.tolist()))
        return derive([evidence], Ratings.of(ratings), self._rules, self._codes).skills

    def _evidence(self, arrays: Mapping[str, NDArray[Any]]) -> Evidence:
        return Evidence.of(arrays, self._people.persons_of(arrays["learner"]))

    def _write_supports(self, file: ImportFile, skills: Intervals) -> None:
        if len(skills):
            ends = [None if end == OPEN else end for end in skills.until.tolist()]
            file.write(
                {
                    "_from": self._contents.keys(_EVIDENCE, skills.evidence.tolist()),
                    "_to": self._contents.keys(NODES, skills.subject.tolist()),
                    "level": (skills.level.astype(np.int64) * MILLION).tolist(),
                    "since": skills.since.tolist(),
                    "until": ends,
                }
            )

    def _write_held(self, file: ImportFile, skills: Intervals) -> None:
        now = skills.take((skills.since <= self._now) & (self._now < skills.until))
        best = now.take(last_of_groups([now.person, now.subject], [now.level]))
        if len(best):
            file.write(
                {
                    "_from": self._contents.keys(NODES, self._people.primary[best.person].tolist()),
                    "_to": self._contents.keys(NODES, best.subject.tolist()),
                    "level": (best.level.astype(np.int64) * MILLION).tolist(),
                }
            )

    def _changes(self, skills: Intervals, first: int, end: int) -> Ints:
        """Of each person the first instant after now at which something begins or ends."""
        changes = np.full(end - first, OPEN, np.int64)
        for instants in (skills.since, skills.until):
            later = instants > self._now
            np.minimum.at(changes, skills.person[later] - first, instants[later])
        return changes

    def _untils(self) -> Iterator[Untils]:
        """Of evidence in the order of keys: the last key that was looked at, and until when something of it holds."""
        for batch in self._store.scan(_EVIDENCE, ("key", "learner", *EVIDENCE_COLUMNS)):
            keys, until = holding(self._evidence(batch.arrays), self._rules, self._codes)
            (last,) = self._contents.keys(_EVIDENCE, batch.arrays["key"][-1:].tolist())
            yield last, dict(zip(self._contents.keys(_EVIDENCE, keys.tolist()), until.tolist(), strict=True))

    def _of_learners(self, rows: Rows) -> Rows:
        people = self._people
        own = np.array(self._contents.keys(NODES, people.keys.tolist()), np.int64)
        person = people.person[np.searchsorted(own, rows["_key"])]
        named = np.array(self._contents.keys(NODES, people.primary[person].tolist()), np.int64) == rows["_key"]
        due = zip(named.tolist(), self._due[person].tolist(), strict=True)
        return {
            "_person": [people.ids[each] for each in person.tolist()],
            "_due": [at if first and at != OPEN else None for first, at in due],
        }


class _InStep:
    """Reads in step with rows that come in the order of the same keys."""

    def __init__(self, untils: Iterator[Untils]) -> None:
        self._untils = untils
        self._last = 0
        self._ahead: dict[int, int] = {}

    def of(self, rows: Rows) -> Rows:
        keys = rows["_key"]
        while self._last < keys[-1]:
            self._last, found = next(self._untils)
            self._ahead |= found
        return {"_until": [self._ahead.pop(key, None) for key in keys]}
