"""The loops in numpy: nothing to load, quick enough for one question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup, spread, starts_of
from graph.lens import Lens
from graph.loops.contract import Choice, Chosen, Found, Levels, Page, Persons, Points, Rows, Sums, Thin
from ontology.values import OPEN

Mask = NDArray[np.bool_]


def counting(rows: Rows, lens: Lens) -> Mask:
    """Which rows count."""
    at, since = np.uint32(lens.at), rows.column("since")
    counts: Mask = (since <= at) & (at < rows.column("until"))
    counts &= _bits(lens.kinds)[rows.column("kind")]
    if lens.verified_only:
        counts &= ~rows.column("unverified")
    if lens.spans:
        counts &= np.any([(since >= first) & (since < end) for first, end in lens.spans], axis=0)
    return counts


def window(rows: Rows, at: int) -> tuple[int, int]:
    """The last instant up to `at`, and the first after it, at which a row begins or ends."""
    sides = [nearest(rows.column(name), at) for name in ("since", "until")]
    return max(before for before, _ in sides), min(after for _, after in sides)


def nearest(instants: NDArray[np.uint32], at: int) -> tuple[int, int]:
    """The last instant not after `at` (0: none) and the first after it (OPEN: none).

    Unsigned differences wrap round, so that what lies on the other side of `at` is farther than all on this one.
    """
    now, one = np.uint32(at), np.uint32(1)
    before = int((now - instants).min(initial=now))
    after = int((instants - now - one).min(initial=np.uint32(OPEN - at - 1)))
    return at - before, at + 1 + after


def thin(groups: Sequence[Rows], lens: Lens) -> list[Thin]:
    """What counts of each of some groups of one table."""
    return [_thin(rows, lens) for rows in groups]


def _thin(rows: Rows, lens: Lens) -> Thin:
    counts = counting(rows, lens)
    persons, levels = rows.column("person")[counts], rows.column("level")[counts]
    starts = starts_of([persons])
    highest = np.maximum.reduceat(levels, starts) if len(starts) else levels
    return Thin(persons[starts], highest, window(rows, lens.at), not np.any(persons[1:] < persons[:-1]))


def raise_levels(best: Levels, rows: Rows, lens: Lens) -> tuple[int, int]:
    """Raise everyone's level to what counts of one group; gives the window."""
    found = _thin(rows, lens)
    best[found.persons] = np.maximum(best[found.persons], found.levels)
    return found.window


def add_everyone(points: Points, levels: Levels, gain: int, need: int) -> None:
    """Add points for each level held, up to the needed one; `levels` are everyone's."""
    points[: len(levels)] += _gained(points, levels, gain, need)


def add_some(  # noqa: PLR0917
    points: Points, persons: Persons, levels: Levels, gain: int, need: int, first: int
) -> None:
    """The same of some persons, each once; `points` begin with person `first`."""
    points[persons - np.int32(first)] += _gained(points, levels, gain, need)


def offer_stretch(page: Page, choice: Choice, sums: Sums, first: int) -> None:
    """Offer everyone from person `first` on, in order of numbers; all who were offered before have lower ones."""
    offer_some(page, choice, sums, np.arange(first, first + len(sums.points), dtype=np.int32))


def offer_some(page: Page, choice: Choice, sums: Sums, persons: Persons) -> None:
    """The same for some: persons ascending, each once, and the sums of each of them."""
    keys, seen = keys_of(sums, choice), page.seen
    wanted = keys > 0
    seen[Page.TOTAL] += np.count_nonzero(wanted)
    if choice.after is not None:
        last, person = choice.after
        above, before = keys > last, (keys == last) & (persons <= person) & wanted
        seen[Page.HIGHER] += np.count_nonzero(above)
        seen[Page.PASSED] += np.count_nonzero(before)
        wanted &= ~above & ~before
    bound, size = seen[Page.BOUND], int(seen[Page.SIZE])
    seen[Page.TIED] += np.count_nonzero(wanted & (keys == bound))
    better = np.flatnonzero(wanted & (keys > bound))
    _settle(page, np.concatenate([page.pool[:size], persons[better]]), np.concatenate([page.keys[:size], keys[better]]))


def chosen(page: Page) -> Chosen:
    """What a page has come to."""
    size, _, tied, total, higher, passed = page.seen.tolist()
    return Chosen(page.pool[:size].copy(), page.keys[:size].copy(), total, higher, passed, tied)


def places(table: Persons, persons: Persons) -> NDArray[np.int32]:
    """Where persons stand in a table that has them all; both ascend, each once."""
    return np.searchsorted(table, persons).astype(np.int32)


def levels_of(held: Persons, levels: Levels, persons: Persons) -> Levels:
    """The levels of some persons, where `held`, ascending, hold `levels` and others nothing."""
    there, places = lookup(persons, held)
    return np.where(there, levels[places], 0).astype(np.uint8) if len(held) else np.zeros(len(persons), np.uint8)


def find(person: Persons, groups: Sequence[slice], persons: Persons) -> Found:
    """The rows of some persons, ascending, in groups of a table's column of persons."""
    first = np.array([group.start + np.searchsorted(person[group], persons) for group in groups], np.int64).ravel()
    end = np.array([group.start + np.searchsorted(person[group], persons, "right") for group in groups], np.int64)
    end = end.ravel()
    counts = end - first
    return Found(spread(first, counts), np.repeat(np.repeat(np.arange(len(groups)), len(persons)), counts))


def _bits(kinds: int) -> Mask:
    """By the code of a kind."""
    return np.array([kinds >> code & 1 for code in range(256)], np.bool_)


def _gained(points: Points, levels: Levels, gain: int, need: int) -> NDArray[Any]:
    gained: NDArray[Any] = np.multiply(np.minimum(levels, np.uint8(need)), points.dtype.type(gain), dtype=points.dtype)
    return gained


def keys_of(sums: Sums, choice: Choice) -> NDArray[np.int64]:
    """Everyone's keys, see `Choice`."""
    points = sums.points.astype(np.int64)
    ready = (points - sums.preferred if len(sums.preferred) else points) >= choice.least
    if len(sums.met):
        ready &= sums.met == choice.musts
    keys = points + ready * np.int64(choice.step)
    keys[(points == 0) | (~ready if choice.ready_only else False)] = 0
    return keys


def _settle(page: Page, persons: Persons, keys: NDArray[np.int64]) -> None:
    """Keep the first of these on the page, in order; equals stand in the order they come in."""
    first = _first(keys, page.limit)
    page.pool[: len(first)], page.keys[: len(first)] = persons[first], keys[first]
    page.seen[Page.SIZE] = len(first)
    if len(first) == page.limit:
        bound = keys[first[-1]]
        if bound != page.seen[Page.BOUND]:
            page.seen[Page.BOUND], page.seen[Page.TIED] = bound, 0
        page.seen[Page.TIED] += np.count_nonzero(keys == bound) - np.count_nonzero(keys[first] == bound)


def _first(keys: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """The positions of the highest keys, equals in their order."""
    some = np.arange(len(keys))
    if len(keys) > limit:
        bound = np.partition(keys, len(keys) - limit)[len(keys) - limit]
        above, ties = np.flatnonzero(keys > bound), np.flatnonzero(keys == bound)
        some = np.concatenate([above, ties[: limit - len(above)]])
    return some[np.argsort(-keys[some], kind="stable")]
