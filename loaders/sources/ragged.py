"""CSV whose rows are not all as long as the header, with columns that have no name: such as Canvas writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from loaders.errors import LoadError
from loaders.readers.base import bad_row
from loaders.readers.bytes import utf8_blocks
from loaders.readers.reading import Reading
from loaders.source import BadRow, Config

_CUT_OFF = "unexpected end of data"  # as csv says it of a quote that is open at the end


def by_ending(config: Config) -> tuple[list[Path], list[Path]]:
    """The CSV files that are given, in folders too, and the others; without the map."""
    found = [inner for path in config.paths for inner in (sorted(path.iterdir()) if path.is_dir() else [path])]
    seen = [path for path in found if not path.name.startswith(".") and path.absolute() != config.map]
    tables = [path for path in seen if path.suffix.lower() == ".csv"]
    return tables, [path for path in seen if path not in tables]


def header_of(path: Path) -> list[str]:
    """The first record of a file; raises `LoadError` for one that is no text in UTF-8."""
    start = next(utf8_blocks(path, Reading("", path.name)), b"").decode("utf-8", "replace")
    try:
        return next(csv.reader(io.StringIO(start, newline="")), [])
    except csv.Error as error:
        raise LoadError(f"its header can't be read ({error}): save it as CSV", file=path.name) from error


def records(path: Path, config: Config) -> Iterator[tuple[int, list[str] | BadRow]]:
    """Every record below the header, numbered from 1, without blank ones; raises `LoadError`."""
    if not path.is_file():
        raise LoadError("there is no such file", file=path.name)
    if not path.stat().st_size:
        raise LoadError("is empty: not even a header is in it. Export it again, or remove it", file=path.name)
    text = b"".join(utf8_blocks(path, Reading("", path.name))).decode("utf-8", "surrogateescape")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    _next(reader, path.name)  # the header
    while (cells := _next(reader, path.name)) is not None:
        if isinstance(cells, str) or any(cell.strip() for cell in cells):
            number += 1
            yield number, _unread(number, cells) if isinstance(cells, str) else _bad(number, cells, config) or cells


def _next(reader: Iterator[list[str]], file: str) -> list[str] | str | None:
    """The next record, or why it can't be read; None at the end."""
    try:
        return next(reader, None)
    except csv.Error as error:
        if _CUT_OFF in str(error):
            raise LoadError("was cut off: a quote is never closed; get it again", file=file) from error
        return str(error)


def _unread(number: int, reason: str) -> BadRow:
    return bad_row(number, "", "", f"the row can't be read ({reason}): double each quote within quotes", {})


def _bad(number: int, cells: list[str], config: Config) -> BadRow | None:
    for place, cell in enumerate(cells, start=1):
        reason = ""
        if not cell.isascii() and any("\udc80" <= letter <= "\udcff" for letter in cell):
            reason = "holds bytes that are not UTF-8: save the row as UTF-8"
        elif "\0" in cell:
            reason = "holds a NUL byte: remove it"
        elif len(cell) > config.max_field:
            reason = f"is longer than {config.max_field:,} characters: shorten it"
        if reason:
            raw = {f"column {at}": _readable(each) for at, each in enumerate(cells, start=1)}
            return bad_row(number, f"column {place}", _readable(cell), reason, raw)
    return None


def _readable(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "␀")
