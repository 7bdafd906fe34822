"""Effective-dated rows: each states what holds from a day on, and most do not say until when.

Of rows about the same thing, one ends where the next begins, whatever it says itself, since the later one is what holds
then; the last ends when it says, or never.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from loaders.convert import convert
from loaders.source import Chunk, Field
from ontology.model import Model
from ontology.values import OPEN, format_instant

UNTIL = "_until"
"""The column that is made: when the row's period ends; as the row has it where that can't be read."""

CUT = "cut-short"
"""The flag of a period that went on, by its own account, when the next of its thing began."""

NO_DATE = "0000-00-00"
"""What some databases give out where no date is."""

_DATED = "Employment"  # a type with since and until: they read what begins and what ends


@dataclass(frozen=True, slots=True)
class Periods:
    """The columns of a table of effective-dated rows."""

    of: Sequence[str]  # what a row is about, such as the worker and the position
    start: str
    end: str = ""  # empty: the table has none
    date_format: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are read for it."""
        return (*self.of, self.start, *([self.end] if self.end else []))


def with_ends(read: Iterable[Chunk], again: Iterable[Chunk], periods: Periods, model: Model) -> Iterator[Chunk]:
    """The chunks with their rows' ends; they are read twice, for an end may stand a million rows away."""
    frames = [chunk.frame.select(_present(chunk.frame, periods)) for chunk in read]
    rows = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    ends, cut = _ends(rows, periods, model)
    place = 0
    for chunk in again:
        part = slice(place, place + len(chunk.frame))
        place = part.stop
        count = int(cut[part].sum())
        frame = chunk.frame.with_columns(ends[part].alias(UNTIL))
        yield replace(chunk, frame=frame, flags={**chunk.flags, CUT: count} if count else chunk.flags)


def with_own_ends(frame: pl.DataFrame, periods: Periods) -> pl.DataFrame:
    """The rows where those without a made end, as replayed ones are, end when they say."""
    ends = [pl.col(name).replace(NO_DATE, None) for name in (UNTIL, periods.end) if name in frame.columns]
    return frame.with_columns(pl.coalesce(*ends, pl.lit(None, pl.String)).alias(UNTIL))


def _present(frame: pl.DataFrame, periods: Periods) -> list[str]:
    """The columns that the frame has; the mapping tells of others."""
    return [name for name in periods.columns if name in frame.columns]


def _ends(rows: pl.DataFrame, periods: Periods, model: Model) -> tuple[pl.Series, pl.Series]:
    """For each row its end as text, and whether that was cut short."""
    missing = [pl.lit(None, pl.String).alias(name) for name in (*periods.columns, UNTIL) if name not in rows.columns]
    rows = rows.with_columns(missing).with_columns(pl.col(periods.columns).replace(NO_DATE, None))
    end = rows[periods.end] if periods.end else rows[UNTIL]
    since, until = model.nodes[_DATED].properties["since"], model.nodes[_DATED].properties["until"]
    how = Field(date_format=periods.date_format)
    known = rows.select(
        pl.struct(periods.of).alias("of"),
        pl.lit(convert(rows[periods.start], since, how, model.prefixes).values).alias("since"),
        pl.lit(convert(end, until, how, model.prefixes).values).alias("until"),
    ).with_row_index("row")
    known = known.sort("of", "since", "row").with_columns(following=_following(), ends=_stated_ends())
    known = known.with_columns(cut=(pl.col("following") < pl.col("until").fill_null(OPEN)).fill_null(False)).sort("row")
    flagged = known["cut"] & (known["until"] < OPEN).fill_null(False) & (known["ends"] > 1)
    held = known.select(pl.when("cut").then("following").otherwise("until")).to_series()
    readable = (known["until"].is_not_null() | end.is_null() | known["cut"]).alias("readable")
    texts = pl.Series(
        UNTIL, [None if each is None or each >= OPEN else format_instant(each) for each in held], pl.String
    )
    return pl.select(pl.when(readable).then(texts).otherwise(end.cast(pl.String))).to_series(), flagged


def _following() -> pl.Expr:
    """When the next row about the same thing begins: rows that begin at once have the same next one."""
    later = pl.col("since").shift(-1).over("of")
    return pl.when(later > pl.col("since")).then(later).backward_fill().over("of")


def _stated_ends() -> pl.Expr:
    """How many different ends the rows about a thing state: one is the thing's own, such as when a worker left."""
    return pl.col("until").n_unique().over("of")
