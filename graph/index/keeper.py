"""Keeping an index up to date with its store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from graph.errors import StoreError
from graph.index.delta import Delta, Touched, rule_types
from graph.index.files import load, save
from graph.index.index import Index
from graph.index.regroup import TooMuch
from graph.index.snapshot import Snapshot, build
from graph.settings import Settings
from graph.steady import steady
from graph.store import Busy, Store

_LOCK = "\0index"
"""The builder's; no load has such a name."""

_PATIENCE = 120.0  # seconds to wait for another process that builds the same index
_PAUSE = 0.05
_ROUNDS = 3  # of catching up with a store that is being written to
_PAGE = 10  # change records at a time; one may name 50,000 ids

# A delta reads and derives some 10,000 records a second, a build 30,000 with ten facts each. Deltas give way well
# before they are slower, so that no answer waits long for one.
_FEW, _SHARE = 500, 20  # records that one delta may read again: so many, or this part of all
_ROWS_A_RECORD = 20  # facts named by changes, for each of these records
_LAYERS = 4  # deltas that may lie on one base

_BY_WEIGHT: tuple[Literal["built", "delta", "opened"], ...] = ("built", "delta", "opened")


@dataclass(slots=True)
class Counters:
    """What the keeper has had to do, so that a test can show it did no more."""

    built: int = 0  # everything read, everyone derived
    opened: int = 0
    deltas: int = 0
    derived_records: int = 0  # in deltas
    saved: int = 0


class IndexKeeper:
    """One a process and store; safe to ask from several threads."""

    def __init__(self, store: Store, settings: Settings, directory: Path | None = None) -> None:
        """`directory` is where the index is kept; None: in memory only."""
        self.store, self.settings, self.directory = store, settings, directory
        self.last: Literal["built", "opened", "delta", "none"] = "none"
        self.counters = Counters()
        self._index: Index | None = None
        self._lock = Lock()
        self._done: set[str] = set()

    def current(self) -> Index:
        """The index at the store's change number."""
        with self._lock:
            return self._current()

    def at(self, number: int) -> Index | None:
        """The index, if it is of that change number."""
        index = self._index
        return index if index is not None and index.number == number else None

    @contextmanager
    def still(self) -> Iterator[Index]:
        """The index, while this thread reads the store as it is of it and others wait for the keeper, or to write."""
        with self._lock:
            self._current()
            with self.store.still():
                yield self._current()

    def _current(self) -> Index:
        self._done = set()
        if self._index is None or self._index.number != self.store.number():
            snapshot = self._opened() if self._index is None else self._index.snapshot
            self._index = Index(self._caught_up(snapshot), self.store)
        self.last = next((done for done in _BY_WEIGHT if done in self._done), "none")
        return self._index

    def _opened(self) -> Snapshot:
        """The saved snapshot, or a new one."""
        snapshot = load(self.store, self.settings, self.directory) if self.directory else None
        if snapshot is None:
            return self._built(newer_than=-1)
        self.counters.opened += 1
        self._done.add("opened")
        return snapshot

    def _caught_up(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot after all changes; what is written while it is made is left to the next call, at last."""
        for _ in range(_ROUNDS):
            if snapshot.number == self.store.number():
                break
            try:
                snapshot = self._after(snapshot)
            except TooMuch:
                snapshot = self._built(newer_than=snapshot.number)
        return snapshot

    def _after(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the changes since applied, read from one state of the store."""
        delta, after = steady(self.store, lambda number: self._delta(snapshot, number))
        if delta.derived_records:
            self.counters.deltas += 1
            self.counters.derived_records += delta.derived_records
            self._done.add("delta")
        return after

    def _delta(self, snapshot: Snapshot, number: int) -> tuple[Delta, Snapshot]:
        if number < snapshot.number:
            raise TooMuch  # an older copy was put in the store's place
        most = max(_FEW, len(snapshot.base.people.keys) // _SHARE)
        touched = self._touched(snapshot, most)
        delta = Delta(snapshot, self.store, self.settings, most)
        return delta, delta.apply(touched).at(number)

    def _touched(self, snapshot: Snapshot, most: int) -> Touched:
        """What the changes since name; raises `TooMuch` as soon as it is clear that a delta does not pay."""
        touched, types, number = Touched(), rule_types(self.store), snapshot.number
        while changes := self.store.changes(number, _PAGE):
            touched.add(changes, types)
            number = changes[-1].number
            if touched.rows > _ROWS_A_RECORD * most or snapshot.overlaid > _LAYERS * most:
                raise TooMuch
        return touched

    def _built(self, newer_than: int) -> Snapshot:
        """A new snapshot, saved if there is a place; or what another process has just saved."""
        deadline = time.monotonic() + _PATIENCE
        while self.directory is not None and time.monotonic() < deadline:
            try:
                with self.store.hold(_LOCK):
                    return self._saved(self.directory, newer_than)
            except Busy:
                time.sleep(_PAUSE)
            except StoreError:
                break  # locks can't be written here, so neither can the index
        return self._build()

    def _saved(self, directory: Path, newer_than: int) -> Snapshot:
        found = load(self.store, self.settings, directory)
        if found is not None and found.number > newer_than:
            self.counters.opened += 1
            self._done.add("opened")
            return found
        snapshot = self._build()
        try:
            save(snapshot, self.store, self.settings, directory)
        except OSError:
            return snapshot  # no room, or not ours to write: the index is a derived thing and works from memory
        self.counters.saved += 1
        return snapshot

    def _build(self) -> Snapshot:
        self.counters.built += 1
        self._done.add("built")
        return steady(self.store, lambda number: build(self.store, self.settings, number))
