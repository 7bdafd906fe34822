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
from graph.index.following import Follower, OtherHistory
from graph.index.index import Index
from graph.index.regroup import TooMuch
from graph.index.saved import BUILDING, Saved, build_and_save, load_saved
from graph.index.snapshot import Snapshot, build
from graph.loops import Loops, plain
from graph.settings import Settings
from graph.steady import steady
from graph.store import Busy, Store

_PATIENCE = 120.0  # seconds to wait for another process that builds the same index
_PAUSE = 0.05
_ROUNDS = 3  # of catching up with a store that is being written to
_KEPT = 4  # indexes of earlier change numbers, for answers whose reading of the store began before a later change

_BY_WEIGHT: tuple[Literal["built", "delta", "opened"], ...] = ("built", "delta", "opened")


@dataclass(slots=True)
class Counters:
    """What the keeper has had to do, so that a test can show it did no more."""

    built: int = 0  # everything read, everyone derived
    opened: int = 0
    deltas: int = 0
    derived_records: int = 0  # in deltas
    added_evidence: int = 0  # in deltas that derived nobody for it
    saved: int = 0
    adopted: int = 0  # bases that were made meanwhile


class IndexKeeper:
    """One a process and store; safe to ask from several threads."""

    def __init__(self, store: Store, settings: Settings, directory: Path | None = None, loops: Loops = plain) -> None:
        """`directory` is where the index is kept; None: in memory only."""
        self.store, self.settings, self.directory, self.loops = store, settings, directory, loops
        self.last: Literal["built", "opened", "delta", "none"] = "none"
        self.counters = Counters()
        self.version: str | None = None  # the saved version that the base is of
        self._follower: Follower | None = None
        self._indexes: tuple[Index, ...] = ()  # the last is the current one
        self._lock = Lock()
        self._done: set[str] = set()
        self._distrusted: set[str] = set()  # versions that were found damaged

    def current(self) -> Index:
        """The index at the store's change number."""
        with self._lock:
            return self._current()

    def at(self, number: int) -> Index | None:
        """The index of that change number, if it is the current one or was just before."""
        return next((index for index in reversed(self._indexes) if index.number == number), None)

    @contextmanager
    def still(self) -> Iterator[Index]:
        """The index, while this thread reads the store as it is of it and others wait for the keeper, or to write."""
        with self._lock:
            self._current()
            with self.store.still():
                yield self._current()

    @property
    def base_number(self) -> int | None:
        """The change number at which the base was built; None while there is none in memory."""
        follower = self._follower
        return None if follower is None else follower.base_number

    @property
    def outgrown(self) -> bool:
        """Whether a new base is worth its while."""
        follower = self._follower
        return follower is not None and follower.outgrown

    def adopt(self, follower: Follower, version: str | None) -> None:
        """Answer from another base from now on; raises `TooMuch` when it can't be brought up to the store's number."""
        with self._lock:
            follower.step()
            self._follow(follower, version)
            self.counters.adopted += 1

    def distrust(self, version: str) -> None:
        """Never open this version again, and drop what is in memory: the next call opens another, or builds one."""
        with self._lock:
            self._distrusted.add(version)
            self._follower, self.version, self._indexes = None, None, ()

    def _current(self) -> Index:
        self._done = set()
        if self._follower is None:
            self._take(self._opened())
        if not self._indexes or self._indexes[-1].number != self.store.number():
            self._catch_up()
        self.last = next((done for done in _BY_WEIGHT if done in self._done), "none")
        return self._indexes[-1]

    def _opened(self) -> Saved:
        """The saved snapshot, or a new one."""
        saved = self._found(self.directory) if self.directory else None
        return self._built(newer_than=-1) if saved is None else self._noted(saved)

    def _found(self, directory: Path) -> Saved | None:
        saved = load_saved(self.store, self.settings, directory)
        return None if saved is None or saved.version in self._distrusted else saved

    def _noted(self, saved: Saved) -> Saved:
        self.counters.opened += 1
        self._done.add("opened")
        return saved

    def _take(self, saved: Saved) -> None:
        self._follow(Follower(saved.snapshot, self.store, self.settings), saved.version)

    def _follow(self, follower: Follower, version: str | None) -> None:
        self._follower, self.version, self._indexes = follower, version, ()
        self._show(follower.snapshot)

    def _show(self, snapshot: Snapshot) -> None:
        index = Index(snapshot, self.store, self.loops)
        self._indexes = (*self._indexes, index)[-_KEPT:]

    def _catch_up(self) -> None:
        """Apply all changes; what is written while that is done is left to the next call, at last."""
        for _ in range(_ROUNDS):
            assert self._follower is not None
            try:
                delta = self._follower.step()
            except TooMuch as reason:
                old = isinstance(reason, OtherHistory)
                self._take(self._built(newer_than=-1 if old else self._follower.snapshot.number))
                continue
            if delta is None:
                break
            if delta.derived_records or delta.added_evidence:
                self.counters.deltas += 1
                self.counters.derived_records += delta.derived_records
                self.counters.added_evidence += delta.added_evidence
                self._done.add("delta")
            self._show(self._follower.snapshot)

    def _built(self, newer_than: int) -> Saved:
        """A new snapshot, saved if there is a place; or what another process has just saved."""
        deadline = time.monotonic() + _PATIENCE
        while self.directory is not None and time.monotonic() < deadline:
            try:
                with self.store.hold(BUILDING):
                    return self._saved(self.directory, newer_than)
            except Busy:
                time.sleep(_PAUSE)
            except StoreError:
                break  # locks can't be written here, so neither can the index
        return self._in_memory()

    def _saved(self, directory: Path, newer_than: int) -> Saved:
        found = self._found(directory)
        if found is not None and found.snapshot.number > newer_than:
            return self._noted(found)
        self.counters.built += 1
        self._done.add("built")
        saved = build_and_save(self.store, self.settings, directory)
        self.counters.saved += saved.version is not None
        return saved

    def _in_memory(self) -> Saved:
        self.counters.built += 1
        self._done.add("built")
        return Saved(steady(self.store, lambda number: build(self.store, self.settings, number)), None)
