"""The loops compiled by numba, for processes that serve or answer thousands of questions.

To import them takes half a second and 65 MB, and seconds where they were never compiled before; so whoever answers one
question uses `graph.loops.plain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import spread
from graph.lens import Lens, Span
from graph.loops import plain
from graph.loops.contract import Choice, Chosen, Found, Levels, Page, Persons, Points, Rows, Sums, Thin
from graph.loops.kernels import finding, pages
from graph.loops.kernels import held as seeing
from graph.loops.kernels import sums as adding

_WIDEST: Final = 2**31 - 1
"""Keys are of 32 bits here; wider ones are for `plain`."""


def thin(groups: Sequence[Rows], lens: Lens) -> list[Thin]:
    """What counts of each of some groups of one table."""
    if not groups:
        return []
    starts, stops = np.array([(rows.start, rows.stop) for rows in groups], np.int64).T.copy()
    begins = np.append(0, np.cumsum(stops - starts + 1))
    persons, levels = np.empty(begins[-1], np.int32), np.empty(begins[-1], np.uint8)
    told = np.empty((len(groups), 4), np.int64)
    seeing.thin(*_of(groups[0].columns, lens), starts, stops, persons, levels, told)
    return [
        Thin(persons[begin : begin + size].copy(), levels[begin : begin + size].copy(), (last, following), not falls)
        for begin, (size, last, following, falls) in zip(begins.tolist(), told.tolist(), strict=False)
    ]


def raise_levels(best: Levels, rows: Rows, lens: Lens) -> tuple[int, int]:
    """Raise everyone's level to what counts of one group; gives the window."""
    columns = {name: rows.column(name) for name in _names(lens)}
    last, following = seeing.raise_levels(*_of(columns, lens), best).tolist()
    return last, following


def add_everyone(points: Points, levels: Levels, gain: int, need: int) -> None:
    """Add points for each level held, up to the needed one; `levels` are everyone's."""
    if points.dtype == np.int32:
        adding.add_everyone(points, levels, gain, need)
    else:
        plain.add_everyone(points, levels, gain, need)


def add_some(  # noqa: PLR0917
    points: Points, persons: Persons, levels: Levels, gain: int, need: int, first: int
) -> None:
    """The same of some persons, each once; `points` begin with person `first`."""
    if points.dtype == np.int32:
        adding.add_some(points, persons, levels, gain, need, first)
    else:
        plain.add_some(points, persons, levels, gain, need, first)


def offer_stretch(page: Page, choice: Choice, sums: Sums, first: int) -> None:
    """Offer everyone from person `first` on, in order of numbers; all who were offered before have lower ones."""
    if sums.points.dtype == np.int32:
        _offered(page, choice, sums, np.array([first], np.int32))
    else:
        plain.offer_stretch(page, choice, sums, first)


def offer_some(page: Page, choice: Choice, sums: Sums, persons: Persons) -> None:
    """The same for some: persons ascending, each once, and the sums of each of them."""
    if sums.points.dtype == np.int32:
        _offered(page, choice, sums, persons)
    else:
        plain.offer_some(page, choice, sums, persons)


def chosen(page: Page) -> Chosen:
    """What a page has come to."""
    return plain.chosen(page)


def places(table: Persons, persons: Persons) -> NDArray[np.int32]:
    """Where persons stand in a table that has them all; both ascend, each once."""
    found = np.empty(len(persons), np.int32)
    finding.places(table, persons, found)
    return found


def levels_of(held: Persons, levels: Levels, persons: Persons) -> Levels:
    """The levels of some persons, where `held`, ascending, hold `levels` and others nothing."""
    found = np.empty(len(persons), np.uint8)
    finding.levels_of(held, levels, persons, found)
    return found


def find(person: Persons, groups: Sequence[slice], persons: Persons) -> Found:
    """The rows of some persons, ascending, in groups of a table's column of persons."""
    first, end = (np.empty(len(groups) * len(persons), np.int64) for _ in range(2))
    starts, stops = (np.array([getattr(group, side) for group in groups], np.int64) for side in ("start", "stop"))
    finding.find(person, starts, stops, persons, first, end)
    counts = end - first
    return Found(spread(first, counts), np.repeat(np.repeat(np.arange(len(groups)), len(persons)), counts))


def _names(lens: Lens) -> Sequence[str]:
    """The columns in the order in which loops take them; which rows are unverified is kept as bits by an index, so
    another column stands for it where it does not matter."""
    return "person", "level", "kind", "unverified" if lens.verified_only else "level", "since", "until"


def _of(columns: Mapping[str, NDArray[Any]], lens: Lens) -> Any:
    person, level, kind, unverified, since, until = (columns[name] for name in _names(lens))
    firsts, ends = _spans(lens.spans)
    return (
        person, level, kind, unverified.view(np.bool_), since, until,
        lens.at, lens.kinds, lens.verified_only, firsts, ends,
    )  # fmt: skip


@lru_cache(maxsize=64)
def _spans(spans: tuple[Span, ...]) -> Any:
    """Where they begin, and where they end."""
    return np.array(spans, np.uint32).reshape(-1, 2).T.copy()


def _offered(page: Page, choice: Choice, sums: Sums, persons: Persons) -> None:
    last, after = choice.after or (_WIDEST, -1)
    pages.offer_some(
        sums.points, sums.preferred, sums.met, min(choice.least, _WIDEST), choice.musts, choice.step,
        choice.ready_only, min(last, _WIDEST), after, persons, page.limit, page.pool, page.keys, page.seen,
    )  # fmt: skip
