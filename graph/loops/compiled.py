"""The loops compiled by numba, for processes that serve or answer thousands of questions.

To import them takes half a second and 65 MB, and seconds where they were never compiled before; so whoever answers one
question uses `graph.loops.plain`. Nothing is checked for bounds here: an index is, when it is opened.

What can be is done in blocks that fit the first cache, and without branches, so that the compiler may use vector
instructions: a branch that half the rows take costs five times what it saves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import spread
from graph.lens import Lens, Span
from graph.loops import plain
from graph.loops.contract import Choice, Chosen, Found, Levels, Page, Persons, Points, Rows, Sums, Thin
from ontology.values import OPEN

_BLOCK: Final = 4_096  # rows or people
_STEPS: Final = 16
_WIDEST: Final = 2**31 - 1  # keys are int32 here; wider ones are for `plain`


def _array(kind: Any) -> Any:
    return numba.types.Array(kind, 1, "C", readonly=True)


_u8, _u32, _u64, _i32, _i64, _flag = (
    numba.uint8, numba.uint32, numba.uint64, numba.int32, numba.int64, numba.boolean,
)  # fmt: skip
_levels, _persons, _instants = _array(_u8), _array(_i32), _array(_u32)
_intervals = (_levels, _levels, _array(_flag), _instants, _instants, _u32, _u64, _flag, _array(_u32), _array(_u32))


Loop = Callable[..., Any]
_njit: Callable[..., Callable[[Loop], Loop]] = numba.njit


def _compiled(*signature: Any) -> Callable[[Loop], Loop]:
    """Compiled at import, for one signature if one is given; kept on disk where there is a place for it."""

    def compile_it(loop: Loop) -> Loop:
        try:
            return _njit(*signature, cache=True)(loop)
        except RuntimeError:  # no folder to keep it in may be written to
            return _njit(*signature)(loop)

    return compile_it


@_compiled()
def _sides(since: Any, until: Any, at: Any) -> Any:
    """The last boundary of a block up to `at`, and the first after it; see `plain.nearest`."""
    before = after = np.uint32(OPEN)
    one = np.uint32(1)
    for row in range(len(since)):
        before = min(before, np.uint32(at - since[row]))
        before = min(before, np.uint32(at - until[row]))
        after = min(after, np.uint32(since[row] - at - one))
        after = min(after, np.uint32(until[row] - at - one))
    last = np.int64(at) - np.int64(before) if before <= at else np.int64(0)
    following = np.int64(at) + 1 + np.int64(after)
    return last, min(following, np.int64(OPEN))


@_compiled()
def _counted(  # noqa: PLR0917
    level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, counted: Any,
) -> Any:  # fmt: skip
    """The level of each interval of a block that counts, else 0; gives `_sides`."""
    one = np.uint32(1)
    for row in range(len(level)):
        inside = np.uint32(since[row] <= at) & np.uint32(until[row] > at)
        of_kind = np.uint32((kinds >> np.uint64(kind[row])) & np.uint64(1))
        trusted = np.uint32(not unverified[row]) | np.uint32(not verified)
        counted[row] = np.uint8((inside & of_kind & trusted & one) * np.uint32(level[row]))
    if len(firsts):
        for row in range(len(level)):
            young = np.uint32(0)
            for span in range(len(firsts)):
                young |= np.uint32(firsts[span] <= since[row]) & np.uint32(since[row] < ends[span])
            counted[row] *= np.uint8(young)
    return _sides(since, until, at)


@_compiled()
def _one_each(persons: Any, levels: Any, rows: Any) -> Any:
    """Make neighbours of one person one row, with the highest level; how many rows there are then."""
    if rows == 0:
        return 0
    size: Any = 0
    highest, before = levels[0], persons[0]
    for row in range(1, rows):
        person, level = persons[row], levels[row]
        size += np.int64(person != before)
        highest = level if person != before else max(highest, level)
        persons[size] = before = person
        levels[size] = highest
    return size + 1


@_compiled()
def _thin_one(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, persons: Any, levels: Any,
) -> Any:  # fmt: skip
    counted = np.empty(_BLOCK, np.uint8)
    last: Any = np.int64(0)
    following: Any = np.int64(OPEN)
    size: Any = 0
    for start in range(0, len(person), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(person)))
        before, after = _counted(
            level[part], kind[part], unverified[part], since[part], until[part], at, kinds, verified, firsts, ends,
            counted,
        )  # fmt: skip
        last, following = max(last, before), min(following, after)
        for row in range(part.stop - start):  # always written, kept if it counts
            persons[size] = person[start + row]
            levels[size] = counted[row]
            size += np.int64(counted[row] > 0)
    return _one_each(persons, levels, size), last, following


@_compiled(numba.void(_persons, *_intervals, _array(_i64), _array(_i64), _i32[::1], _u8[::1], _i64[:, ::1]))
def _thin(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, starts: Any, stops: Any, persons: Any, levels: Any, told: Any,
) -> None:  # fmt: skip
    """Of each group, `told` is how many rows there are, and the window; what is written begins where it is read."""
    begin = 0
    for group in range(len(starts)):
        rows = slice(starts[group], stops[group])
        told[group] = _thin_one(
            person[rows], level[rows], kind[rows], unverified[rows], since[rows], until[rows], at, kinds, verified,
            firsts, ends, persons[begin:], levels[begin:],
        )  # fmt: skip
        begin += stops[group] - starts[group] + 1


@_compiled(_i64[::1](_persons, *_intervals, _u8[::1]))
def _raise(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, best: Any,
) -> Any:  # fmt: skip
    counted = np.empty(_BLOCK, np.uint8)
    last: Any = np.int64(0)
    following: Any = np.int64(OPEN)
    for start in range(0, len(person), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(person)))
        before, after = _counted(
            level[part], kind[part], unverified[part], since[part], until[part], at, kinds, verified, firsts, ends,
            counted,
        )  # fmt: skip
        last, following = max(last, before), min(following, after)
        for row in range(part.stop - start):
            one = person[start + row]
            best[one] = max(best[one], counted[row])
    return np.array([last, following])


@_compiled(numba.void(_i32[::1], _levels, _i32, _i32))
def _add_everyone(points: Any, levels: Any, gain: Any, need: Any) -> None:
    for person in range(len(levels)):
        points[person] += gain * min(np.int32(levels[person]), need)


@_compiled(numba.void(_i32[::1], _persons, _levels, _i32, _i32, _i64))
def _add_some(  # noqa: PLR0917
    points: Any, persons: Any, levels: Any, gain: Any, need: Any, first: Any
) -> None:
    for row in range(len(persons)):
        points[np.uint64(persons[row] - first)] += gain * min(np.int32(levels[row]), need)


@_compiled()
def _keys(  # noqa: PLR0917
    points: Any, preferred: Any, met: Any, least: Any, musts: Any, step: Any, ready_only: Any, keys: Any
) -> Any:
    """The keys of a block of people, see `Choice`; how many have one, and the highest."""
    if len(preferred):
        for place in range(len(points)):
            keys[place] = np.int32(points[place] - preferred[place] >= least)
    else:
        for place in range(len(points)):
            keys[place] = np.int32(points[place] >= least)
    if len(met):
        for place in range(len(points)):
            keys[place] &= np.int32(met[place] == musts)
    having = top = np.int32(0)
    for place in range(len(points)):
        ready = keys[place]
        wanted = np.int32(points[place] > 0) & (ready | np.int32(not ready_only))
        key = wanted * (points[place] + ready * step)
        having += wanted
        top = max(top, key)
        keys[place] = key
    return having, top


@_compiled()
def _count(keys: Any, key: Any) -> Any:
    """How many keys are this one."""
    found = np.int32(0)
    for place in range(len(keys)):
        found += np.int32(keys[place] == key)
    return found


@_compiled()
def _above(keys: Any, key: Any) -> Any:
    """How many keys are higher."""
    found = np.int32(0)
    for place in range(len(keys)):
        found += np.int32(keys[place] > key)
    return found


@_compiled()
def _floor(keys: Any, top: Any, limit: Any) -> Any:
    """The highest key that so many have or are above; 1 where it is not among the first few."""
    floor = top
    for _ in range(_STEPS):
        if _above(keys, floor - 1) >= limit:
            return floor
        below = np.int32(0)
        for place in range(len(keys)):
            below = max(below, keys[place] * np.int32(keys[place] < floor))
        floor = below
    return np.int32(1)


@_compiled()
def _candidates(keys: Any, bound: Any, places: Any) -> Any:
    """Where the keys are that are not below the bound; how many they are."""
    found: Any = 0
    for place in range(len(keys)):  # always written, kept if it counts
        places[found] = place
        found += np.int64(keys[place] >= bound)
    return found


_SIZE, _BOUND, _TIED = Page.SIZE, Page.BOUND, Page.TIED
_TOTAL, _HIGHER, _PASSED = Page.TOTAL, Page.HIGHER, Page.PASSED


@_compiled()
def _settle(pool: Any, pool_keys: Any, seen: Any, limit: Any) -> None:
    """Put the pool in order and leave the first `limit` in it."""
    size = seen[_SIZE]
    order = np.argsort(-pool_keys[:size], kind="mergesort")
    persons, keys = pool[order], pool_keys[order]
    kept = min(size, limit)
    pool[:kept], pool_keys[:kept] = persons[:kept], keys[:kept]
    seen[_SIZE] = kept
    if size >= limit:
        bound = np.int64(keys[limit - 1])
        if bound != seen[_BOUND]:
            seen[_BOUND], seen[_TIED] = bound, 0
        for place in range(limit, size):
            seen[_TIED] += np.int64(keys[place] == bound)


@_compiled()
def _offer(  # noqa: PLR0917
    pool: Any, pool_keys: Any, seen: Any, limit: Any, person: Any, key: Any
) -> None:
    """Take someone who comes after all that were offered before, if their key may be among the first `limit`."""
    if key < seen[_BOUND] or key == 0:
        return
    if key == seen[_BOUND]:
        seen[_TIED] += 1
        return
    size = seen[_SIZE]
    pool[size], pool_keys[size] = person, key
    seen[_SIZE] = size + 1
    if size + 1 == len(pool):
        _settle(pool, pool_keys, seen, limit)


@_compiled()
def _passed(keys: Any, most: Any) -> Any:
    """Take the keys above the most that is wanted; how many they are, and the highest that is left."""
    count = top = np.int32(0)
    for place in range(len(keys)):
        above = np.int32(keys[place] > most)
        key = keys[place] * (1 - above)
        count += above
        top = max(top, key)
        keys[place] = key
    return count, top


@_compiled()
def _pass(keys: Any, before: Any, last: Any, seen: Any) -> Any:
    """Take the keys of those who come before the wanted, and count them; `before` people stand up to `after`.

    Gives the highest that is left.
    """
    early, late = keys[:before], keys[before:]
    higher = _above(early, last)
    passed, top = _passed(early, last - 1)
    more, highest = _passed(late, last)
    seen[_HIGHER] += higher + more
    seen[_PASSED] += passed - higher
    return max(top, highest)


_CHOICE = (_i32, _i32, _i32, _flag, _i32, _i32)
_PAGE = (_i64, _i32[::1], _i64[::1], _i64[::1])


@_compiled(numba.void(_i32[::1], _i32[::1], _i32[::1], *_CHOICE, _persons, *_PAGE))
def _offer_some(  # noqa: PLR0917
    points: Any, preferred: Any, met: Any, least: Any, musts: Any, step: Any, ready_only: Any, last: Any, after: Any,
    persons: Any, limit: Any, pool: Any, pool_keys: Any, seen: Any,
) -> None:  # fmt: skip
    """`last` is above every key where all are wanted; `persons` go on by one where there are fewer of them."""
    block, places = np.empty(_BLOCK, np.int32), np.empty(_BLOCK + 1, np.int32)
    each = len(persons) == len(points)
    for start in range(0, len(points), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(points)))
        keys = block[: part.stop - start]
        having, top = _keys(points[part], preferred[part], met[part], least, musts, step, ready_only, keys)
        seen[_TOTAL] += having
        first = np.int64(0) if each else np.int64(persons[0]) + start
        before = np.searchsorted(persons[part], after, "right") if each else min(max(after + 1 - first, 0), len(keys))
        if top > last or (top == last and before > 0):
            top = _pass(keys, before, last, seen)
        if top == seen[_BOUND] and top > 0:
            seen[_TIED] += _count(keys, top)
        elif top > seen[_BOUND]:
            floor = np.int32(seen[_BOUND]) if seen[_BOUND] else _floor(keys, top, limit)
            for candidate in range(_candidates(keys, floor, places)):
                place = places[candidate]
                person = np.int64(persons[part][place]) if each else first + place
                _offer(pool, pool_keys, seen, limit, person, np.int64(keys[place]))
    _settle(pool, pool_keys, seen, limit)


@_compiled(numba.void(_persons, _persons, _i32[::1]))
def _places(table: Any, persons: Any, found: Any) -> None:
    place = 0
    for row in range(len(persons)):
        while table[place] < persons[row]:
            place += 1
        found[row] = place


@_compiled()
def _first_from(column: Any, wanted: Any, low: Any, high: Any) -> Any:
    """The first place from `low` on whose value is not below the wanted, in a column that ascends until `high`."""
    while low < high:
        middle = (low + high) // 2
        if column[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@_compiled(numba.void(_persons, _array(_i64), _array(_i64), _persons, _i64[::1], _i64[::1]))
def _find(  # noqa: PLR0917
    person: Any, starts: Any, stops: Any, persons: Any, first: Any, end: Any
) -> None:
    place = 0
    for group in range(len(starts)):
        row = starts[group]
        for wanted in persons:
            low = row = _first_from(person, wanted, row, stops[group])
            while row < stops[group] and person[row] == wanted:
                row += 1
            first[place], end[place] = low, row
            place += 1


@_compiled(numba.void(_persons, _levels, _persons, _u8[::1]))
def _levels_of(held: Any, levels: Any, persons: Any, found: Any) -> None:
    for place in range(len(persons)):
        low = _first_from(held, persons[place], 0, len(held))
        found[place] = levels[low] if low < len(held) and held[low] == persons[place] else np.uint8(0)


def thin(groups: Sequence[Rows], lens: Lens) -> list[Thin]:
    """What counts of each of some groups of one table."""
    if not groups:
        return []
    starts, stops = np.array([(rows.start, rows.stop) for rows in groups], np.int64).T.copy()
    begins = np.append(0, np.cumsum(stops - starts + 1))
    persons, levels = np.empty(begins[-1], np.int32), np.empty(begins[-1], np.uint8)
    told = np.empty((len(groups), 3), np.int64)
    _thin(*_of(groups[0].columns, lens), starts, stops, persons, levels, told)
    return [
        Thin(persons[begin : begin + size].copy(), levels[begin : begin + size].copy(), (last, following))
        for begin, (size, last, following) in zip(begins.tolist(), told.tolist(), strict=False)
    ]


def raise_levels(best: Levels, rows: Rows, lens: Lens) -> tuple[int, int]:
    """Raise everyone's level to what counts of one group; gives the window."""
    columns = {name: rows.column(name) for name in _names(lens)}
    last, following = _raise(*_of(columns, lens), best).tolist()
    return last, following


def add_everyone(points: Points, levels: Levels, gain: int, need: int) -> None:
    """Add points for each level held, up to the needed one; `levels` are everyone's."""
    if points.dtype == np.int32:
        _add_everyone(points, levels, gain, need)
    else:
        plain.add_everyone(points, levels, gain, need)


def add_some(  # noqa: PLR0917
    points: Points, persons: Persons, levels: Levels, gain: int, need: int, first: int
) -> None:
    """The same of some persons, each once; `points` begin with person `first`."""
    if points.dtype == np.int32:
        _add_some(points, persons, levels, gain, need, first)
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
    _places(table, persons, found)
    return found


def levels_of(held: Persons, levels: Levels, persons: Persons) -> Levels:
    """The levels of some persons, where `held`, ascending, hold `levels` and others nothing."""
    found = np.empty(len(persons), np.uint8)
    _levels_of(held, levels, persons, found)
    return found


def find(person: Persons, groups: Sequence[slice], persons: Persons) -> Found:
    """The rows of some persons, ascending, in groups of a table's column of persons."""
    first, end = (np.empty(len(groups) * len(persons), np.int64) for _ in range(2))
    starts, stops = (np.array([getattr(group, side) for group in groups], np.int64) for side in ("start", "stop"))
    _find(person, starts, stops, persons, first, end)
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
    _offer_some(
        sums.points, sums.preferred, sums.met, min(choice.least, _WIDEST), choice.musts, choice.step,
        choice.ready_only, min(last, _WIDEST), after, persons, page.limit, page.pool, page.keys, page.seen,
    )  # fmt: skip
