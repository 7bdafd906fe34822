"""Writing staged records in batches that hold the store's write lock for a short while each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.store import Batch, Block, Outcome, Store
from loaders.duplicates import Twins
from loaders.outcomes import CHANGED, account
from loaders.stage import Part, Stage, block_of

Positions = NDArray[np.intp]
Told = Callable[[int], None]
"""Told how many more records are done."""

_FIRST, _FEWEST, _MOST = 15_000, 500, 60_000  # rows a batch
_DONE = (Outcome.ADDED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.OLDER)
_AIM = 0.15  # seconds a batch should lock; the promise is 0.2


class Writer:
    """Writes one load's batches; the size of the next is set by how long the last locked the store."""

    def __init__(self, store: Store, source: str, load: int | None, told: Told) -> None:
        self._store, self._source, self._load, self._told = store, source, load, told
        self._size = _FIRST
        self._open: dict[str, list[tuple[Part, Positions, pl.DataFrame]]] = {}
        self._rows = 0
        self._left: list[tuple[Part, Positions]] = []
        self._reached: dict[int, NDArray[np.bool_]] = {}  # of parts by identity, the records written so far
        self._closed = False  # whether the load's cursors are in the store
        self.removed = 0

    def write(
        self,
        stage: Stage,
        order: Iterable[str],
        wanted: Callable[[Part], Positions],
        cursors: Mapping[str, str] | None = None,
    ) -> None:
        """Write the wanted records of each part, type by type; at last those that refer to each other, in one batch.

        `cursors` travel in the last batch, if nothing of the load is to be done after it; see `close`.
        """
        for name in order:
            for part in stage.parts.get(name, ()):
                self._put(part, wanted(part))
        self._flush(cursors)
        self._write_left()

    def remove(self, blocks: Iterable[Block]) -> int:
        """Write tombstones; how many records went."""
        for block in blocks:
            outcomes = self._store.write(Batch(self._source, self._load, [block])).outcomes[0]
            self.removed += int(np.isin(outcomes, (Outcome.REMOVED, Outcome.RETIRED)).sum())
            self._told(len(block))
        return self.removed

    @property
    def size(self) -> int:
        """Rows that the next batch may hold."""
        return self._size

    def reached(self, part: Part) -> NDArray[np.bool_]:
        """Which records of a part were written, or were told why not."""
        return self._reached.setdefault(id(part), np.zeros(len(part), np.bool_))

    def _put(self, part: Part, positions: Positions) -> None:
        frame = part.frame() if len(positions) else None
        while frame is not None and len(positions):
            now, positions = positions[: self._size - self._rows], positions[self._size - self._rows :]
            chosen = frame if len(now) == len(frame) else frame[now]
            self._open.setdefault(part.type, []).append((part, now, chosen))
            self._rows += len(now)
            if self._rows >= self._size:
                self._flush()

    def close(self, cursors: Mapping[str, str] | None) -> None:
        """Write cursors that did not travel in a batch of data yet; `cursors` is None where there are none."""
        if cursors is not None and not self._closed:
            self._store.write(Batch(self._source, self._load, [], cursors))

    def _flush(self, cursors: Mapping[str, str] | None = None) -> None:
        if not self._open:
            return
        blocks = [
            block_of(name, pl.concat([frame for _, _, frame in some], how="diagonal"))
            for name, some in self._open.items()
        ]
        batch = Batch(self._source, self._load, blocks)
        if cursors is not None and not self._left and self._goes_in(batch):
            batch, self._closed = replace(batch, cursors=cursors), True
        receipt = self._store.write(batch)
        for some, outcomes in zip(self._open.values(), receipt.outcomes, strict=True):
            self._note(some, outcomes)
        if self._rows >= _FEWEST and receipt.locked:
            fitting = self._rows * _AIM / receipt.locked
            self._size = int(min(max(fitting, self._size / 2, _FEWEST), self._size * 2, _MOST))
        self._told(self._rows)
        self._open, self._rows = {}, 0

    def _goes_in(self, batch: Batch) -> bool:
        """Whether all of a batch will be written, or is there, so that no row of it must be put aside after it."""
        return all(np.isin(plan.outcomes, _DONE).all() for plan in self._store.plan(batch))

    def _note(self, written: Iterable[tuple[Part, Positions, pl.DataFrame]], outcomes: NDArray[np.uint8]) -> None:
        """Keep what became of a block's records, in the parts they came from."""
        start = 0
        for part, positions, _ in written:
            mine = outcomes[start : start + len(positions)]
            start += len(positions)
            assert part.outcomes is not None
            part.outcomes[positions] = mine
            self.reached(part)[positions] = True
            missing = positions[mine == Outcome.MISSING]
            if len(missing):
                self._left.append((part, missing))

    def _write_left(self) -> None:
        """Again what referred to something that was not there yet, until nothing more can be written."""
        while self._left:
            left, self._left = self._left, []
            for part, positions in left:
                self._put(part, positions)
            self._flush()
            if _count(self._left) < _count(left):
                continue
            together, self._left = self._left, []
            self._size, size = max(self._size, _count(together) + 1), self._size
            for part, positions in together:
                self._put(part, positions)
            self._flush()
            self._size, self._left = size, []


def _count(left: Iterable[tuple[Part, Positions]]) -> int:
    return sum(len(positions) for _, positions in left)


def to_write(stage: Stage, part: Part, unchanged: Positions | None = None) -> Positions:
    """The positions of records that are to be written; `unchanged` are those noted though nothing changes."""
    assert part.outcomes is not None
    wanted = np.isin(part.outcomes, (*CHANGED, Outcome.MISSING))
    if unchanged is not None:
        wanted[unchanged] = True
    return np.flatnonzero(wanted & stage.alive(part))


def newer(part: Part) -> Positions:
    """The unchanged records whose version, or whose further statement, the store is still to note."""
    return np.zeros(0, np.intp) if part.remember is None else np.flatnonzero(part.remember)


def not_reached(stage: Stage, writer: Writer, twins: Twins) -> int:
    """Account for a load that ended while it wrote; how many rows had something to write and had nothing written."""
    for part in stage.all_parts():
        assert part.outcomes is not None
        left = to_write(stage, part)
        part.outcomes[left[~writer.reached(part)[left]]] = Outcome.MISSING
    twins.share()
    account(stage)
    rows = [np.zeros(0, np.uint32)]
    for part in stage.all_parts():
        rows.append(part.rows[part.outcomes == Outcome.MISSING])
    behind = np.unique(np.concatenate(rows)).astype(np.uint32)
    return int(np.count_nonzero(stage.book.alive(behind) & ~stage.book.changed[behind]))
