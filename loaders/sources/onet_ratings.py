"""O*NET's ratings judged: which become requirements, and what is left out by which rule.

A rating of an element in an occupation is two rows: its importance (IM) and its level (LV).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from loaders import columns
from loaders.convert import stripped
from loaders.readers.whole import NUMBER
from loaders.source import BadRow, Skip
from ontology.values import MILLION

OCCUPATION, ELEMENT, SCALE, VALUE = "O*NET-SOC Code", "Element ID", "Scale ID", "Data Value"
SUPPRESS, RELEVANT = "Recommend Suppress", "Not Relevant"
MISSING = "n/a"

_RANGES = {"IM": (1, 5), "LV": (0, 7)}  # Scales Reference
_BOTH = [OCCUPATION, ELEMENT]
_IMPORTANT = 3 * MILLION
_STEP = MILLION // 25  # of the importance, a point of weight


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What keeps a row from being used, and what is said of the column."""

    column: str
    when: pl.Expr
    reason: str


def _missing(column: str) -> pl.Expr:
    return pl.col(column).fill_null(MISSING) == MISSING


def _off(text: str, value: str, scale: str) -> pl.Expr:
    """Whether a cell is neither missing nor a number on the scale."""
    low, high = _RANGES[scale]
    return ~_missing(text) & ~pl.col(value).is_between(low * MILLION, high * MILLION).fill_null(False)


_IS_LEVEL = (pl.col(SCALE) == "LV").fill_null(False)
_IS_IMPORTANCE = (pl.col(SCALE) == "IM").fill_null(False)

_WRONG = (
    _Wrong(SCALE, ~(_IS_LEVEL | _IS_IMPORTANCE), "is no scale of a rating: write IM or LV"),
    _Wrong(VALUE, _IS_IMPORTANCE & _off(VALUE, "_value", "IM"), "is no importance: write a number from 1 to 5, or n/a"),
    _Wrong(VALUE, _IS_LEVEL & _off(VALUE, "_value", "LV"), "is no level: write a number from 0 to 7, or n/a"),
    _Wrong(
        "_level",
        _IS_IMPORTANCE & _off("_level", "_level_value", "LV"),
        "is its level in another row, and no one number from 0 to 7: mend the row of the scale LV",
    ),
    _Wrong(ELEMENT, _IS_LEVEL & pl.col("_has_importance").is_null(), "has a level and no row of the scale IM: add it"),
)

_LEFT_OUT: Sequence[tuple[str, str, pl.Expr]] = (
    ("read-with-importance", "the level is read with the row of the rating's importance", _IS_LEVEL),
    (
        "not-rated",
        "O*NET has no importance of the skill in the occupation, or no level of an important one",
        _missing(VALUE) | (_missing("_level") & (pl.col("_value") >= _IMPORTANT)),
    ),
    (
        "suppressed",
        "O*NET recommends not to use the importance or the level",
        (pl.col(SUPPRESS) == "Y") | pl.col("_level_suppressed"),
    ),
    ("not-relevant", "O*NET says that the skill is not relevant to the occupation", pl.col("_irrelevant")),
    ("less-important", "the importance is below 3.0", pl.col("_value") < _IMPORTANT),
    ("below-level-1", "a level of less than 1 is none on O*NET's scale", pl.col("_level_value") < MILLION),
)

SKIPS = [Skip(name, why, {"_left_out": [name]}) for name, why, _ in _LEFT_OUT]


def judged(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[BadRow]]:
    """Ratings with `_level`, `_weight` and `_left_out`, the name of the rule; apart, the rows that are wrong.

    `_weight` is 100 (IM - 1) / 4, halves rounded up.
    """
    paired = _paired(frame)
    values = {"_value": VALUE, "_level_value": "_level"}
    paired = paired.with_columns(columns.decimals(stripped(paired[name])).alias(made) for made, name in values.items())
    weight = (pl.col("_value") - MILLION + _STEP // 2) // _STEP
    left_out = pl.coalesce(pl.when(when).then(pl.lit(name)) for name, _, when in _LEFT_OUT)
    wrong = pl.coalesce(pl.when(each.when).then(at) for at, each in enumerate(_WRONG))
    found = paired.with_columns(_weight=weight.cast(pl.String), _left_out=left_out, _wrong=wrong)
    bad = [_bad(row) for row in found.filter(pl.col("_wrong").is_not_null()).iter_rows(named=True)]
    good = found.filter(pl.col("_wrong").is_null())
    return good.select(*frame.columns, "_level", "_weight", "_left_out"), bad


def _paired(frame: pl.DataFrame) -> pl.DataFrame:
    """Each row with `_level` and what is said of it, and `_has_importance`; two levels stand side by side."""
    beside = (
        frame.filter(_IS_LEVEL)
        .group_by(_BOTH)
        .agg(
            _level=pl.col(VALUE).unique(maintain_order=True).str.join(" and "),
            _level_suppressed=(pl.col(SUPPRESS) == "Y").any(),
            _irrelevant=(pl.col(RELEVANT) == "Y").any(),
        )
    )
    important = frame.filter(_IS_IMPORTANCE).select(_BOTH).unique().with_columns(_has_importance=pl.lit(True))
    for other in (beside, important):
        frame = frame.join(other, on=_BOTH, how="left", maintain_order="left", nulls_equal=True)
    return frame


def _bad(row: Mapping[str, object]) -> BadRow:
    wrong = _WRONG[_whole(row["_wrong"])]
    raw = {name: cell for name, cell in row.items() if not name.startswith("_")}
    field = wrong.column if wrong.column in raw else VALUE
    return BadRow(_whole(row[NUMBER]), field, str(row[wrong.column] or ""), wrong.reason, raw)


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
