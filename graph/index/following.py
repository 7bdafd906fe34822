"""A snapshot that follows its store, change record by change record."""

from __future__ import annotations

from itertools import chain

from graph.index.delta import Delta
from graph.index.regroup import TooMuch
from graph.index.snapshot import Snapshot
from graph.index.touched import Touched, rule_types
from graph.settings import Settings
from graph.steady import steady
from graph.store import Change, Store

_PAGE = 10  # change records at a time; one may name 50,000 ids
_REMEMBERED = 1_000  # ids in a change record that is read again to see whether it is still the same

# A delta reads and derives some 10,000 records a second, or adds 100,000 pieces of evidence; a build takes in half a
# million. Deltas give way before they are slower, so that no answer waits long for one.
_FEW, _SHARE = 500, 20  # records that one delta may read again: so many, or this part of all
_ROWS_A_RECORD = 20  # facts that one delta may name, for each of these records
_LAYERS = 4  # such deltas that may lie on one base

_LITTLE = 100_000  # rows over a base that questions hardly notice, however small it is
_WORTH = 2  # a new base is worth its while at this part of the largest delta


class OtherHistory(TooMuch):
    """An older copy was put in the store's place."""


class Follower:
    """Takes a snapshot after its store; not for several threads at once."""

    def __init__(self, snapshot: Snapshot, store: Store, settings: Settings) -> None:
        self.snapshot, self.store, self.settings = snapshot, store, settings
        self.base_number = snapshot.number
        self._last: Change | None = None  # the change record at the snapshot's number, where it was read and is short

    @property
    def most_records(self) -> int:
        """How many records a delta may read again."""
        return max(_FEW, len(self.snapshot.base.people.keys) // _SHARE)

    @property
    def outgrown(self) -> bool:
        """Whether what lies over the base is so much that a new base is worth its while."""
        most = self.most_records
        worth = max(_LITTLE, _ROWS_A_RECORD * most // _WORTH)
        return self.snapshot.overlaid > most or _laid_over(self.snapshot) > worth

    def step(self) -> Delta | None:
        """Apply all changes since, read from one state of the store; None when there are none. Raises `TooMuch`."""
        if self.snapshot.number == self.store.number():
            return None
        delta, self.snapshot, self._last = steady(self.store, self._delta)
        return delta

    def _delta(self, number: int) -> tuple[Delta, Snapshot, Change | None]:
        if number < self.snapshot.number:
            raise OtherHistory
        most = self.most_records
        touched, last = self._touched(most)
        delta = Delta(self.snapshot, self.store, self.settings, most)
        return delta, delta.apply(touched).at(number), last

    def _touched(self, most: int) -> tuple[Touched, Change | None]:
        """What the changes since name, and the last; raises `TooMuch` as soon as a delta clearly does not pay."""
        snapshot, last = self.snapshot, self._last
        touched, types = Touched(), rule_types(self.store)
        if snapshot.overlaid > _LAYERS * most or _laid_over(snapshot) > _LAYERS * max(_LITTLE, _ROWS_A_RECORD * most):
            raise TooMuch
        number = snapshot.number - (last is not None)
        while changes := self.store.changes(number, _PAGE):
            number = changes[-1].number
            if changes[0].number == snapshot.number and changes.pop(0) != last:
                raise OtherHistory
            touched.add(changes, types)
            last = changes[-1] if changes else last
            if touched.rows > _ROWS_A_RECORD * most:
                raise TooMuch
        return touched, last if last is None or _named(last) <= _REMEMBERED else None


def _laid_over(snapshot: Snapshot) -> int:
    """Rows in runs."""
    return sum(map(len, chain.from_iterable(layer.runs for layer in snapshot.layers.values())))


def _named(change: Change) -> int:
    return sum(len(item.ids) for item in change.items)
