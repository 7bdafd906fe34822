"""The book of a load: every row read, what becomes of it and why. `read` is always the sum of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from graph.errors import StoreFull, StoreUnreachable
from loaders.rows import Fault

MOST_IN_MEMORY = 10_000  # faults; further ones go to disk


class State(IntEnum):
    """What holds for a row; a higher one outweighs a lower one."""

    ALIVE = 0  # to be written
    WAITING = 1
    REJECTED = 2
    SKIPPED = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one chunk: `numbers` are their record numbers in the file."""

    table: str
    file: str
    start: int  # the load's number of the first row
    numbers: Sequence[int] | NDArray[np.int64]


class Book:
    """Rows are numbered from 0 over all chunks; where there are many faults, they are kept on disk."""

    def __init__(self, directory: Path | None) -> None:
        self.pieces: list[Piece] = []
        self.states: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self.changed: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self.skips: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self._used = 0
        self._directory = directory
        self._memory: dict[int, list[Fault]] = {}
        self._in_memory = 0

    def __len__(self) -> int:
        return self._used

    def begin(self, table: str, file: str, numbers: Sequence[int] | NDArray[np.int64]) -> Piece:
        """Enter the rows of a chunk."""
        piece = Piece(table, file, self._used, _compact(numbers))
        self.pieces.append(piece)
        self._used += len(piece.numbers)
        if self._used > len(self.states):
            room = max(self._used, 2 * len(self.states))
            self.states = np.concatenate([self.states, np.zeros(room - len(self.states), dtype=np.uint8)])
            self.changed = np.concatenate([self.changed, np.zeros(room - len(self.changed), dtype=np.bool_)])
        return piece

    def alive(self, rows: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Which rows are still to be written."""
        return np.asarray(self.states[rows] == State.ALIVE)

    def skip(self, rows: NDArray[np.uint32], rule: str) -> None:
        """Leave rows out by a named rule; a row is counted once."""
        rows = np.unique(rows)
        fresh = rows[self.states[rows] < State.SKIPPED]
        self.states[fresh] = State.SKIPPED
        self.skips[rule] += len(fresh)

    def fault(self, faults: Iterable[Fault]) -> int:
        """Keep what is wrong with rows; how many were to be written until now."""
        stopped = 0
        by_piece: dict[int, list[Fault]] = {}
        for fault in faults:
            state = _STATE_OF.get(fault.kind, State.ALIVE)
            stopped += self.states[fault.row] == State.ALIVE and state != State.ALIVE
            self.states[fault.row] = max(self.states[fault.row], state)
            by_piece.setdefault(self.piece_of(fault.row), []).append(fault)
        for index, some in by_piece.items():
            self._keep(index, some)
        return int(stopped)

    def piece_of(self, row: int) -> int:
        """The position of the chunk that a row is of."""
        starts = [piece.start for piece in self.pieces[-1:]]
        if starts and row >= starts[0]:
            return len(self.pieces) - 1
        return int(np.searchsorted(np.array([piece.start for piece in self.pieces]), row, side="right")) - 1

    def place(self, row: int) -> tuple[str, int]:
        """File and record number of a row."""
        piece = self.pieces[self.piece_of(row)]
        return piece.file, int(piece.numbers[row - piece.start])

    def faults(self, index: int) -> list[Fault]:
        """The faults of one chunk, in the order they were found."""
        first = self._memory.get(index, [])
        if self._directory is None or not self._path(index).exists():
            return first
        return first + [Fault(**orjson.loads(line)) for line in self._path(index).read_bytes().splitlines()]

    def forget(self, rows: Collection[int]) -> None:
        """Drop what is kept of rows that must leave no trace."""
        for index in {self.piece_of(row) for row in rows}:
            kept = [fault for fault in self.faults(index) if fault.row not in rows]
            self._memory[index] = kept
            if self._directory is not None:
                self._path(index).unlink(missing_ok=True)

    def first_faults(self, count: int) -> Iterator[Fault]:
        """The first rejects, for a message."""
        for index in range(len(self.pieces)):
            for fault in self.faults(index):
                if fault.kind == "rejected" and count:
                    count -= 1
                    yield fault

    def counts(self) -> dict[str, int]:
        """Rows by what became of them; they add up to `read`."""
        mine = self.states[: self._used]
        states = {state: int(np.count_nonzero(mine == state)) for state in State}
        written = int(np.count_nonzero(self.changed[: self._used] & (mine == State.ALIVE)))
        return {
            "read": self._used,
            "written": written,
            "unchanged": states[State.ALIVE] - written,
            "skipped": states[State.SKIPPED],
            "waiting": states[State.WAITING],
            "rejected": states[State.REJECTED],
        }

    def _keep(self, index: int, faults: Sequence[Fault]) -> None:
        if self._directory is None or self._in_memory + len(faults) <= MOST_IN_MEMORY:
            self._in_memory += len(faults)
            self._memory.setdefault(index, []).extend(faults)
            return
        with room_in(self._directory), self._path(index).open("ab") as out:
            out.writelines(orjson.dumps(_as_dict(fault)) + b"\n" for fault in faults)

    def _path(self, index: int) -> Path:
        assert self._directory is not None
        return self._directory / f"faults-{index}.jsonl"


@contextmanager
def room_in(directory: Path) -> Iterator[None]:
    """Make a folder to stage in; raises `StoreFull` or `StoreUnreachable` when something can't be written in it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        place, told = str(directory), error.strerror or str(error)
        if error.errno in (ENOSPC, EDQUOT) or any(f"os error {code})" in told for code in (ENOSPC, EDQUOT)):
            raise StoreFull(place, "there is no room to stage the load", "Free some space there.", told) from error
        fix = "Look at the folder, its rights and its disk."
        raise StoreUnreachable(place, "the load cannot be staged here", fix, told) from error


def _compact(numbers: Sequence[int] | NDArray[np.int64]) -> Sequence[int] | NDArray[np.int64]:
    """Consecutive numbers as a range, so that millions of them take no memory."""
    if isinstance(numbers, range):
        return numbers
    array = np.asarray(numbers, dtype=np.int64)
    if len(array) and (np.diff(array) == 1).all():
        return range(int(array[0]), int(array[-1]) + 1)
    return array


_STATE_OF = {"rejected": State.REJECTED, "waiting": State.WAITING}


def _as_dict(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in Fault.__slots__}
