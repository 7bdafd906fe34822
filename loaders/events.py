"""Ids of evidence that more than one way may bring: made of what happened, not of the record that tells it.

An event that was pushed and the row of a nightly table are one piece of evidence when they say the same of the same
person: see docs/decisions/016-events-and-snapshots.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

EVENT = "_event"
"""The column that stands in an id for what happened: `NodeMapping("Evidence", id="lms-evidence:{_event}", …)`."""
PARTS = ("learner", "kind", "about", "shown_at")
"""The properties that such an id is made of."""

DAY = 86_400
BY_DAY = frozenset({"completion"})
"""Kinds of evidence of which a person has one a day (UTC) about one thing: tables often tell no more than the day."""

_DIGITS = 32


def event_key(learner: str, kind: str, about: str, shown_at: int) -> str:
    """The local part of the id of a piece of evidence; of other kinds than `BY_DAY` each second is one of its own.

    >>> morning = event_key("hr:ada", "completion", "lms:linux", 1_740_787_200)
    >>> morning == event_key("hr:ada", "completion", "lms:linux", 1_740_787_200 + 9 * 3600)
    True
    """
    moment = shown_at // DAY if kind in BY_DAY else shown_at
    return made_of(learner, kind, about, str(moment))


def made_of(*parts: str) -> str:
    """32 hex digits that stand for ids and words; they hide nothing, so the parts hold no personal data."""
    return sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]


def event_keys(columns: Mapping[str, pl.Series], rows: int) -> pl.Series:
    """The key of each row of a mapped table; null where something that it is made of is."""
    import polars as pl

    parts = [columns[name].to_list() if name in columns else [None] * rows for name in PARTS]
    keys = [None if None in row else event_key(*row) for row in zip(*parts, strict=True)]
    return pl.Series(EVENT, keys, dtype=pl.String)
