"""JSON lines: one object a line, numbers kept as they are written, objects within objects as dotted columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from loaders.errors import LoadError
from loaders.readers.base import bad_row, blank_to_null, chunk_of, without_blank
from loaders.readers.bytes import utf8_blocks
from loaders.readers.reading import Reading
from loaders.readers.typed import why_not
from loaders.rows import shown
from loaders.source import CHUNK_ROWS, BadRow, Chunk
from loaders.strict import Unreadable, half_letter, parsed
from ontology.lists import join_list

DEEPEST = 8
"""Objects within objects that are read."""

MOST_COLUMNS = 2_000

_SIMPLE = frozenset({str, bool, type(None)})
_WORDS = {True: "true", False: "false"}

Cell = str | list[dict[str, str | None]] | None


def read_jsonl(path: Path, reading: Reading) -> Iterator[Chunk]:
    """The objects of a file; row numbers count lines. A key that a row lacks is an empty cell."""
    return chunks_of(_lines(path, reading), reading)


def chunks_of(lines: Iterable[bytes], reading: Reading) -> Iterator[Chunk]:
    """The objects of lines, numbered from 1."""
    rows, given = _Rows(reading), False
    for number, line in enumerate(lines, start=1):
        rows.take(number, line)
        if len(rows.numbers) + len(rows.bad) == CHUNK_ROWS:
            given = True
            yield rows.chunk()
    if rows.bad and not rows.columns:
        worst = rows.bad[0]
        raise LoadError(f"no row can be read; the first {worst.reason}", file=reading.file, row=worst.row)
    if rows.numbers or rows.bad or not given:
        yield rows.chunk()


@dataclass(slots=True)
class _Rows:
    """Rows as they are read, column by column."""

    reading: Reading
    columns: dict[str, list[Cell]] = field(default_factory=dict)  # as long as `numbers`, or padded when given out
    records: dict[str, dict[str, None]] = field(default_factory=dict)  # columns of lists of records: their keys
    texts: set[str] = field(default_factory=set)  # the other columns
    shape: tuple[str, ...] = ()  # the keys of the last row, when all were of text
    alike: list[list[str | None]] = field(default_factory=list)  # rows of that shape which are not yet in `columns`
    numbers: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    def take(self, number: int, line: bytes) -> None:
        if not line.strip():
            return
        cells: dict[str, Cell] = {}
        try:
            if len(line) > self.reading.longest_field:
                raise Unreadable("", f"is longer than {self.reading.longest_field:,} bytes: shorten it")
            row = _parsed(line, number, self.reading)
            if self._is_alike(row, line):
                self.alike.append([_WORDS.get(value, value) for value in row.values()])
                self.numbers.append(number)
                return
            self._flatten("", row, cells, DEEPEST)
        except Unreadable as error:
            text = line[:2000].decode("utf-8", "replace")
            raw = {name: cell for name, cell in cells.items() if isinstance(cell, str)}
            self.bad.append(bad_row(number, error.field, error.value or text, error.reason, raw))
            return
        self._spread()
        is_plain = len(row) == len(cells) and not any(isinstance(cell, list) for cell in cells.values())
        self.shape = tuple(cells) if is_plain else ()
        for name, cell in cells.items():
            if isinstance(cell, list):
                self.records.setdefault(name, {}).update(dict.fromkeys(key for item in cell for key in item))
            elif cell is not None:
                self.texts.add(name)
            column = self.columns.setdefault(name, [])
            column.extend([None] * (len(self.numbers) - len(column)))
            column.append(cell)
        self.numbers.append(number)
        if len(self.columns) > MOST_COLUMNS:
            reason = f"has more than {MOST_COLUMNS:,} different keys: is it a table?"
            raise LoadError(reason, file=self.reading.file, row=number)

    def _is_alike(self, row: Mapping[str, Any], line: bytes) -> bool:
        """Whether a row has the columns of the one before it, and nothing but text without escaped letters in them."""
        return (
            tuple(row) == self.shape
            and b"\\u" not in line
            and self.records.keys().isdisjoint(self.shape)
            and all(value.__class__ in _SIMPLE for value in row.values())
        )

    def _spread(self) -> None:
        """Put the rows that are alike into their columns."""
        before = len(self.numbers) - len(self.alike)
        for name, cells in zip(self.shape, zip(*self.alike, strict=True), strict=bool(self.alike)):
            column = self.columns[name]
            column.extend([None] * (before - len(column)))
            column.extend(cells)
        self.alike = []

    def chunk(self) -> Chunk:
        """The rows since the last chunk, with every column known until now."""
        self._spread()
        series = [self._series(name, cells) for name, cells in self.columns.items()]
        frame, numbers = without_blank(blank_to_null(pl.DataFrame(series)), self.numbers)
        bad = self.bad
        self.columns, self.numbers, self.bad = {name: [] for name in self.columns}, [], []
        return chunk_of(self.reading, frame, numbers, bad)

    def _series(self, name: str, cells: list[Cell]) -> pl.Series:
        padded = cells + [None] * (len(self.numbers) - len(cells))
        keys = self.records.get(name)
        if keys is None:
            return pl.Series(name, padded, dtype=pl.String)
        records = [
            [{key: item.get(key) for key in keys} for item in cell] if isinstance(cell, list) else None
            for cell in padded
        ]
        return pl.Series(name, records, dtype=pl.List(pl.Struct(dict.fromkeys(keys, pl.String))))

    def _flatten(self, prefix: str, value: Mapping[str, Any], cells: dict[str, Cell], depth: int) -> None:
        for key, item in value.items():
            name = prefix + _key(key)
            if isinstance(item, dict):
                if depth == 0:
                    raise Unreadable(name, f"is nested more than {DEEPEST} objects deep: flatten it")
                self._flatten(f"{name}.", item, cells, depth - 1)
            else:
                if name in cells:
                    raise Unreadable(name, "stands twice, with a dot and as an object: keep one")
                cells[name] = self._cell(name, item)

    def _cell(self, name: str, item: Any) -> Cell:
        if isinstance(item, list) and name in self.reading.singles:
            raise Unreadable(name, f"is a list, but {name} has one value", shown(item))
        if item == []:
            return None
        if isinstance(item, list) and any(isinstance(part, dict) for part in item):
            return self._records(name, item)
        if name in self.records and item is not None:
            raise Unreadable(name, f"is no list of objects as in other rows: {shown(item)}")
        if isinstance(item, list):
            separator = self.reading.lists.get(name, "|")
            return join_list((text for part in item if (text := _text(name, part, self.reading))), separator)
        return _text(name, item, self.reading)

    def _records(self, name: str, items: list[Any]) -> list[dict[str, str | None]]:
        if name in self.texts:
            raise Unreadable(name, "is a list of objects, but a text in other rows")
        found = []
        for item in items:
            if not isinstance(item, dict):
                raise Unreadable(name, "mixes objects and values in one list: give each item the same form")
            flat: dict[str, Cell] = {}
            self._flatten("", item, flat, DEEPEST)
            found.append({key: cell for key, cell in flat.items() if isinstance(cell, str | None)})
        return found


def _parsed(line: bytes, number: int, reading: Reading) -> Mapping[str, Any]:
    try:
        text = line.decode().strip(" \t\r")
    except UnicodeDecodeError as error:
        reason = f"byte 0x{line[error.start]:02x} after {error.start} bytes is not UTF-8: save the row as UTF-8"
        raise Unreadable("", reason) from error
    if number == 1 and text.startswith("["):
        raise LoadError("is a JSON array, not JSON lines: write one object a line", file=reading.file)
    value = parsed(text)
    if not isinstance(value, dict):
        raise Unreadable("", "is no JSON object: write one object a line")
    return value


def _text(name: str, value: Any, reading: Reading) -> str | None:
    """A JSON value as a cell."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if not isinstance(value, str):
        raise Unreadable(name, "holds a list or an object within a list: flatten it")
    if not value.isprintable():
        reason = why_not(value, reading) or half_letter(value)
        if reason:
            raise Unreadable(name, reason, value[:200].encode(errors="replace").decode())
    return value


def _key(key: str) -> str:
    reason = "" if key.isprintable() else half_letter(key)
    if reason:
        raise Unreadable("", f"a key {reason}", key.encode(errors="replace").decode())
    return key


def _lines(path: Path, reading: Reading) -> Iterator[bytes]:
    """Lines; of one that is too long only the beginning."""
    rest = b""
    longest = reading.longest_field + 1
    for block in utf8_blocks(path, reading):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        rest = rest[:longest]
    if rest:
        yield rest
