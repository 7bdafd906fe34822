"""The column index: an immutable snapshot of one change number, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from graph.index.finding import rows_of
from graph.index.held import ALL, Held, Keys, Sight, Some, newer
from graph.index.people import People
from graph.index.postings import Postings
from graph.index.snapshot import Snapshot
from graph.index.tables import Selection
from graph.index.vocabulary import closure
from graph.index.who import Who
from graph.loops import Loops, Persons, plain
from graph.loops.plain import nearest
from graph.persons import Contradiction
from graph.scales import Home
from graph.store import Store
from graph.viewer import Viewer
from ontology.values import OPEN

Mask = NDArray[np.bool_]
Layer = Literal["skills", "credentials"]

_GROUPS = 8
"""Sets of groups whose members are kept; a mask of a million people takes a megabyte."""


class Index:
    """All that questions read of people, held skills and groups, at one change number.

    Masks are as long as `people.count`. The store is asked for keys of ids only, and these never change.
    """

    def __init__(self, snapshot: Snapshot, store: Store, loops: Loops = plain) -> None:
        self.snapshot, self.loops = snapshot, loops
        self._store = store
        self._key_by_id: dict[str, int] = {}  # of nodes that are there
        self._who: dict[tuple[str, ...], tuple[int, int, Who]] = {}
        self._lock = Lock()
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

    def reach_keys(self, skill: str, narrower: bool) -> Keys:
        """The keys of the skills that count for a requirement of this one."""
        return self.snapshot.vocabulary.reach_keys(skill, narrower)

    def credential_keys(self, ids: Sequence[str]) -> list[Keys]:
        """The key of each credential; none for what is not there."""
        return [(key,) if key else () for key in self._keys(ids)]

    def held(self, layer: Layer, sights: Sequence[Sight]) -> list[tuple[Held, Some]]:
        """What counts, for each sight, all at one instant: what is kept, and what is newer than that."""
        holding, layered = self.snapshot.base.holding[layer], self.snapshot.layers[layer]
        below = holding.held(layered, sights, self.loops)
        return list(zip(below, newer(layered, holding.people, sights), strict=True))

    def keep_all(self) -> None:
        """Keep every level that is asked for, however many: for who asks about everything."""
        for holding in self.snapshot.base.holding.values():
            holding.most = ALL

    def postings_of(self, skills: Sequence[str], persons: Persons) -> Postings:
        """All intervals of these skills of some persons (ascending, each once); `skill` is the position in `skills`."""
        keys = self.snapshot.vocabulary.keys_of(skills).tolist()
        position, selection = rows_of(self.snapshot.layers["skills"], keys, persons, self.loops)
        return Postings(skills, selection, position)

    def credentials_of(self, ids: Sequence[str], persons: Persons) -> Postings:
        """Intervals over which some persons hold these credentials; `skill` is the position in `ids`."""
        position, selection = rows_of(self.snapshot.layers["credentials"], self._keys(ids), persons, self.loops)
        return Postings(ids, selection, position)

    def postings(self, skills: Sequence[str]) -> Postings:
        """All intervals of these skills; `skill` is the position in `skills` as given, in no order."""
        keys = self.snapshot.vocabulary.keys_of(skills).tolist()
        return Postings(skills, self.snapshot.layers["skills"].select(keys))

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
        return self.who(groups, at).mask

    def who(self, groups: Sequence[str], at: int) -> Who:
        """The same, kept for as long as nothing about these groups begins or ends; not to be changed."""
        name = tuple(groups)
        kept = self._who.get(name)
        if kept is None or not kept[0] <= at < kept[1]:
            kept = self._members(groups, at)
            with self._lock:
                self._who = {**dict(list(self._who.items())[-_GROUPS:]), name: kept}
        return kept[2]

    def _members(self, groups: Sequence[str], at: int) -> tuple[int, int, Who]:
        """The stretch of time, and who is a member in it."""
        asked = np.array([key for key in self._keys(groups) if key], np.int64)
        wanted = closure(asked, (self.snapshot.sub_units,)).tolist()
        mask, begins, ends = self._nobody(), 0, OPEN
        for layer in ("groups", "employments"):
            selection = self.snapshot.layers[layer].select(wanted)
            mask[selection.column("person")[_in_force(selection, at)]] = True
            for name in ("since", "until"):
                before, after = nearest(selection.column(name), at)
                begins, ends = max(begins, before), min(ends, after)
        mask.flags.writeable = False
        return begins, ends, Who(mask)

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
        """The last instant not later than `until` at which something about people starts or ends; 0: never.

        Of what no longer counts too, and where a base is large, of some instants at which nothing does.
        """
        window = self._window
        if window is None or until < window[0] or (window[1] is not None and until >= window[1]):
            window = self._window = self._around(until)
        return window[0]

    def _around(self, at: int) -> tuple[int, int | None]:
        """The boundaries on both sides of an instant; the later one None where there is none."""
        before, after = self.snapshot.base.moments.around(at)
        found = [(before, OPEN if after is None else after), *(nearest(each, at) for each in self._newer_instants())]
        after = min(after for _, after in found)
        return max(before for before, _ in found), after if after < OPEN else None

    def _newer_instants(self) -> Iterator[NDArray[np.uint32]]:
        """Every instant at which a row that is newer than the base starts or ends."""
        for layer in self.snapshot.layers.values():
            for run in layer.runs:
                yield from (run.columns[name] for name in ("since", "until") if name in run.columns)

    def _nobody(self) -> Mask:
        return np.zeros(self.people.count, np.bool_)

    def _keys(self, ids: Sequence[str]) -> list[int]:
        """Keys of nodes; 0 for an id that is not there. Asked of the store once."""
        unknown = [id for id in ids if id not in self._key_by_id]
        if unknown:
            found = zip(unknown, self._store.keys("nodes", unknown).tolist(), strict=True)
            self._key_by_id.update({id: int(key) for id, key in found if key})
        return [self._key_by_id.get(id, 0) for id in ids]


def _in_force(selection: Selection, at: int) -> Mask:
    return (selection.column("since") <= at) & (selection.column("until") > at)
