"""Whose records are one person, as it is and as the database has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graph.derive.joins import lookup
from graph.index.records import Learners, group, read_identities, read_learners
from graph.joining import alike
from graph.neo4j.derived.fence import Step
from graph.neo4j.derived.reading import Ints, Passing, column, columns, joined, union
from graph.neo4j.derived.touched import DECISIONS, Touched, learners_of
from graph.neo4j.people import Neo4jPeople
from graph.settings import Settings

_FELLOWS = (
    "UNWIND $keys AS key MATCH (l:Resource {_key: key}) MATCH (m:Learner {_person: l._person}) "
    "RETURN collect(DISTINCT m._key)"
)
_KNOWN = (
    "UNWIND $keys AS key MATCH (l:Resource {_key: key}) MATCH (p:Resource {id: l._person}) "
    "MATCH (m:Learner {_person: l._person}) WITH DISTINCT m, p RETURN collect(m._key), collect(p._key)"
)
_HELD = "UNWIND $keys AS key MATCH (l:Resource {_key: key}) RETURN collect(key), collect(coalesce(l._person, ''))"
_SET = (
    "UNWIND $rows AS row MATCH (l:Resource {_key: row[0]}) SET l._person = row[1], l._due = 0 "
    "WITH row WHERE row[2] <> '' MATCH (p:Resource {id: row[2]}) SET p._due = 0"
)
_FEW = 2_000
"""Records that are followed from one to the next; reading all of them at once is quicker for more."""


@dataclass(frozen=True, slots=True)
class Persons:
    """Learner records, ascending by key, each with its person: the key of the record whose id is the person's."""

    records: Ints
    person: Ints

    @classmethod
    def of(cls, records: Ints, person: Ints) -> Persons:
        """Of pairs in any order."""
        order = np.argsort(records, kind="stable")
        return cls(records[order], person[order])

    def persons_of(self, records: Ints) -> Ints:
        """The person of each record; -1 of one that is not here."""
        found, places = lookup(records, self.records)
        return np.where(found, self.person[places] if len(self.person) else -1, -1)

    def members(self, persons: Ints) -> Ints:
        """All records of some persons."""
        return self.records[np.isin(self.person, persons)]

    def with_others(self, others: Persons) -> Persons:
        """These, and those of the others that are not among these."""
        new = ~np.isin(others.records, self.records)
        return Persons.of(joined([self.records, others.records[new]]), joined([self.person, others.person[new]]))


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Records that were grouped anew, and those whose person is not what the database says."""

    persons: Persons
    ids: dict[int, str]  # of each person, by its key
    differing: Sequence[tuple[int, str, str]]  # (record, its person's id, that before or "")

    @property
    def affected(self) -> Ints:
        """The persons that won or lost a record."""
        gained = self.persons.persons_of(joined([[record for record, _, _ in self.differing]]))
        keys = {id: key for key, id in self.ids.items()}
        return union(gained, joined([[keys[id] for _, _, id in self.differing if id in keys]]))

    def steps(self) -> list[Step]:
        """What makes the database say the same; all concerned are due then."""
        return [(_SET, [list(row) for row in self.differing])]


NOBODY = Regrouped(Persons(joined([]), joined([])), {}, ())


class Grouper:
    """Groups records of one store."""

    def __init__(self, store: Passing, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._ask = store.ask
        self._people = Neo4jPeople(store, store.layout)

    def everyone(self) -> Regrouped:
        """All records."""
        return self._grouped(read_learners(self._store), None)

    def touched(self, touched: Touched) -> Regrouped:
        """The records that touched identities join, or may have joined."""
        if touched.unjoined:
            return self.everyone()
        _, stating = learners_of(self._ask, touched.of("Identity"))
        records = self._closure(union(touched.of("Learner", *DECISIONS), stating))
        if records is None:
            return self.everyone()
        return self._grouped(read_learners(self._store, ("key", records.tolist())), records) if len(records) else NOBODY

    def known(self, records: Ints) -> Persons:
        """All records of these records' persons, as the database has them."""
        members, persons = columns(self._ask, _KNOWN, records, 2)
        _, first = np.unique(members, return_index=True)
        return Persons.of(members[first], persons[first])

    def _closure(self, records: Ints) -> Ints | None:
        """The records with all that are joined to any of them, now or before; None: too many to follow."""
        reached = fresh = records
        while len(fresh):
            if len(reached) > _FEW:
                return None
            sharing = joined([list(alike(self._people, fresh.tolist()))])
            following = union(sharing, column(self._ask, _FELLOWS, fresh))
            fresh = np.setdiff1d(following, reached)
            reached = union(reached, fresh)
        return reached

    def _grouped(self, learners: Learners, records: Ints | None) -> Regrouped:
        stated = read_identities(self._store, None if records is None else ("learner", records.tolist()))
        grouping = group(learners, stated, self._settings)
        primary = grouping.primary[grouping.person]
        ids = {int(learners.keys[row]): learners.ids[row] for row in grouping.primary.tolist()}
        now = dict(zip(learners.keys.tolist(), (learners.ids[row] for row in primary.tolist()), strict=True))
        before = self._before(learners.keys)
        differing = [(key, id, before[key]) for key, id in now.items() if key in before and before[key] != id]
        return Regrouped(Persons.of(learners.keys, learners.keys[primary]), ids, differing)

    def _before(self, records: Ints) -> dict[int, str]:
        found: dict[int, str] = {}
        for start in range(0, len(records), 10_000):
            ((keys, persons),) = self._ask(_HELD, keys=records[start : start + 10_000].tolist())
            found.update(zip(keys, persons, strict=True))
        return found
