"""The change feed: where a follower stands, how far back one may begin, and what is told next.

A position is a change number with a mark of that change record, written `1204-9f3c2a10`. A number alone will do, but
with the mark it is noticed when the store has another history than the one that was followed: a backup was put back, or
it is another store. A copy has the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import compress
from typing import Final

from graph.seen import is_of_people, known_pairs, may_know, may_know_ends
from graph.store import Change, ChangeItem, Store
from graph.viewer import Viewer

DAY: Final = 86_400
_AT_ONCE: Final = 5_000  # ids that are looked up together
_MOST: Final = 10  # change records read at once; one may name 50,000 ids
_FEW: Final = 2_000  # ids in one read, up to which the next may be of more records
_POSITION: Final = re.compile(r"([0-9]{1,15})(?:-([0-9a-f]{8}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """Up to which change number everything is known; the mark is "" when it is not said, and at 0."""

    number: int = 0
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.number}-{self.mark}" if self.mark else str(self.number)

    @classmethod
    def read(cls, text: str) -> Position:
        """The position that a text says; raises `ValueError`."""
        found = _POSITION.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), found[2] or "")

    @classmethod
    def of(cls, change: Change) -> Position:
        """The position of who knows everything up to a change."""
        said = f"{change.number} {change.at} {change.load} {change.source}"  # what no erasure alters
        return cls(change.number, sha256(said.encode()).hexdigest()[:8])


class CannotFollow(Exception):
    """From this position nothing can be told. `oldest` is the lowest number from which it can, `version` the last."""

    def __init__(self, since: Position, oldest: int, version: int) -> None:
        super().__init__(str(since))
        self.since, self.oldest, self.version = since, oldest, version


class TooOld(CannotFollow):
    """Changes after it are told no more."""


class OtherHistory(CannotFollow):
    """The store never was there, or was and has been put back since."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes as far as a viewer may see them; those of which nothing may be seen are left out."""

    since: Position
    changes: Sequence[Change]
    last: Position  # of the last change looked at, seen or not
    version: int  # the store's number
    oldest: int  # the lowest number from which changes are told

    @property
    def whole(self) -> bool:
        """Whether nothing follows yet."""
        return self.last.number >= self.version


class Feed:
    """What one store tells of its changes. With `days`, no changes that are older."""

    def __init__(self, store: Store, days: int | None = None) -> None:
        self._store, self._days = store, days
        self._before = 0  # the last number found to be too old; it only rises

    def page(self, viewer: Viewer, since: Position, limit: int, ids: int, now: float) -> Page:
        """At most `limit` changes after a position; the one with which they name more than `ids` ids is the last.

        Raises `TooOld`, `OtherHistory`.
        """
        oldest = self._checked(since, now)
        found: list[Change] = []
        named, last = 0, since
        for change in self._records(since.number, limit):
            last = Position.of(change)
            items = tuple(item for each in change.items if (item := _item(self._store, each, viewer)) is not None)
            if items:
                found.append(replace(change, items=items))
                named += _ids_of(items)
            if named > ids:
                break
        since = self.marked(since)
        return Page(since, found, last if last.number > since.number else since, self._store.number(), oldest)

    def oldest(self, now: float) -> int:
        """The lowest number from which all that followed is told."""
        first = next(iter(self._store.changes(0, 1)), None)
        # a store that was rebuilt as it was at a number begins with a record of that number, which names nothing
        begin = 0 if first is None or (first.number == 1 and first.items) else first.number
        return begin if self._days is None else max(begin, self._too_old(int(now) - self._days * DAY))

    def marked(self, position: Position) -> Position:
        """The position with its mark."""
        head = None if position.mark or not position.number else self._head(position.number)
        return Position.of(head) if head is not None else position

    def _checked(self, since: Position, now: float) -> int:
        """The oldest number that can be followed from, the given one not being older."""
        oldest, version = self.oldest(now), self._store.number()
        if since.number > version or (since.mark and since.number and not self._stands(since)):
            raise OtherHistory(since, oldest, version)
        if since.number < oldest:
            raise TooOld(since, oldest, version)
        return oldest

    def _stands(self, since: Position) -> bool:
        """Whether the record has the mark; one that is not there says nothing against it."""
        head = self._head(since.number)
        return head is None or Position.of(head) == since

    def _head(self, number: int) -> Change | None:
        head = next(iter(self._store.heads(number - 1, 1)), None)
        return head if head is not None and head.number == number else None

    def _too_old(self, before: int) -> int:
        """The last number of a change record that was written before an instant."""
        version, known = self._store.number(), self._before
        known = known if known <= version else 0  # the store was put back
        self._before = known + bisect_left(range(known + 1, version + 1), before, key=self._written)
        return self._before

    def _written(self, number: int) -> int:
        """The instant of a record, or of the next there is."""
        return self._store.heads(number - 1, 1)[0].at

    def _records(self, since: int, limit: int) -> Iterator[Change]:
        """Change records after a number; those that name much are read one by one."""
        size = 1
        while limit > 0 and (found := self._store.changes(since, min(size, limit))):
            yield from found
            since, limit = found[-1].number, limit - len(found)
            size = min(2 * size, _MOST) if sum(_ids_of(change.items) for change in found) <= _FEW else 1


def _ids_of(items: Sequence[ChangeItem]) -> int:
    return sum(len(item.ids) for item in items)


def _item(store: Store, item: ChangeItem, viewer: Viewer) -> ChangeItem | None:
    """One item with the ids the viewer may see; None when there is none.

    That somebody was erased is told to all who may know of such records, though nothing says any more who it was.
    """
    if not may_know(store.model, item.type, viewer):
        return None
    ids: Sequence[str] = item.ids
    if viewer.org_units is not None and is_of_people(store.model, item.type):
        if item.operation in ("removed", "erased"):
            return None
        ids = _visible(store, item.ids, viewer)
    elif not may_know_ends(store.model, store.model.type(item.type), viewer):
        ids = list(compress(ids, known_pairs(store, [tuple(each.split(" ")) for each in ids], viewer)))
    return replace(item, ids=tuple(ids)) if ids or item.operation == "erased" else None


def _visible(store: Store, ids: Sequence[str], viewer: Viewer) -> list[str]:
    ends = [each.split(" ") for each in ids]
    seen: set[str] = set()
    for start in range(0, len(ends), _AT_ONCE):
        part = {id for each in ends[start : start + _AT_ONCE] for id in each}
        seen.update(store.many(sorted(part), viewer))
    return [" ".join(each) for each in ends if seen.issuperset(each)]
