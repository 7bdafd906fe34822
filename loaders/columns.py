"""The common spellings of values, read a whole column at a time.

Each function gives the held values of the cells it is sure of and null for every other one, which `loaders.cells`
reads one by one: both ways give the same value, or the same error. Cells come stripped and never empty.
"""

from __future__ import annotations

import polars as pl

from ontology.ids import LONGEST_ID, Prefixes
from ontology.values import LATEST, MILLION

UNIX_TIMES = {"unix": 1, "unix_ms": 1000}
"""Date formats that count from 1970: parts of a second."""

_CELL = pl.col("cell")
_DAY = 86_400
_INSTANT = (
    "^(?:19[7-9][0-9]|20[0-9]{2}|210[0-5])-[0-9]{2}-[0-9]{2}(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?)?$"
)
_CURIE = "^[A-Za-z][A-Za-z0-9_.-]{0,63}:[A-Za-z0-9._-]+$"
_LOCAL = "^[A-Za-z0-9._-]+$"
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ROUND_TRIP = frozenset("YmdHMS")  # directives that Python and polars read alike


def instants(cells: pl.Series, ends: bool) -> tuple[pl.Series, int]:
    """Seconds UTC of plain dates and of times to the second with `Z` or without a zone; how many had no zone."""
    length = _CELL.str.len_bytes()
    day = _CELL.str.head(10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64)
    time = _digits(11) * 3600 + _digits(14) * 60 + _digits(17)
    seconds = pl.when(length > 10).then(day * _DAY + time).otherwise((day + int(ends)) * _DAY)
    values = _read(cells, seconds, _INSTANT)
    return values, int(((cells.str.len_bytes() == 19) & values.is_not_null()).sum())


def formatted(cells: pl.Series, pattern: str, ends: bool) -> tuple[pl.Series, int]:
    """Seconds of dates that the strptime pattern writes back to the same text; how many were times without a zone."""
    if pattern in UNIX_TIMES:
        seconds = integers(cells) // UNIX_TIMES[pattern]
        return where(seconds, seconds.is_between(0, LATEST)), 0
    directives = {pattern[at + 1] for at, letter in enumerate(pattern[:-1]) if letter == "%"}
    timed = {"H", "M"} <= directives
    if not {"Y", "m", "d"} <= directives <= _ROUND_TRIP or (directives & set("HMS") and not timed):
        return nothing(cells, pl.Int64()), 0
    if timed:
        moments = cells.str.to_datetime(pattern, strict=False, time_unit="ms")
    else:
        moments = cells.str.to_date(pattern, strict=False).cast(pl.Datetime("ms"))
    sure = (moments.dt.to_string(pattern) == cells) & moments.dt.year().is_between(1970, 2104)
    seconds = where(moments.dt.epoch("s"), sure)
    return (seconds, seconds.len() - seconds.null_count()) if timed else (seconds + _DAY * int(ends), 0)


def decimals(cells: pl.Series) -> pl.Series:
    """Whole millionths; eight digits before the point and six after it are exact in a double."""
    value = (_CELL.cast(pl.Float64, strict=False) * MILLION).round().cast(pl.Int64, strict=False)
    return _read(cells, value, r"^-?[0-9]{1,8}(?:\.[0-9]{1,6})?$")


def integers(cells: pl.Series) -> pl.Series:
    return _read(cells, _CELL.cast(pl.Int64, strict=False), "^[+-]?[0-9]{1,18}$")


def booleans(cells: pl.Series) -> pl.Series:
    words, values = list(_BOOLEANS), list(_BOOLEANS.values())
    return cells.str.to_lowercase().replace_strict(words, values, default=None, return_dtype=pl.Boolean)


def members(cells: pl.Series, values: tuple[str, ...]) -> pl.Series:
    """Cells that are one of the values."""
    return where(cells, cells.is_in(list(values)))


def texts(cells: pl.Series) -> pl.Series:
    """Cells without a NUL byte or a carriage return."""
    return where(cells, ~cells.str.contains("[\0\r]"))


def iris(cells: pl.Series) -> pl.Series:
    return where(cells, cells.str.contains(r"""^[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\x7f]+$"""))


def curies(cells: pl.Series, prefixes: Prefixes) -> pl.Series:
    """Ids of plain CURIEs, and of IRIs in a declared namespace whose key needs no escaping."""
    found = where(cells, cells.str.contains(_CURIE))
    if found.null_count() > cells.null_count():
        found = found.fill_null(_read(cells, _compacted(prefixes)))
    return where(found, found.str.len_chars() <= LONGEST_ID)


def keys(cells: pl.Series) -> pl.Series:
    """Source keys that need no escaping in an id."""
    return where(cells, cells.str.contains(_LOCAL))


def where(values: pl.Series, keep: pl.Series) -> pl.Series:
    """The marked values, null elsewhere."""
    return values.zip_with(keep.fill_null(False), nothing(values[:1], values.dtype))


def nothing(like: pl.Series, datatype: pl.DataType) -> pl.Series:
    """As many nulls."""
    return pl.Series([None] * len(like), dtype=datatype)


def _read(cells: pl.Series, expression: pl.Expr, shape: str | None = None) -> pl.Series:
    """The expression over the cells that have the shape, null elsewhere."""
    if shape is not None:
        expression = pl.when(_CELL.str.contains(shape)).then(expression)
    return cells.alias("cell").to_frame().select(expression.alias("value")).to_series()


def _digits(at: int) -> pl.Expr:
    return _CELL.str.slice(at, 2).cast(pl.Int64, strict=False)


def _compacted(prefixes: Prefixes) -> pl.Expr:
    """The CURIE by the longest namespace; what lies below the deployment's own address may hold a CURIE itself."""
    absent = pl.lit(None, dtype=pl.String)
    longest_first = sorted(prefixes.namespaces.items(), key=lambda pair: (len(pair[1]), pair[0]), reverse=True)
    curie = absent
    for prefix, namespace in reversed([(p, n) for p, n in longest_first if n]):
        local = _CELL.str.strip_prefix(namespace)
        here = pl.when(local.str.contains(_LOCAL)).then(pl.concat_str(pl.lit(f"{prefix}:"), local))
        curie = pl.when(_CELL.str.starts_with(namespace)).then(here).otherwise(curie)
    own = f"{prefixes.base}id/"
    below = _CELL.str.strip_prefix(own)
    told = pl.when(below.str.contains(_CURIE)).then(below)
    return pl.when(_CELL.str.starts_with(own)).then(told).otherwise(curie)
