"""Who comes before whom: ready first, then points, then id by code point; pages, shared ranks, ties that were cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Page:
    """Some consecutive rows of a ranking."""

    chosen: Sequence[int]  # positions in what was ranked, in order
    ranks: Sequence[int]
    cut_ties: int  # how many with the last row's rank come after it
    more: bool


def standing(points: NDArray[Any], ready: NDArray[np.bool_], of: int) -> Numbers:
    """One number for each: the higher comes first, equals share a rank; `of` is the most points there are."""
    return points.astype(np.int64) + ready * np.int64(of + 1)


def page(standings: Numbers, order: Numbers, limit: int, after: tuple[int, int] | None = None) -> Page:
    """The first `limit` of a ranking, or those that come after a (standing, order).

    `order` tells apart who shares a standing, lower first. Only the page is sorted.
    """
    rest = np.arange(len(standings)) if after is None else np.flatnonzero(_later(standings, order, *after))
    if not len(rest):
        return Page([], [], 0, False)
    chosen = _first(standings, order, rest, limit)
    values = standings[chosen]
    above = int(np.count_nonzero(standings > values[0]))
    ranks = [above + 1]
    behind = len(standings) - len(rest)
    for place in range(1, len(chosen)):
        ranks.append(ranks[-1] if values[place] == values[place - 1] else behind + place + 1)
    tied = int(np.count_nonzero(standings[rest] == values[-1]) - np.count_nonzero(values == values[-1]))
    return Page(chosen.tolist(), ranks, tied, len(rest) > len(chosen))


def _later(standings: Numbers, order: Numbers, last_standing: int, last_order: int) -> NDArray[np.bool_]:
    later: NDArray[np.bool_] = (standings < last_standing) | ((standings == last_standing) & (order > last_order))
    return later


def _first(standings: Numbers, order: Numbers, among: Numbers, limit: int) -> Numbers:
    """The first `limit` positions among some, in order."""
    chosen = among
    if len(among) > limit:
        values = standings[among]
        bound = np.partition(values, len(values) - limit)[len(values) - limit]
        above, ties = among[values > bound], among[values == bound]
        wanted = limit - len(above)
        if wanted < len(ties):
            ties = ties[np.argpartition(order[ties], wanted)[:wanted]]
        chosen = np.concatenate([above, ties])
    return chosen[np.lexsort((order[chosen], -standings[chosen]))]
