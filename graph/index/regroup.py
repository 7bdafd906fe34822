"""Who is one person, found again for some records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graph.index.facts import Owners, id_handles, in_order
from graph.index.people import People
from graph.index.records import IdentityRows, Learners, group, read_identities
from graph.index.snapshot import Snapshot
from graph.persons import Grouping
from graph.settings import Settings
from graph.store import Store


def keys_of(records: Iterable[int]) -> NDArray[np.int64]:
    """Record keys, ascending."""
    return np.array(sorted(records), np.int64)


class TooMuch(Exception):
    """Building the index anew is quicker, or the only way."""


class Regrouping:
    """Groups records anew after identities, or records themselves, changed."""

    def __init__(self, store: Store, snapshot: Snapshot, settings: Settings, most_records: int) -> None:
        self.store, self.snapshot, self.settings, self.most = store, snapshot, settings, most_records

    def closure(self, records: set[int], touched: set[str]) -> set[int]:
        """The records with all that were, or are now, joined to any of them, even if only to contradict them."""
        reached, fresh = set(records), set(records)
        touched_ids = set(touched)
        while fresh:
            fresh = (self._joined_before(fresh, touched_ids) | self._joined_now(fresh)) - reached
            touched_ids.clear()
            reached |= fresh
            if len(reached) > self.most:
                raise TooMuch
        return reached

    def regrouped(
        self, learners: Learners, records: set[int], touched: set[str], persons: set[int]
    ) -> tuple[Snapshot, Mapping[str, Owners]]:
        """The snapshot with these records' persons as they are now; `persons` are those they were of."""
        snapshot, identities = self.snapshot, read_identities(self.store, ("learner", sorted(records)))
        grouping = group(learners, identities, self.settings)
        before = snapshot.people
        numbers, people = before.numbered([learners.ids[record] for record in grouping.primary.tolist()])
        members = _members(learners, grouping, numbers)
        ids = {*touched, *(id for person in persons for id in before.members(person))}
        keys = {*records, *(key for person in persons for key in before.member_keys(person))}
        number_of_record = [numbers[person] for person in grouping.person.tolist()]
        people = people.changed(
            {**dict.fromkeys(ids), **dict(zip(learners.ids, number_of_record, strict=True))},
            {**dict.fromkeys(keys), **dict(zip(learners.keys.tolist(), number_of_record, strict=True))},
            {**dict.fromkeys(persons, ((), ())), **members},
        )
        concerned = {*ids, *learners.ids}
        contradictions = [each for each in snapshot.contradictions if concerned.isdisjoint(each.members)]
        together = sorted([*contradictions, *grouping.contradictions], key=lambda each: (each.members, each.system))
        renewed = replace(snapshot, people=people, contradictions=tuple(together))
        return renewed, {"Identity": _owners(identities, people)}

    def _joined_before(self, records: set[int], touched: set[str]) -> set[int]:
        """Fellow members of the persons that the records were of, and of their contradictions."""
        people = self.snapshot.people
        persons = {person for person in people.persons_of(keys_of(records)).tolist() if person >= 0}
        fellows = {key for person in persons for key in people.member_keys(person)}
        ids = {id for person in persons for id in people.members(person)} | touched
        torn = {id for each in self.snapshot.contradictions if not ids.isdisjoint(each.members) for id in each.members}
        return (fellows | set(self.store.keys("nodes", sorted(torn)).tolist())) - {0}

    def _joined_now(self, records: set[int]) -> set[int]:
        """Records that an identity or a decision may join to one of these."""
        alike = self.store.alike(self.store.ids("nodes", sorted(records)))
        return set(self.store.keys("nodes", sorted(alike)).tolist()) - {0}


def _members(
    learners: Learners, grouping: Grouping, numbers: list[int]
) -> dict[int, tuple[tuple[str, ...], tuple[int, ...]]]:
    """The ids, ascending, and keys of each person's records."""
    places: dict[int, list[int]] = {}
    for place, person in enumerate(grouping.person.tolist()):
        places.setdefault(numbers[person], []).append(place)
    keys = learners.keys.tolist()
    return {
        number: (tuple(learners.ids[place] for place in own), tuple(keys[place] for place in own))
        for number, own in places.items()
    }


def _owners(identities: IdentityRows, people: People) -> Owners:
    return in_order(id_handles(identities.ids), people.persons_of(identities.learner))
