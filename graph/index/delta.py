"""What changes since a snapshot concern, and the snapshot after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.derive import Codes
from graph.derive.rules import Differing
from graph.index.arrivals import Arrivals, evidence_end, owning
from graph.index.facts import REMOVABLE, Facts, Owners, Reader, id_handles
from graph.index.read import read, read_rules
from graph.index.records import read_learners
from graph.index.regroup import Regrouping, TooMuch, keys_of
from graph.index.runs import with_rows, without
from graph.index.snapshot import Snapshot
from graph.index.touched import Touched
from graph.index.vocabulary import read_sub_units, read_vocabulary
from graph.settings import Settings
from graph.store import Store

Keys = NDArray[np.int64]
NO_KEYS: Keys = np.zeros(0, np.int64)


class Erased(TooMuch):
    """Somebody was erased: what was built before must not be read again."""


class Delta:
    """One step from a snapshot to a later one, reading only what changed; raises `TooMuch`.

    New evidence adds its rows. Persons about whom anything else changed are derived anew.
    """

    def __init__(self, snapshot: Snapshot, store: Store, settings: Settings, most_records: int) -> None:
        self.snapshot, self.store, self.settings, self.most = snapshot, store, settings, most_records
        self.derived_records = 0
        self.added_evidence = 0

    def apply(self, touched: Touched) -> Snapshot:
        """The snapshot after what was touched, still under its old number."""
        if touched.erased:
            raise Erased
        snapshot, records = self._ruled(touched)
        keys = {name: self._keys(name, sorted(ids)) for name, ids in touched.facts.items()}
        end, told = evidence_end(self.snapshot), keys.get("Evidence", NO_KEYS)
        fresh, keys["Evidence"] = told[told >= end], told[told < end]
        records |= self._records_touched(touched, keys, end)
        arrivals = Arrivals.read(self.store, fresh) if len(fresh) else None
        if arrivals:
            records |= arrivals.ending_others(snapshot.rules, Codes.of(self.store.model))
        if records or touched.learners:
            snapshot, records = self._renewed(snapshot, records, touched)
        others = arrivals and arrivals.beside(records)
        if others:
            self.added_evidence = len(others)
            snapshot = others.added_to(snapshot, self.store)
        return snapshot

    def _ruled(self, touched: Touched) -> tuple[Snapshot, set[int]]:
        """The snapshot with the vocabulary, units and rules as they are now, and whom changed rules concern."""
        snapshot, records = self.snapshot, set[int]()
        if touched.vocabulary:
            snapshot = replace(snapshot, vocabulary=read_vocabulary(self.store))
        if touched.units:
            snapshot = replace(snapshot, sub_units=read_sub_units(self.store))
        if touched.rules:
            rules = read_rules(self.store)
            records = self._records_under(rules.differing(snapshot.rules))
            snapshot = replace(snapshot, rules=rules)
        return snapshot, records

    def _records_under(self, differing: Differing) -> set[int]:
        """Records whose evidence the changed rules speak of."""
        if differing.scales:
            raise TooMuch
        rated = self._column("Rating", "evidence", ("criterion", differing.criteria))
        under = self._column("Evidence", "learner", ("about", differing.about))
        return {*under, *self._column("Evidence", "learner", ("key", rated))}

    def _records_touched(self, touched: Touched, keys_by_type: Mapping[str, Keys], end: int) -> set[int]:
        """All records of the persons that facts are or were about; Ratings of evidence from `end` on come with that."""
        if len(touched.learners) > self.most:
            raise TooMuch
        people = self.snapshot.people
        persons = {people.number_of(id) for id in touched.learners}
        records = set(self.store.keys("nodes", sorted(touched.learners)).tolist())
        for type_name, keys in keys_by_type.items():
            if not len(keys):
                continue
            records |= self._learners_of(type_name, keys[keys > 0].tolist(), end)
            handles = id_handles(sorted(touched.facts[type_name])) if type_name in REMOVABLE else keys
            persons |= self.snapshot.owners_of(type_name, handles)
        return (records | self._members(persons)) - {0}

    def _keys(self, type_name: str, ids: Sequence[str]) -> Keys:
        """Of facts of a type, 0 for what was removed."""
        keys = self.store.keys(type_name, ids)
        if type_name not in REMOVABLE and not keys.all():
            raise TooMuch  # whom a log's row that is gone was about is not known by its id
        return keys

    def _learners_of(self, type_name: str, keys: Sequence[int], end: int) -> set[int]:
        """The records that facts are about now."""
        if type_name != "Rating":
            return self._column(type_name, "learner", ("key", keys))
        rated = {key for key in self._column("Rating", "evidence", ("key", keys)) if key < end}
        return self._column("Evidence", "learner", ("key", rated))

    def _column(self, type_name: str, column: str, where: tuple[str, Collection[int]]) -> set[int]:
        """The distinct keys in a reference column of some rows."""
        name, keys = where
        if not keys:
            return set()
        return set(read(self.store, type_name, [column], (name, sorted(keys)))[column].tolist()) - {0}

    def _members(self, persons: Iterable[int | None]) -> set[int]:
        people = self.snapshot.people
        return {key for person in persons if person is not None for key in people.member_keys(person)}

    def _renewed(self, snapshot: Snapshot, records: set[int], touched: Touched) -> tuple[Snapshot, set[int]]:
        """The snapshot with everything about these records' persons read and derived again, and all their records."""
        regrouping = Regrouping(self.store, snapshot, self.settings, self.most)
        if touched.identities:
            records = regrouping.closure(records, touched.learners)
        records |= self._members(snapshot.people.persons_of(keys_of(records)).tolist())
        if len(records) > self.most:
            raise TooMuch
        self.derived_records = len(records)
        learners = read_learners(self.store, ("key", sorted(records)))
        people = snapshot.people
        owners: dict[str, Owners] = {}
        persons = {int(person) for person in people.persons_of(keys_of(records)) if person >= 0}
        if touched.identities:
            persons |= {number for id in touched.learners if (number := people.number_of(id)) is not None}
            snapshot, identities = regrouping.regrouped(learners, records, touched.learners, persons)
            owners |= identities
            people = snapshot.people
            persons |= {int(person) for person in people.persons_of(keys_of(records)) if person >= 0}
        places = dict(snapshot.places)
        reader = Reader(self.store, snapshot.rules, people.persons_of, places, learners.keys.tolist())
        facts = reader.facts(learners)
        return relaid(replace(snapshot, places=places), facts, persons, owners), records


def relaid(snapshot: Snapshot, facts: Facts, persons: set[int], owners: dict[str, Owners]) -> Snapshot:
    """The snapshot with all facts about some persons replaced."""
    gone = np.zeros(snapshot.people.count, np.bool_)
    gone[sorted(persons)] = True
    before = snapshot.layers["skills"].changed
    changed = gone[: len(snapshot.base.people.primary)]
    changed = changed if before is None else before | changed
    layers = {
        name: with_rows(without(old, gone, changed), facts.rows[name].group, facts.rows[name].columns)
        for name, old in snapshot.layers.items()
    }
    return replace(snapshot, layers=layers, owners=owning(snapshot, {**facts.owners, **owners}))
