"""Joins and groups over sorted columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


def join(left: NDArray[Any], right: NDArray[Any]) -> tuple[Positions, Positions]:
    """Positions (in left, in right) of all pairs with equal keys; `right` is ascending."""
    first = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - first
    return np.repeat(np.arange(len(left)), count), spread(first, count)


def placed(table: NDArray[Any], values: Any, side: Literal["left", "right"] = "left") -> Positions:
    """Where values belong in an ascending table; they fit into its type.

    `np.searchsorted` by itself makes a copy of the whole table where the values have a wider type, as lists have.
    """
    places: Positions = np.searchsorted(table, np.asarray(values, table.dtype), side=side)
    return places


def spread(first: NDArray[Any], count: NDArray[Any]) -> Positions:
    """The ranges [first, first + count), one after the other."""
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    places: Positions = np.arange(total) + np.repeat(first - (ends - count), count)
    return places


def lookup(keys: NDArray[Any], table: NDArray[Any]) -> tuple[NDArray[np.bool_], Positions]:
    """Which keys the ascending table of distinct keys holds, and where (0 for those it does not hold)."""
    if not len(table):
        return np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.int64)
    places = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    found = table[places] == keys
    return found, np.where(found, places, 0)


def last_of_groups(groups: Sequence[NDArray[Any]], within: Sequence[NDArray[Any]]) -> Positions:
    """For each distinct combination of `groups`, ascending, the position of its last row by `within` (major first)."""
    order: Positions = np.lexsort((*reversed(within), *reversed(groups)))
    if not len(order):
        return order
    starts = starts_of([group[order] for group in groups])
    last: Positions = order[np.append(starts[1:], len(order)) - 1]
    return last


def starts_of(groups: Sequence[NDArray[Any]]) -> Positions:
    """Where a new combination starts in columns that are sorted by all of them."""
    size = len(groups[0])
    if not size:
        return np.zeros(0, np.int64)
    new = np.ones(size, np.bool_)
    new[1:] = np.logical_or.reduce([group[1:] != group[:-1] for group in groups])
    return np.flatnonzero(new)


def lower_medians(groups: Sequence[NDArray[Any]], values: NDArray[Any]) -> Positions:
    """For each distinct combination of `groups`, ascending, the position of the row with its lower median value."""
    order = np.lexsort((values, *reversed(groups)))
    starts = starts_of([group[order] for group in groups])
    counts = np.diff(np.append(starts, len(order)))
    middles: Positions = order[starts + (counts - 1) // 2]
    return middles
