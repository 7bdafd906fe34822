"""CSV and TSV by the csv module's rules, strictly; polars reads the blocks without quotes, where it gives the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl

from loaders.errors import LoadError
from loaders.readers.base import Assembler, bad_row, blank_to_null, check_header
from loaders.readers.bytes import utf8_blocks
from loaders.readers.reading import Reading
from loaders.source import BadRow, Chunk

LONGEST_RECORD = 64_000_000
"""Characters after which an open quote is taken for one that nobody closed."""

csv.field_size_limit(2 * LONGEST_RECORD)  # of the whole process; fields are measured here

_UNFINISHED = "unexpected end of data"


class _Records(Protocol):
    """What csv.reader gives."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def read_delimited(path: Path, reading: Reading) -> Iterator[Chunk]:
    """The rows of a file with a header; row numbers count records, without the header and blank lines."""
    blocks = _whole_lines(utf8_blocks(path, reading), reading)
    dialect = _Dialect(reading.separator or ",", reading.quote)
    head, rest = _header(blocks, dialect, reading)
    columns = check_header(head, reading)
    _check_separator(columns, dialect, reading)
    parser = _Parser(reading, dialect, columns)
    out = Assembler(reading, columns)
    for block, last in _with_last(rest, blocks):
        for part in parser.parse(block, last):
            yield from out.add(part.frame, part.numbers, part.bad)
    yield from out.rest()


@dataclass(frozen=True, slots=True)
class _Dialect:
    separator: str
    quote: str

    def records(self, text: str) -> _Records:
        lines = io.StringIO(text, newline="")
        if not self.quote:
            return csv.reader(lines, delimiter=self.separator, quoting=csv.QUOTE_NONE, strict=True)
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote, strict=True)


@dataclass(frozen=True, slots=True)
class _Part:
    frame: pl.DataFrame
    numbers: Sequence[int]
    bad: Sequence[BadRow] = ()


@dataclass(slots=True)
class _Parser:
    """Blocks of whole lines to frames; a record that goes on in the next block waits for it."""

    reading: Reading
    dialect: _Dialect
    columns: Sequence[str]
    _open: bytes = b""  # a record that is not at its end
    _wanted: int = 0  # bytes to gather before the open record is tried again: each time twice as many
    _next: int = 1  # number of the next record

    def parse(self, block: bytes, last: bool) -> Iterator[_Part]:
        block = self._open + block if self._open else block
        if len(block) < self._wanted and not last:
            self._open = block
            return
        self._open, self._wanted = b"", 0
        if block:
            frame = self._plain(block)
            yield self._records(block, last) if frame is None else self._counted(frame)

    def _counted(self, frame: pl.DataFrame) -> _Part:
        numbers = range(self._next, self._next + frame.height)
        self._next += frame.height
        return _Part(frame, numbers)

    def _plain(self, block: bytes) -> pl.DataFrame | None:
        """The rows of a block in which nothing is quoted, odd or missing; None where something is."""
        quote, separator = self.dialect.quote.encode(), self.dialect.separator.encode()
        if b"\r" in block:
            if block.count(b"\r") != block.count(b"\r\n"):
                return None
            block = block.replace(b"\r\n", b"\n")
        if not block.endswith(b"\n"):
            block += b"\n"
        if (quote and quote in block) or b"\0" in block or len(separator) != 1 or not _is_utf8(block):
            return None
        if not _is_even(block, separator, len(self.columns), self.reading.longest_field):
            return None
        schema = dict.fromkeys(self.columns, pl.String)
        return pl.read_csv(block, has_header=False, separator=self.dialect.separator, quote_char=None, schema=schema)

    def _records(self, block: bytes, last: bool) -> _Part:
        """The rows of a block by the csv module."""
        text = block.decode("utf-8", "surrogateescape")
        rows = _Rows(self.reading, self.columns, self._next)
        rows.is_odd = b"\0" in block or not _is_utf8(block) or len(block) > self.reading.longest_field
        lines = rows.read(self.dialect.records(text), text)
        self._next = rows.number
        if lines is not None:
            self._unfinished(text, lines, last)
        if last and not block.endswith((b"\n", b"\r")):
            rows.check_last()
        return _Part(rows.frame(), rows.numbers, rows.bad)

    def _unfinished(self, text: str, lines: int, last: bool) -> None:
        """Keep the record that the block ends in, from its line on."""
        rest = "".join(islice(io.StringIO(text, newline=""), lines, None))
        if last or len(rest) > LONGEST_RECORD:
            reason = "a quote opens here and is never closed: the file is cut off, or a quote in it is not doubled"
            raise LoadError(reason, file=self.reading.file, row=self._next, value=rest[:60])
        self._open = rest.encode("utf-8", "surrogateescape")
        self._wanted = 2 * len(self._open)


@dataclass(slots=True)
class _Rows:
    """Records as they are read, the bad ones apart."""

    reading: Reading
    columns: Sequence[str]
    number: int  # of the next record
    good: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    is_odd: bool = False  # something in the block needs a look at each row

    def read(self, records: _Records, text: str) -> int | None:
        """Read all records; the lines before one that is not at its end, None when there is no such."""
        done, lines = 0, cache(lambda: list(io.StringIO(text, newline="")))
        while True:
            found: list[list[str]] = []
            try:
                for record in records:
                    found.append(record)
                    done = records.line_num
            except csv.Error as error:
                self._sort(found)
                if _UNFINISHED in str(error):
                    return done
                self._malformed(str(error), "".join(lines()[done : records.line_num]).strip())
                done = records.line_num
            else:
                self._sort(found)
                return None

    def frame(self) -> pl.DataFrame:
        cells = zip(*self.good, strict=True) if self.good else ([] for _ in self.columns)
        series = [pl.Series(name, column, dtype=pl.String) for name, column in zip(self.columns, cells, strict=True)]
        return blank_to_null(pl.DataFrame(series))

    def check_last(self) -> None:
        """Refuse a file whose last record is short and has no line end: it was cut off."""
        short = self.bad[-1] if self.bad else None
        if short is not None and short.row == self.number - 1 and 0 < len(short.raw) < len(self.columns):
            found, wanted = len(short.raw), len(self.columns)
            reason = f"the file ends within this row, after {found} of {wanted} fields: get it whole"
            raise LoadError(reason, file=self.reading.file, row=short.row, value=short.value)

    def _sort(self, records: list[list[str]]) -> None:
        width = len(self.columns)
        if not self.is_odd and set(map(len, records)) == {width}:
            self.numbers += range(self.number, self.number + len(records))
            self.number += len(records)
            self.good += records
            return
        for record in records:
            if not record:
                continue
            if any(record):
                wrong = self._wrong(record)
                if wrong is None:
                    self.good.append(record)
                    self.numbers.append(self.number)
                else:
                    self.bad.append(wrong)
            self.number += 1

    def _wrong(self, record: list[str]) -> BadRow | None:
        raw = dict(zip(self.columns, map(_readable, record), strict=False))
        if len(record) != len(self.columns):
            found, wanted = len(record), len(self.columns)
            reason = f"has {found} fields where the header has {wanted}: quote fields that hold a separator"
            return bad_row(self.number, "", " ".join(record)[:200], reason, raw)
        for name, cell in zip(self.columns, record, strict=True):
            reason = _wrong_cell(cell, self.reading.longest_field)
            if reason:
                return bad_row(self.number, name, _readable(cell[:200]), reason, raw)
        return None

    def _malformed(self, error: str, record: str) -> None:
        """A record the csv module gave up on; it goes on with the next line."""
        reason = f"is no well-formed row ({error}): double each quote within a quoted field"
        self.bad.append(bad_row(self.number, "", _readable(record[:200]), reason, {}))
        self.number += 1


def _wrong_cell(cell: str, longest: int) -> str:
    if len(cell) >= longest or (len(cell) * 4 >= longest and len(cell.encode("utf-8", "surrogateescape")) >= longest):
        return f"is longer than {longest:,} bytes: shorten it"
    if "\0" in cell:
        return f"holds a NUL byte after {cell.index(chr(0))} characters: remove it"
    try:
        cell.encode()
    except UnicodeEncodeError as error:
        byte = cell[error.start].encode("utf-8", "surrogateescape").hex()
        return f"byte 0x{byte} after {error.start} characters is not UTF-8: save the row as UTF-8"
    return ""


def _readable(cell: str) -> str:
    """A cell with what is not UTF-8 shown as a question mark in a diamond."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_even(block: bytes, separator: bytes, width: int, longest: int) -> bool:
    """Whether each line has the same number of fields, none is blank and none can be too long."""
    letters = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    if lengths.min() == 0 or lengths.max() >= longest:
        return False
    marks = np.flatnonzero(letters == ord(separator))
    if len(marks) != len(ends) * (width - 1):
        return False
    if width == 1:
        return True
    fields = marks.reshape(len(ends), width - 1)
    return bool((fields[:, 0] >= starts).all() and (fields[:, -1] < ends).all())


def _whole_lines(blocks: Iterator[bytes], reading: Reading) -> Iterator[bytes]:
    """Blocks that end where a line ends; lines that end in a carriage return alone are read as well."""
    rest: list[bytes] = []
    old = False
    for block in blocks:
        if not rest and not old:
            old = b"\n" not in block and b"\r" in block[:-1]
        whole, newline, after = (block.replace(b"\r", b"\n") if old else block).rpartition(b"\n")
        if newline:
            yield b"".join([*rest, whole, newline])
            rest = []
        rest.append(after)
        if sum(map(len, rest)) > LONGEST_RECORD:
            raise LoadError(f"has a line of more than {LONGEST_RECORD:,} bytes: is it a table?", file=reading.file)
    if any(rest):
        yield b"".join(rest)


def _header(blocks: Iterator[bytes], dialect: _Dialect, reading: Reading) -> tuple[list[str], bytes]:
    """The first record and what follows it in its block."""
    start, wrong = b"", "its first row must name the columns"
    for block in blocks:
        start += block
        text = start.decode("utf-8", "surrogateescape")
        records = dialect.records(text)
        try:
            head = next((record for record in records if record), None)
        except csv.Error as error:
            wrong = f"its first row can't be read ({error})"
            if _UNFINISHED in str(error) and len(start) < LONGEST_RECORD:
                continue
            break
        if head is not None:
            for why in filter(None, (_wrong_cell(name, reading.longest_field) for name in head)):
                raise LoadError(f"its header {why}", file=reading.file)
            rest = "".join(islice(io.StringIO(text, newline=""), records.line_num, None))
            return head, rest.encode("utf-8", "surrogateescape")
    raise LoadError(f"has no header: {wrong}", file=reading.file)


def _check_separator(columns: Sequence[str], dialect: _Dialect, reading: Reading) -> None:
    for other in ";\t|,":
        if len(columns) == 1 and other != dialect.separator and other in columns[0]:
            fix = f"save it with {dialect.separator!r}, or name the separator in a --map file"
            raise LoadError(f"seems to separate its columns by {other!r}: {fix}", file=reading.file, value=columns[0])


def _with_last(first: bytes, blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The blocks, each with whether it is the last."""
    held = first
    for block in blocks:
        if held:
            yield held, False
        held = block
    yield held, True
