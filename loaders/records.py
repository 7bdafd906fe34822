"""Rows one by one, gathered into chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.intake import text_frame
from loaders.source import CHUNK_ROWS, BadRecord, BadRow, Chunk, Record, Rows


@dataclass(slots=True)
class _Gathered:
    """Rows of one table of one file."""

    cells: list[Mapping[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)


def chunks(given: Iterable[Rows]) -> Iterator[Chunk]:
    """Chunks as a source yields them, single rows gathered: never more at once than a chunk may hold."""
    open_: dict[tuple[str, str], _Gathered] = {}
    pending = single = 0
    for item in given:
        if isinstance(item, Chunk):
            yield item
            continue
        if isinstance(item, Record):
            into = open_.setdefault((item.table, item.file), _Gathered())
            into.cells.append(item.cells)
            into.numbers.append(item.row)
            into.flags.update(item.flags)
        elif isinstance(item, BadRecord):
            open_.setdefault((item.table, item.file), _Gathered()).bad.append(item.bad)
        else:
            single += 1
            into = open_.setdefault(("", ""), _Gathered())
            into.cells.append(item)
            into.numbers.append(single)
        pending += 1
        if pending == CHUNK_ROWS:
            yield from _let_out(open_)
            pending = 0
    yield from _let_out(open_)


def _let_out(open_: dict[tuple[str, str], _Gathered]) -> Iterator[Chunk]:
    for (table, file), rows in open_.items():
        yield Chunk(table, file, text_frame(rows.cells), rows=rows.numbers, bad=rows.bad, flags=rows.flags)
    open_.clear()


class Parts:
    """Rows that stand inside of rows, such as the members of groups: of each table of a file numbered as they come."""

    def __init__(self) -> None:
        self._numbers: Counter[tuple[str, str]] = Counter()

    def place(self, table: str, file: str) -> tuple[str, int]:
        """The file of the table within the file, and the next row's number there."""
        self._numbers[table, file] += 1
        return f"{file}/{table}", self._numbers[table, file]

    def record(self, table: str, file: str, cells: Mapping[str, Any], flags: Sequence[str] = ()) -> Record:
        """The next row of the table."""
        return Record(table, *self.place(table, file), cells, flags)
