"""One cell to its held value: what is not spelled as most are, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from loaders.columns import UNIX_TIMES
from loaders.errors import nearest
from loaders.rows import shown
from loaders.source import Field
from ontology.ids import Prefixes
from ontology.model import Datatype, Property
from ontology.values import (
    LATEST,
    format_cut_scores,
    parse_boolean,
    parse_cut_scores,
    parse_decimal,
    parse_duration,
    parse_instant,
    parse_integer,
)

_TIME_OF_DAY = re.compile("%[HIcXTfs]")
_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+""")

Read = Callable[[str], Any]
"""The held value of a cell that is stripped and not empty; `ValueError` with the bad value and the fix."""


def reader(kind: Property, how: Field, prefixes: Prefixes) -> Read:
    """How one cell of the property is read; of instants the value and whether the zone was missing."""
    match kind.datatype:
        case Datatype.INSTANT:
            return lambda cell: instant(cell, kind.ends, how.date_format)
        case Datatype.DECIMAL:
            return lambda cell: decimal(cell, how.decimal)
        case Datatype.REFERENCE:
            return prefixes.curie
        case Datatype.ENUM:
            return lambda cell: member(cell, kind.values)
        case datatype:
            return _READERS[datatype]


def instant(cell: str, ends: bool, pattern: str | None) -> tuple[int, bool]:
    """ISO 8601, or what a strptime pattern (or `unix`, `unix_ms`) says; and whether a time had no zone."""
    if pattern is None:
        return parse_instant(cell, ends)
    if pattern in UNIX_TIMES:
        return _unix_time(cell, pattern), False
    try:
        moment = datetime.strptime(cell, pattern)
    except ValueError as error:
        example = datetime(2025, 12, 31, 18, 30, tzinfo=UTC).strftime(pattern)
        raise ValueError(f"{quoted(cell)} is no date of the form {pattern}: write it like {example}") from error
    if _TIME_OF_DAY.search(pattern) is None:
        return parse_instant(moment.date().isoformat(), ends)
    return parse_instant(moment.isoformat(timespec="seconds"), ends)


def _unix_time(cell: str, unit: str) -> int:
    seconds = parse_integer(cell) // UNIX_TIMES[unit]
    if not 0 <= seconds <= LATEST:
        raise ValueError(f"{quoted(cell)} is no {unit} time from 1970 to 2105: look at the map's date_format")
    return seconds


def decimal(cell: str, mark: str = ".") -> int:
    """Whole millionths of a number with that decimal mark."""
    if mark != ".":
        if "." in cell:
            raise ValueError(f"{quoted(cell)} has a point, but the decimal mark is {mark!r}: write {mark!r}")
        cell = cell.replace(mark, ".", 1)
    return parse_decimal(cell)


def member(cell: str, values: tuple[str, ...]) -> str:
    if cell in values:
        return cell
    raise ValueError(f"{quoted(cell)} is not one of {', '.join(values)}{nearest(cell, values)}")


def translated(cell: str, words: Mapping[str, str]) -> str:
    """The model's word for a source's word; `*` stands for every other one."""
    found = words.get(cell, words.get("*"))
    if found is None:
        raise ValueError(f"{quoted(cell)} is not among the translated words {', '.join(words)}{nearest(cell, words)}")
    return found


def version(cell: str) -> int:
    """A whole number as it is, an instant as seconds."""
    try:
        return parse_integer(cell) if cell.removeprefix("+").isdecimal() else parse_instant(cell)[0]
    except ValueError as error:
        raise ValueError(f"{quoted(cell)} is no version: write an instant or a whole number") from error


def quoted(cell: str) -> str:
    """A bad value as a message shows it."""
    return repr(shown(cell))


def _text(cell: str) -> str:
    """Lines end by a new line alone, whatever the machine it comes from."""
    if "\0" in cell:
        raise ValueError(f"{quoted(cell)} holds a NUL byte: remove it")
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _duration(cell: str) -> str:
    parse_duration(cell)
    return cell


def _iri(cell: str) -> str:
    if _IRI.fullmatch(cell) is None:
        raise ValueError(f"{quoted(cell)} is no web address: write it whole, like https://example.org/page")
    return cell


def _cut_scores(cell: str) -> str:
    return format_cut_scores(parse_cut_scores(cell))


_READERS: Mapping[Datatype, Read] = {
    Datatype.STRING: _text,
    Datatype.TEXT: _text,
    Datatype.INTEGER: parse_integer,
    Datatype.BOOLEAN: parse_boolean,
    Datatype.DURATION: _duration,
    Datatype.IRI: _iri,
    Datatype.CUT_SCORES: _cut_scores,
}
