"""Evidence no older than a duration: which instants lie no longer ago, by calendar arithmetic."""

from __future__ import annotations

from functools import lru_cache

from graph.lens import Span
from ontology.values import OPEN, add_duration

DAY = 86_400
CLAMPED = 4  # days that the end of a month can move a sum: 31 January and a month is 28 February


@lru_cache(maxsize=256)
def spans_within(age: str, at: int) -> tuple[Span, ...]:
    """The instants from which the duration reaches `at`, as spans [first, end) in ascending order.

    They need not be one span: a month after 28 January 12:00 is later than a month after 31 January 11:00. But inside
    one day each second later is a second later after the duration too; so only days near the bound are looked at.
    """
    bound = _near_bound(age, at) // DAY
    first, last = max(0, bound - CLAMPED - 1), bound + CLAMPED + 1
    spans: list[Span] = []
    for midnight in range(first * DAY, last * DAY, DAY):
        start = midnight + max(0, at - add_duration(midnight, age))
        if start < midnight + DAY:
            _append(spans, (start, midnight + DAY))
    _append(spans, (last * DAY, OPEN))
    return tuple(spans)


def _near_bound(age: str, at: int) -> int:
    """An instant within a few days of where the duration begins to reach `at`, found by halving."""
    low, high = 0, at
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if add_duration(middle, age) >= at else (middle + 1, high)
    return low


def _append(spans: list[Span], span: Span) -> None:
    """Add a later span, joined to the last where they meet."""
    if spans and spans[-1][1] == span[0]:
        span = (spans.pop()[0], span[1])
    spans.append(span)
