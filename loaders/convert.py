"""Text columns to held values, with a sentence for every row that holds a wrong one.

The common spellings are read a whole column at a time (`loaders.columns`), each other distinct cell once, by itself
(`loaders.cells`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from loaders import cells as single
from loaders import columns
from loaders.columns import nothing, where
from loaders.rows import Converted
from loaders.source import Field
from ontology.ids import Prefixes, escape_local
from ontology.lists import split_list
from ontology.model import Datatype, Property
from ontology.values import MILLION, format_decimal

NO_ZONE = "no-zone"  # a time without a zone, read as UTC
NO_RANGE = "no-range"  # a score whose highest is its least value, left out

_PLAIN = Field()


def convert(text: pl.Series, kind: Property, how: Field, prefixes: Prefixes) -> Converted:
    """The values of a property, one a row; of a list, items stand between `how.separator`, or the cells are lists."""
    if isinstance(text.dtype, pl.Struct) or text.dtype == pl.List(pl.Struct):
        return _refused(text, f"holds objects, but {kind.name} has plain values")
    if kind.many:
        return _lists(text, kind, how, prefixes)
    if isinstance(text.dtype, pl.List):
        return _refused(text, f"is a list, but {kind.name} has one value")
    return _scalars(stripped(text), kind, how, prefixes)


def ids(text: pl.Series, prefixes: Prefixes) -> Converted:
    """The ids (CURIEs) of CURIEs and IRIs."""
    cells = stripped(text)
    return _completed(cells, columns.curies(cells, prefixes), prefixes.curie)


def escaped(text: pl.Series) -> pl.Series:
    """Source keys as the local part of an id, for templates."""
    cells = stripped(text)
    return _completed(cells, columns.keys(cells), escape_local).values


def versions(text: pl.Series) -> Converted:
    """Whole numbers as they are, instants as seconds."""
    cells = stripped(text)
    found, zoneless = columns.integers(cells), 0
    if found.null_count() > cells.null_count():
        instants, zoneless = columns.instants(cells, ends=False)
        found = found.fill_null(instants)
    done = _completed(cells, found, single.version)
    return replace(done, flags={NO_ZONE: zoneless}) if zoneless else done


def scaled(raw: pl.Series, low: pl.Series | str, high: pl.Series | str, how: Field = _PLAIN) -> Converted:
    """(raw - low) / (high - low) in whole millionths, halves rounded up; `low` and `high` are columns or numbers.

    A range of nothing scales nothing: the value is absent, and flagged `no-range`.
    """
    parts = [_decimals(stripped(part), how) for part in (raw, _spread(low, raw), _spread(high, raw))]
    named = zip(("raw", "low", "high"), parts, strict=True)
    bounds = pl.DataFrame([part.values.alias(name) for name, part in named])
    errors = _unscalable(bounds) | {row: why for part in parts for row, why in part.errors.items()}
    span, above = (pl.col("high") - pl.col("low")).cast(pl.Int128), (pl.col("raw") - pl.col("low")).cast(pl.Int128)
    share = (above * (2 * MILLION) + span) // (span * 2)
    values = bounds.select(pl.when(span > 0).then(share).cast(pl.Int64, strict=False)).to_series()
    no_range = bounds.filter(span == 0, pl.col("raw").is_not_null()).height
    return Converted(where(values, ~_marked(errors, len(raw))), errors, {NO_RANGE: no_range} if no_range else {})


def stripped(text: pl.Series) -> pl.Series:
    """Cells without white space around; what is empty then is absent."""
    cells = text.cast(pl.String).str.strip_chars()
    return where(cells, cells != "")


def _refused(text: pl.Series, reason: str) -> Converted:
    return Converted(nothing(text, pl.String()), dict.fromkeys(text.is_not_null().arg_true().to_list(), reason))


def _unscalable(bounds: pl.DataFrame) -> dict[int, str]:
    good = (pl.col("high") >= pl.col("low")).fill_null(False)
    bad = bounds.with_row_index().filter(pl.col("raw").is_not_null(), ~good)
    return {row: _why_unscalable(low, high) for row, _, low, high in bad.iter_rows()}


def _why_unscalable(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return "the score has no least or no highest value to scale it by: fill both, or map it unscaled"
    return f"the least value {format_decimal(low)} is above the highest {format_decimal(high)}: swap them"


def _lists(text: pl.Series, kind: Property, how: Field, prefixes: Prefixes) -> Converted:
    """Each list's items converted; empty items are left out, equal ones told once."""
    lists = text if isinstance(text.dtype, pl.List) else _split(stripped(text), how.separator)
    items = pl.DataFrame({"row": pl.int_range(len(text), eager=True), "cell": lists.alias("cell")}).explode("cell")
    items = items.with_columns(stripped(items["cell"]).alias("cell")).drop_nulls("cell")
    found = _scalars(items["cell"], kind, how, prefixes)
    errors: dict[int, str] = {}
    for position, reason in found.errors.items():
        errors.setdefault(items["row"][position], reason)
    good = items.select("row", found.values.alias("value")).drop_nulls("value")
    gathered = good.group_by("row").agg(pl.col("value").unique(maintain_order=True))
    every = pl.DataFrame({"row": pl.int_range(len(text), eager=True)})
    values = every.join(gathered, on="row", how="left", maintain_order="left")["value"]
    return Converted(where(values, ~_marked(errors, len(text))), errors, found.flags)


def _split(cells: pl.Series, separator: str) -> pl.Series:
    """Items between separators; the few cells with a backslash are split one by one."""
    plain = cells.str.split(separator)
    odd = cells.str.contains("\\", literal=True).fill_null(False)
    if not odd.any():
        return plain
    by_hand = [split_list(cell, separator) for cell in cells.filter(odd)]
    return _filled(plain, odd, pl.Series(by_hand, dtype=pl.List(pl.String)))


def _scalars(cells: pl.Series, kind: Property, how: Field, prefixes: Prefixes) -> Converted:
    wrong: Mapping[int, str] = {}
    if (words := how.translate) is not None:
        common = cells.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
        translated = _completed(cells, common, lambda cell: single.translated(cell, words))
        cells, wrong = stripped(translated.values), translated.errors
    found = _read(cells, kind, how, prefixes)
    return Converted(found.values, {**found.errors, **wrong}, found.flags)


def _read(cells: pl.Series, kind: Property, how: Field, prefixes: Prefixes) -> Converted:
    read = single.reader(kind, how, prefixes)
    match kind.datatype:
        case Datatype.INSTANT:
            return _instants(cells, kind.ends, how.date_format, read)
        case Datatype.DECIMAL:
            return _decimals(cells, how)
        case Datatype.INTEGER:
            values = columns.integers(cells)
        case Datatype.BOOLEAN:
            values = columns.booleans(cells)
        case Datatype.ENUM:
            values = columns.members(cells, kind.values)
        case Datatype.IRI:
            values = columns.iris(cells)
        case Datatype.REFERENCE:
            values = columns.curies(cells, prefixes)
        case Datatype.STRING | Datatype.TEXT:
            values = columns.texts(cells)
        case Datatype.DURATION | Datatype.CUT_SCORES:
            values = nothing(cells, pl.String())
    return _completed(cells, values, read)


def _decimals(cells: pl.Series, how: Field) -> Converted:
    pointed = cells
    if how.decimal != ".":
        pointed = where(cells.str.replace(how.decimal, ".", literal=True), ~cells.str.contains(".", literal=True))
    return _completed(cells, columns.decimals(pointed), lambda cell: single.decimal(cell, how.decimal))


def _instants(cells: pl.Series, ends: bool, pattern: str | None, read: single.Read) -> Converted:
    """Seconds; the odd cells are read as a pair of the instant and whether it had no zone."""
    values, zoneless = columns.instants(cells, ends) if pattern is None else columns.formatted(cells, pattern, ends)
    flagged: set[str] = set()

    def first(cell: str) -> int:
        instant, odd = read(cell)
        flagged.update([cell] if odd else [])
        return int(instant)

    missing = cells.is_not_null() & values.is_null()
    found = _completed(cells, values, first)
    zoneless += int(cells.filter(missing).is_in(list(flagged)).sum()) if flagged else 0
    return Converted(found.values, found.errors, {NO_ZONE: zoneless} if zoneless else {})


def _completed(cells: pl.Series, values: pl.Series, read: Callable[[str], Any]) -> Converted:
    """The values, and every cell that is still missing read by itself, each distinct one once."""
    missing = cells.is_not_null() & values.is_null()
    if not missing.any():
        return Converted(values)
    odd = cells.filter(missing)
    good: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for cell in odd.unique():
        try:
            good[cell] = read(cell)
        except ValueError as error:
            reasons[cell] = str(error)
    by_hand = odd.replace_strict(list(good), list(good.values()), default=None, return_dtype=values.dtype)
    errors = {}
    if reasons:
        places = missing.arg_true().to_list()
        errors = {row: reasons[cell] for row, cell in zip(places, odd, strict=True) if cell in reasons}
    return Converted(_filled(values, missing, by_hand), errors)


def _filled(values: pl.Series, rows: pl.Series, given: pl.Series) -> pl.Series:
    """The values with those of the marked rows taken, in order, from `given`."""
    positions = pl.int_range(len(values), eager=True)
    taken = (rows.cum_sum().cast(pl.Int64) + (len(values) - 1)).zip_with(rows, positions)
    return pl.concat([values, given.rename(values.name)]).gather(taken)


def _spread(given: pl.Series | str, like: pl.Series) -> pl.Series:
    return given if isinstance(given, pl.Series) else pl.repeat(given, len(like), dtype=pl.String, eager=True)


def _marked(rows: Mapping[int, str], length: int) -> pl.Series:
    return pl.int_range(length, eager=True).is_in(list(rows)) if rows else pl.repeat(False, length, eager=True)
