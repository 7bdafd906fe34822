"""From one record to those that may be of the same person, one step; every engine answers the same questions for it."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.alike import SALTED, hashable_texts, hasher, marks, normal, salt_of, salted_marks
from graph.derive.joins import join
from graph.persons import SAME

Identified = list[tuple[int, str, str]]
"""(record, system, value) of identities that join: not those that are stated to be unverified."""

Decided = list[tuple[str, int, int]]
"""(edge type, record, record)."""

Salted = tuple[str, str]
"""A system of identities that were hashed with a salt, and the salt."""

Stating = tuple[int, str, str]
"""(key of an identity, system, value)."""


class Stated(Protocol):
    """What is asked of one state; records are keys of Learners."""

    def identities(self, keys: Collection[int]) -> Identified:
        """The joining identities of some records."""
        ...

    def decisions(self, keys: Collection[int]) -> Decided:
        """The SAME_PERSON and OTHER_PERSON edges that begin or end at some records."""
        ...

    def marked(self, marks: Collection[str]) -> set[int]:
        """The records that state a joining identity with one of these marks: see `graph.alike.marks`."""
        ...

    def salts(self) -> set[Salted]:
        """All that identities were hashed with."""
        ...

    def hashable(self, since: int) -> tuple[int, Iterable[Stating]]:
        """The change number, and the identities that hashes are compared with: those written after `since`, or more."""
        ...

    def stating(self, keys: Collection[int]) -> Iterable[Stating]:
        """Identities by their keys, as far as they are there."""
        ...

    @property
    def hashes(self) -> Hashes:
        """What is remembered of this store's."""
        ...


def alike(people: Stated, keys: Collection[int]) -> set[int]:
    """The records that a joining identity or a SAME_PERSON joins to one of these; they themselves may be among them."""
    stated = {(system, value) for _, system, value in people.identities(keys)}
    wanted = {mark for system, value in stated for mark in marks(system, value)}
    if salts := people.salts() if stated else set():
        wanted.update(mark for system, value in stated for mark in salted_marks(salts, system, value))
        wanted |= _behind(people, stated)
    decided = {end for name, *ends in people.decisions(keys) if name == SAME for end in ends}
    return decided | people.marked(wanted)


def _behind(people: Stated, stated: Collection[tuple[str, str]]) -> set[str]:
    """Marks of the plain identities that are behind those of these which were hashed with a salt."""
    sought: dict[Salted, set[str]] = defaultdict(set)
    for system, value in stated:
        if system in SALTED:
            form = normal(system, value)
            sought[system, salt_of(form)].add(form.partition(" ")[0])
    keys = people.hashes.keys(people, sought) if sought else set()
    return {mark for _, system, value in people.stating(keys) for mark in marks(system, value)} if keys else set()


class Hashes:
    """Which plain identities are behind which hashes, for the salts that were asked for; shared by a store's readers.

    Known up to a change number: what is found is looked at again in the state that is read. Who is the first to ask for
    a salt waits until everything was hashed, some seconds for a million people. Sixteen bytes an address and a salt, of
    the `MOST_SALTS` that were asked for last; others are hashed with again.
    """

    def __init__(self) -> None:
        self._known: dict[Salted, _Known] = {}
        self._lock = Lock()

    def keys(self, people: Stated, sought: Mapping[Salted, Collection[str]]) -> set[int]:
        """Keys of identities that have one of these digests, and seldom of others."""
        salted, found = list(sought), set[int]()
        for first in range(0, len(salted), MOST_SALTS):
            for by, known in self._learnt(people, salted[first : first + MOST_SALTS]).items():
                found |= known.find([_prefix(each) for each in sought[by]])
        return found

    def _learnt(self, people: Stated, salted: Sequence[Salted]) -> Mapping[Salted, _Known]:
        """Some salts, known up to the state that is read; what was asked for longest ago is forgotten for them."""
        with self._lock:
            for since in sorted({self._of(by).number for by in salted}):
                self._learn(people, since, [by for by in salted if self._of(by).number == since])
            asked = {by: self._known.pop(by) for by in salted}
            kept = {**self._known, **asked}
            self._known = dict(list(kept.items())[-MOST_SALTS:])
        return asked

    def _of(self, by: Salted) -> _Known:
        return self._known.get(by, _NOTHING)

    def _learn(self, people: Stated, since: int, salted: Sequence[Salted]) -> None:
        """What was written since a change, for some salts at once."""
        number, rows = people.hashable(since)
        keys = array("q")
        digests = [array("Q") for _ in salted]
        adding = [(hasher(*by), column.append) for by, column in zip(salted, digests, strict=True)]
        for key, system, value in rows:
            for text in hashable_texts(system, value):
                keys.append(key)
                for digest, add in adding:
                    add(_prefix(digest(text)))
        for by, column in zip(salted, digests, strict=True):
            self._known[by] = self._of(by).with_rows(max(number, since), column, keys)


@dataclass(frozen=True, slots=True)
class _Known:
    """Keys by digests' first eight bytes; each part is ascending and many times as long as the next."""

    number: int
    parts: tuple[tuple[NDArray[np.uint64], NDArray[np.int64]], ...]

    def with_rows(self, number: int, prefixes: Sequence[int], keys: Sequence[int]) -> _Known:
        """These and more, in any order."""
        parts = [*self.parts]
        if prefixes:
            parts.append((np.array(prefixes, np.uint64), np.array(keys, np.int64)))
            while len(parts) > 1 and len(parts[-1][0]) * _GROWTH > len(parts[-2][0]):
                last, before = parts.pop(), parts.pop()
                parts.append((np.append(before[0], last[0]), np.append(before[1], last[1])))
            order = np.argsort(parts[-1][0], kind="stable")
            parts[-1] = (parts[-1][0][order], parts[-1][1][order])
        return _Known(number, tuple(parts))

    def find(self, prefixes: Sequence[int]) -> set[int]:
        sought = np.array(prefixes, np.uint64)
        return {key for table, keys in self.parts for key in keys[join(sought, table)[1]].tolist()}


_NOTHING = _Known(-1, ())
_GROWTH = 16
MOST_SALTS = 16
"""How many salts' hashes are remembered, and made in one pass over all addresses."""


def _prefix(digest: str) -> int:
    """Eight bytes of a digest; 0 of what is none."""
    try:
        return int(digest[:16], 16) & _EIGHT_BYTES
    except ValueError:
        return 0


_EIGHT_BYTES = (1 << 64) - 1
