"""What the stages of a load hand each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["rejected", "waiting", "conflict"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row is not taken, or is listed: `row` is its number within the load, counted from 0 over all files."""

    row: int
    field: str  # as the source names it
    value: str  # shortened for showing
    reason: str  # a sentence: what is wrong and the fix
    shape: str = ""  # the shape that it breaks, e.g. "REQUIRES.level"
    kind: Kind = "rejected"
    refers_to: str = ""  # the id a waiting row waits for
    people: Sequence[str] = ()  # learners that the row names, so that erasure finds it
    raw: Mapping[str, Any] | None = None  # a row that could not be read, as far as it could


@dataclass(frozen=True, slots=True)
class Converted:
    """A text column as held values: what every function of `loaders.convert` gives.

        convert(text, property, how: Field, prefixes) values of a property (lists split by how.separator)
        scaled(raw, low, high)                        (raw - low) / (high - low) as millionths
        versions(text)                                instants or whole numbers, as Int64
        ids(text, prefixes)                           CURIEs of CURIEs and IRIs
        escaped(text) -> pl.Series                    the local part of a CURIE, for templates; no errors

    `values` is null where the cell was empty or bad; String, Int64, Boolean or List(String). `errors` are
    sentences by position (bad value and fix); `flags` counts what was read but is unusual ("no-zone").
    """

    values: pl.Series
    errors: Mapping[int, str] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)


SHOWN = 60
"""Characters of a bad value that a message shows."""


def shown(value: object) -> str:
    """A value as messages show it: short, on one line.

    >>> shown("a" * 100)[-4:]
    'aaa…'
    """
    text = str(value).replace("\x00", "␀").replace("\r", " ").replace("\n", " ")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
