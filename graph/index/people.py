"""People: persons as dense numbers, over the Learner records they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup, starts_of
from graph.index.sorting import narrowed
from graph.index.texts import Texts
from graph.persons import Grouping

_SPARSE, _SPARE = 32, 1 << 20
"""A table by key may have so many places a record, and so many more."""


@dataclass(frozen=True)
class BasePeople:
    """Learner records in ascending order of their ids, and the persons they make."""

    ids: Texts
    keys: NDArray[Any]  # of each record, as narrow as they fit
    person: NDArray[np.int32]  # of each record
    primary: NDArray[np.int32]  # of each person: the record whose id is the person's; ascending

    @classmethod
    def of(cls, ids: Sequence[str], keys: NDArray[np.int64], grouping: Grouping) -> BasePeople:
        """Of records in ascending order of their ids."""
        return cls(Texts.of(ids), narrowed(keys), grouping.person, grouping.primary.astype(np.int32))

    def persons_of(self, keys: NDArray[Any]) -> NDArray[np.int32]:
        """The person of each record's key, -1 where there is no such record; for very many keys at once."""
        if not len(self.keys) or int(self.keys.max()) > _SPARSE * len(self.keys) + _SPARE:
            known, persons = self.by_key
            found, places = lookup(keys, known)
            return np.where(found, persons[places] if len(persons) else -1, -1).astype(np.int32)
        table = np.full(int(self.keys.max()) + 2, -1, np.int32)
        table[self.keys] = self.person
        named: NDArray[np.int32] = table[np.minimum(keys, len(table) - 1)]
        return named

    @cached_property
    def by_key(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The records' keys ascending, and the person of each."""
        order = np.argsort(self.keys, kind="stable")
        return self.keys[order].astype(np.int64), self.person[order]

    @cached_property
    def by_person(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The records in the order of their persons, and where each person's start (one more than there are)."""
        order = np.argsort(self.person, kind="stable")
        return order, np.append(starts_of([self.person[order]]), len(order))

    def records_of(self, person: int) -> NDArray[np.int64]:
        """The records of a person."""
        order, starts = self.by_person
        return order[starts[person] : starts[person + 1]]

    def number_named(self, id: str) -> int | None:
        """The person whose own id this is."""
        record = self.ids.find(id)
        if record is None:
            return None
        person = int(self.person[record])
        return person if self.primary[person] == record else None


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """What became of some records: the person of each (None: the record is gone), and who these persons are now."""

    person_of_id: Mapping[str, int | None]
    person_of_key: Mapping[int, int | None]
    members: Mapping[
        int, tuple[tuple[str, ...], tuple[int, ...]]
    ]  # ids, ascending, and keys; empty: no person any more
    added: tuple[str, ...] = ()  # ids of persons the base has no number for, numbered from its count on


@dataclass(frozen=True)
class People:
    """Persons 0..count-1. A number whose person is gone, or was joined into another, is not `alive`."""

    base: BasePeople
    change: PeopleChange = field(default_factory=lambda: PeopleChange({}, {}, {}))

    @property
    def count(self) -> int:
        """The length of arrays indexed by person."""
        return len(self.base.primary) + len(self.change.added)

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Which numbers are persons now."""
        alive = np.ones(self.count, np.bool_)
        alive[[number for number, (ids, _) in self.change.members.items() if not ids]] = False
        return alive

    def number_of(self, id: str) -> int | None:
        """The person a Learner record belongs to; any member's id will do."""
        if id in self.change.person_of_id:
            return self.change.person_of_id[id]
        record = self.base.ids.find(id)
        return None if record is None else int(self.base.person[record])

    def id_of(self, number: int) -> str:
        """The person's id in answers."""
        known = len(self.base.primary)
        return self.base.ids[int(self.base.primary[number])] if number < known else self.change.added[number - known]

    def members(self, number: int) -> tuple[str, ...]:
        """The ids of all Learner records of the person, ascending."""
        if number in self.change.members:
            return self.change.members[number][0]
        return tuple(self.base.ids[record] for record in self.base.records_of(number).tolist())

    def member_keys(self, number: int) -> tuple[int, ...]:
        """The keys of all Learner records of the person."""
        if number in self.change.members:
            return self.change.members[number][1]
        return tuple(self.base.keys[self.base.records_of(number)].tolist())

    def persons_of(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        """The person of each record's key; -1 where there is no such record."""
        table, person = self.base.by_key
        found, places = lookup(keys, table)
        persons = np.where(found, person[places] if len(person) else -1, -1).astype(np.int32)
        changed = self.change.person_of_key
        for place in np.flatnonzero(np.isin(keys, np.fromiter(changed, np.int64, len(changed)))).tolist():
            now = changed[int(keys[place])]
            persons[place] = -1 if now is None else now
        return persons

    def numbered(self, ids: Sequence[str]) -> tuple[list[int], People]:
        """A number for each person's id, the one it ever had or a new one, and the people with the new ones."""
        known = len(self.base.primary)
        added = {id: known + place for place, id in enumerate(self.change.added)}
        numbers = []
        for id in ids:
            number = self.base.number_named(id)
            numbers.append(added.setdefault(id, known + len(added)) if number is None else number)
        return numbers, People(self.base, replace(self.change, added=tuple(added)))

    def changed(
        self,
        person_of_id: Mapping[str, int | None],
        person_of_key: Mapping[int, int | None],
        members: Mapping[int, tuple[tuple[str, ...], tuple[int, ...]]],
    ) -> People:
        """These people after what became of some records."""
        before = self.change
        after = PeopleChange(
            {**before.person_of_id, **person_of_id},
            {**before.person_of_key, **person_of_key},
            {**before.members, **members},
            before.added,
        )
        return People(self.base, after)
