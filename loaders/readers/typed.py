"""Columns that came with types, as text cells; and the checks of text that did not come through a decoder."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from loaders.errors import LoadError
from loaders.readers.base import bad_row
from loaders.readers.reading import Reading
from loaders.source import BadRow
from ontology.lists import join_list


def as_texts(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Each column as text: instants ISO 8601, dates plain, lists joined, lists of records left as they are."""
    return frame.with_columns([_as_text(frame[name], reading) for name in frame.columns])


def _as_text(column: pl.Series, reading: Reading) -> pl.Series:
    match column.dtype:
        case pl.Datetime(time_zone=zone):
            moments = column if zone is None else column.dt.convert_time_zone("UTC")
            return moments.dt.to_string("%Y-%m-%dT%H:%M:%S" + ("" if zone is None else "Z"))
        case pl.List(inner=inner) | pl.Array(inner=inner) if isinstance(inner, pl.Struct):
            return column
        case pl.List() | pl.Array() if column.name in reading.singles:
            raise LoadError(f"column {column.name!r} holds lists, but takes one value", file=reading.file)
        case pl.List() | pl.Array():
            return _joined(column, reading)
        case pl.Struct() | pl.Binary() | pl.Object() | pl.Duration() | pl.Time():
            reason = f"column {column.name!r} holds {column.dtype}, which no property is: write it as text"
            raise LoadError(reason, file=reading.file, value=column.name)
        case pl.Float64():
            return column.round_sig_figs(15).cast(pl.String)  # 0.1 + 0.2 is 0.3
        case _:
            return column.cast(pl.String)


def _joined(column: pl.Series, reading: Reading) -> pl.Series:
    separator = reading.lists.get(column.name, "|")
    lists = column.cast(pl.List(pl.String)).to_list()
    cells = [None if items is None else join_list(filter(None, items), separator) for items in lists]
    return pl.Series(column.name, cells, dtype=pl.String)


def check_texts(frame: pl.DataFrame, first: int, reading: Reading) -> tuple[pl.DataFrame, Sequence[int], list[BadRow]]:
    """The rows without a NUL byte and without a field that is too long, their numbers, and the others."""
    texts = [name for name in frame.columns if frame[name].dtype == pl.String]
    numbers = range(first, first + frame.height)
    odd = pl.any_horizontal(
        pl.lit(False),
        *(pl.col(name).str.len_bytes() >= reading.longest_field for name in texts),
        *(pl.col(name).str.contains("\0", literal=True) for name in texts),
    )
    wrong = frame.select(odd.fill_null(False).alias("odd")).to_series() if texts else pl.Series([], dtype=pl.Boolean)
    if not wrong.any():
        return frame, numbers, []
    bad = [_bad(frame.row(at, named=True), texts, first + at, reading) for at in wrong.arg_true()]
    return frame.filter(~wrong), [numbers[at] for at in (~wrong).arg_true()], bad


def _bad(row: dict[str, object], texts: Sequence[str], number: int, reading: Reading) -> BadRow:
    raw = {name: cell for name in texts if isinstance(cell := row[name], str)}
    name, reason = next((n, why) for n, cell in raw.items() if (why := why_not(cell, reading)))
    return bad_row(number, name, raw[name][:200], reason, raw)


def why_not(cell: str, reading: Reading) -> str:
    """What is wrong with the text of a cell, empty when nothing is."""
    if len(cell) * 4 >= reading.longest_field and len(cell.encode(errors="surrogatepass")) >= reading.longest_field:
        return f"is longer than {reading.longest_field:,} bytes: shorten it"
    if "\0" in cell:
        return f"holds a NUL byte after {cell.index(chr(0))} characters: remove it"
    return ""
