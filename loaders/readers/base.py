"""What all readers share: how a file is to be read, and chunks put together from what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from loaders.errors import LoadError
from loaders.readers.reading import Reading
from loaders.rows import shown
from loaders.source import CHUNK_ROWS, BadRow, Chunk


@dataclass(slots=True)
class Assembler:
    """Frames and bad rows, in file order, to chunks of at most CHUNK_ROWS rows."""

    reading: Reading
    columns: Sequence[str]
    _frames: list[pl.DataFrame] = field(default_factory=list)
    _numbers: list[Sequence[int]] = field(default_factory=list)  # one a frame: a range when there are no gaps
    _bad: list[BadRow] = field(default_factory=list)
    _size: int = 0
    _given: bool = False

    def add(self, frame: pl.DataFrame, numbers: Sequence[int], bad: Sequence[BadRow] = ()) -> Iterator[Chunk]:
        """Rows that follow; whole chunks come out as soon as they are full."""
        self._bad += bad
        frame, numbers = without_blank(frame, numbers)
        if frame.height:
            self._frames.append(frame)
            self._numbers.append(numbers)
            self._size += frame.height
        while self._size >= CHUNK_ROWS or len(self._bad) >= CHUNK_ROWS:
            yield self._next()

    def rest(self) -> Iterator[Chunk]:
        """What is left at the end: a file without rows is one empty chunk."""
        if self._size or self._bad or not self._given:
            yield self._next()

    def _next(self) -> Chunk:
        self._given = True
        frame = pl.concat(self._frames) if self._frames else self._empty()
        numbers = _joined(self._numbers)
        self._frames, self._numbers, self._size = [], [], 0
        if frame.height > CHUNK_ROWS:
            frame, rest = frame[:CHUNK_ROWS], frame[CHUNK_ROWS:]
            numbers, later = numbers[:CHUNK_ROWS], numbers[CHUNK_ROWS:]
            self._frames, self._numbers, self._size = [rest], [later], rest.height
        bad, self._bad = self._bad, []
        return chunk_of(self.reading, frame, numbers, bad)

    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String))


def chunk_of(reading: Reading, frame: pl.DataFrame, numbers: Sequence[int], bad: Sequence[BadRow]) -> Chunk:
    """A chunk whose rows have these numbers."""
    first = numbers[0] if len(numbers) else 1
    return Chunk(reading.table, reading.file, frame, first, None if isinstance(numbers, range) else numbers, bad)


def check_header(names: Sequence[str | None], reading: Reading) -> list[str]:
    """The column names, trimmed; a nameless or repeated one is refused."""
    columns = [(name or "").strip() for name in names]
    for at, name in enumerate(columns):
        if not name:
            raise LoadError(f"column {at + 1} has no name: give it one in the header, or remove it", file=reading.file)
        if name in columns[:at]:
            reason = f"column {name!r} is in the header twice: rename or remove one"
            raise LoadError(reason, file=reading.file, value=name)
    return columns


def blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty cells of text columns as null."""
    texts = pl.col(pl.String)
    return frame.with_columns(pl.when(texts != "").then(texts))


def bad_row(row: int, column: str, value: str, reason: str, raw: Mapping[str, str | None]) -> BadRow:
    """A row that could not be read; its long cells are cut."""
    return BadRow(row, column, shown(value), reason, {name: _cut(cell) for name, cell in raw.items()})


def _cut(cell: str | None) -> str | None:
    if cell is None or len(cell) <= LONGEST_KEPT:
        return cell
    return f"{cell[:LONGEST_SHOWN]}… ({len(cell)} characters)"


LONGEST_KEPT = 100_000  # characters of a cell that is kept whole with a rejected row
LONGEST_SHOWN = 200


def without_blank(frame: pl.DataFrame, numbers: Sequence[int]) -> tuple[pl.DataFrame, Sequence[int]]:
    """Leave out rows in which nothing stands, as at the end of many spreadsheets."""
    if not frame.height or not frame.width:
        return frame, numbers
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not blank.any():
        return frame, compact(numbers)
    return frame.filter(~blank), [numbers[at] for at in (~blank).arg_true()]


def compact(numbers: Sequence[int]) -> Sequence[int]:
    """A range where no number is missing."""
    if len(numbers) and numbers[-1] - numbers[0] + 1 == len(numbers):
        return range(numbers[0], numbers[-1] + 1)
    return numbers


def _joined(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    """Row numbers one after the other; a range where none is missing."""
    if all(isinstance(part, range) for part in parts):
        together = range(parts[0][0], parts[-1][-1] + 1) if parts else range(0)
        if len(together) == sum(map(len, parts)):
            return together
    return [number for part in parts for number in part]
