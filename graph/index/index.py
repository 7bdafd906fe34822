"""The column index: an immutable snapshot of one change number, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.index.people import People
from graph.index.postings import Postings
from graph.index.snapshot import Snapshot
from graph.index.tables import Selection
from graph.index.vocabulary import closure
from graph.persons import Contradiction
from graph.scales import Home
from graph.store import Store
from graph.viewer import Viewer
from ontology.values import OPEN

Mask = NDArray[np.bool_]


class Index:
    """All that questions read of people, held skills and groups, at one change number.

    Masks are as long as `people.count`. The store is asked for keys of ids only, and these never change.
    """

    def __init__(self, snapshot: Snapshot, store: Store) -> None:
        self.snapshot = snapshot
        self._store = store
        self._window: tuple[int, int | None] | None = None

    @property
    def number(self) -> int:
        """The change number of the store that this is the index of."""
        return self.snapshot.number

    @property
    def people(self) -> People:
        """Everyone."""
        return self.snapshot.people

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Records that are not joined though they share identities."""
        return self.snapshot.contradictions

    @cached_property
    def home(self) -> Home:
        """The home scale."""
        return self.snapshot.rules.scales.home_scale()

    def postings(self, skills: Sequence[str]) -> Postings:
        """All intervals of these skills; `skill` is the position in `skills` as given, in no order."""
        keys = self.snapshot.vocabulary.keys_of(skills).tolist()
        return Postings(skills, self.snapshot.layers["skills"].select(keys))

    def credentials(self, ids: Sequence[str]) -> Postings:
        """Intervals over which these credentials are held; `skill` is the position in `ids` as given."""
        return Postings(ids, self.snapshot.layers["credentials"].select(self._keys(ids)))

    def person_postings(self, person: int) -> Postings:
        """All intervals of one person, by skill in the order of ids."""
        groups, selection = self.snapshot.layers["skills"].of_person(person)
        keys, place = np.unique(groups, return_inverse=True)
        names = self.snapshot.vocabulary.names(keys)
        order = sorted(range(len(names)), key=names.__getitem__)
        position = np.empty(len(names), np.int32)
        position[order] = np.arange(len(names), dtype=np.int32)
        return Postings([names[number] for number in order], selection, position[place])

    def reach(self, skill: str, narrower: bool) -> tuple[str, ...]:
        """The skills that count for a requirement of this one (design section 4), sorted, the skill itself included."""
        return self.snapshot.vocabulary.reach(skill, narrower)

    def rank(self, level: int, scale: str | None, at: int) -> int:
        """The home rank of a level (millionths) on a scale (None: home) at an instant; 0 below the lowest."""
        key = 0 if scale is None else self._keys([scale])[0] or -1
        return self.snapshot.rules.scales.rank(level, key, at)

    def visible(self, viewer: Viewer, now: int) -> Mask | None:
        """Who may be seen; None: everyone."""
        return None if viewer.org_units is None else self.members_of(sorted(viewer.org_units), now)

    def members_of(self, groups: Sequence[str], at: int) -> Mask:
        """Members at `at` of any of these cohorts or org units, their sub-units included, or employed there."""
        asked = np.array([key for key in self._keys(groups) if key], np.int64)
        wanted = closure(asked, (self.snapshot.sub_units,)).tolist()
        mask = self._nobody()
        for layer in ("groups", "employments"):
            selection = self.snapshot.layers[layer].select(wanted)
            mask[selection.column("person")[_in_force(selection, at)]] = True
        return mask

    def located(self, place: str, at: int) -> Mask:
        """Whose Employment in force at `at` names the place; for whom none names any, whose own record does."""
        number = self.snapshot.places.get(place)
        if number is None:
            return self._nobody()
        employments = self.snapshot.layers["employments"].all()
        placed = _in_force(employments, at) & (employments.column("place") >= 0)
        placed_persons = employments.column("person")[placed]
        elsewhere, here = self._nobody(), self._nobody()
        elsewhere[placed_persons] = True
        here[self.snapshot.layers["records"].select([number]).column("person")] = True
        here &= ~elsewhere
        here[placed_persons[employments.column("place")[placed] == number]] = True
        return here

    def internal(self, at: int) -> Mask:
        """Who has a record of kind internal, or an Employment in force at `at`."""
        employments, records = self.snapshot.layers["employments"].all(), self.snapshot.layers["records"].all()
        mask = self._nobody()
        mask[employments.column("person")[_in_force(employments, at)]] = True
        mask[records.column("person")[records.column("internal")]] = True
        return mask

    def applied_to(self, requisition: str, at: int) -> Mask:
        """Who had applied to the requisition by `at`."""
        applications = self.snapshot.layers["applications"].select(self._keys([requisition]))
        mask = self._nobody()
        mask[applications.column("person")[applications.column("since") <= at]] = True
        return mask

    def last_boundary(self, until: int) -> int:
        """The last instant not later than `until` at which something about people starts or ends; 0: never."""
        return self._around(until)[0]

    def _around(self, at: int) -> tuple[int, int | None]:
        """The boundaries on both sides of an instant, kept until an instant beyond them is asked for."""
        window = self._window
        if window is None or at < window[0] or (window[1] is not None and at >= window[1]):
            found = [_nearest(instants, at) for instants in self._instants()]
            after = min(after for _, after in found)
            window = self._window = (max(before for before, _ in found), after if after < OPEN else None)
        return window

    def _instants(self) -> Iterator[NDArray[np.uint32]]:
        """Every instant at which an interval starts or ends."""
        for layer in ("skills", "credentials", "groups", "employments"):
            selection = self.snapshot.layers[layer].all()
            yield selection.column("since")
            yield selection.column("until")
        yield self.snapshot.layers["applications"].all().column("since")

    def _nobody(self) -> Mask:
        return np.zeros(self.people.count, np.bool_)

    def _keys(self, ids: Sequence[str]) -> list[int]:
        """Keys of nodes; 0 for an id that is not there."""
        return [int(key) for key in self._store.keys("nodes", ids).tolist()]


def _in_force(selection: Selection, at: int) -> Mask:
    return (selection.column("since") <= at) & (selection.column("until") > at)


def _nearest(instants: NDArray[np.uint32], at: int) -> tuple[int, int]:
    """The last instant not after `at` (0: none) and the first after it (OPEN: none).

    Unsigned differences wrap round, so that what lies on the other side of `at` is farther than all on this one.
    """
    now, one = np.uint32(at), np.uint32(1)
    before = int((now - instants).min(initial=now))
    after = int((instants - now - one).min(initial=np.uint32(OPEN - at - 1)))
    return at - before, at + 1 + after
