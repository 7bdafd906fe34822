"""Statements of any number put in groups by their subject, on disk where they are many: memory stays flat.

They are cut into runs as they come; each run is written as pieces, one for every part that the hashes of subjects fall
in. A group is some parts of all runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from os import pread
from pathlib import Path

import polars as pl

from loaders.book import room_in

RUN = 250_000  # statements that are held before they go to disk
GROUP = 100_000  # statements that are looked at together, unless one part has more
PARTS = 256
_SEED = 20_260_101
_OLDEST = pl.CompatLevel.oldest()  # a piece holds its own texts, not all of its run's


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    size: int  # bytes
    rows: int


@dataclass(slots=True)
class Staged:
    """Frames of statements, told apart by the column `s`."""

    folder: Path
    _waiting: list[pl.DataFrame] = field(default_factory=list)
    _rows: int = 0
    _runs: list[list[_Piece]] = field(default_factory=list)
    _end: int = 0

    def take(self, frames: Iterable[pl.DataFrame], told: Callable[[int], None] | None = None) -> None:
        """Keep them all, and tell how many they are by now."""
        count = 0
        for frame in frames:
            self._waiting.append(frame)
            self._rows += frame.height
            count += frame.height
            if told is not None:
                told(count)
            if self._rows >= RUN:
                self._write_run()

    def groups(self) -> Iterator[pl.DataFrame]:
        """All of the statements about some subjects at a time, in the order in which they came."""
        if not self._runs:
            if self._waiting:
                yield pl.concat(self._waiting)
            self._waiting = []
            return
        if self._waiting:
            self._write_run()
        with self._path.open("rb") as file:
            for parts in self._gathered():
                pieces = [run[part] for run in self._runs for part in parts]
                yield pl.concat([_read(file.fileno(), each) for each in pieces if each.rows])

    @property
    def _path(self) -> Path:
        return self.folder / "statements"

    def _write_run(self) -> None:
        run = pl.concat(self._waiting)
        self._waiting, self._rows = [], 0
        run = run.with_columns((pl.col("s").hash(_SEED) % PARTS).cast(pl.UInt16).alias("_part"))
        run = run.sort("_part", maintain_order=True)
        counts = dict(run.group_by("_part").len().iter_rows())
        run = run.drop("_part")
        pieces, start = [], 0
        with room_in(self.folder), self._path.open("ab") as file:
            for part in range(PARTS):
                rows = counts.get(part, 0)
                packed = BytesIO()
                if rows:
                    run[start : start + rows].write_ipc(packed, compression="lz4", compat_level=_OLDEST)
                file.write(packed.getbuffer())
                pieces.append(_Piece(self._end, packed.tell(), rows))
                start, self._end = start + rows, self._end + packed.tell()
        self._runs.append(pieces)

    def _gathered(self) -> Iterator[list[int]]:
        """Parts that are a group together."""
        parts: list[int] = []
        rows = 0
        for part in range(PARTS):
            more = sum(run[part].rows for run in self._runs)
            if parts and rows + more > GROUP:
                yield parts
                parts, rows = [], 0
            parts.append(part)
            rows += more
        yield parts


def _read(file: int, piece: _Piece) -> pl.DataFrame:

    return pl.read_ipc(BytesIO(pread(file, piece.size, piece.start)))
