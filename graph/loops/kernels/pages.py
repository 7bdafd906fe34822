"""The first of all who are offered, and how many those were."""

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np

from graph.loops.contract import Page
from graph.loops.kernels import BLOCK, FLAG, I32, I64, PERSONS, compiled

_STEPS: Final = 16


@compiled()
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


@compiled()
def _count(keys: Any, key: Any) -> Any:
    """How many keys are this one."""
    found = np.int32(0)
    for place in range(len(keys)):
        found += np.int32(keys[place] == key)
    return found


@compiled()
def _above(keys: Any, key: Any) -> Any:
    """How many keys are higher."""
    found = np.int32(0)
    for place in range(len(keys)):
        found += np.int32(keys[place] > key)
    return found


@compiled()
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


@compiled()
def _candidates(keys: Any, bound: Any, places: Any) -> Any:
    """Where the keys are that are not below the bound; how many they are."""
    found: Any = 0
    for place in range(len(keys)):  # always written, kept if it counts
        places[found] = place
        found += np.int64(keys[place] >= bound)
    return found


_SIZE, _BOUND, _TIED = Page.SIZE, Page.BOUND, Page.TIED
_TOTAL, _HIGHER, _PASSED = Page.TOTAL, Page.HIGHER, Page.PASSED


@compiled()
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


@compiled()
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


@compiled()
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


@compiled()
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


_CHOICE = (I32, I32, I32, FLAG, I32, I32)
_PAGE = (I64, I32[::1], I64[::1], I64[::1])


@compiled(numba.void(I32[::1], I32[::1], I32[::1], *_CHOICE, PERSONS, *_PAGE))
def offer_some(  # noqa: PLR0917
    points: Any, preferred: Any, met: Any, least: Any, musts: Any, step: Any, ready_only: Any, last: Any, after: Any,
    persons: Any, limit: Any, pool: Any, pool_keys: Any, seen: Any,
) -> None:  # fmt: skip
    """`last` is above every key where all are wanted; `persons` go on by one where there are fewer of them."""
    block, places = np.empty(BLOCK, np.int32), np.empty(BLOCK + 1, np.int32)
    each = len(persons) == len(points)
    for start in range(0, len(points), BLOCK):
        part = slice(start, min(start + BLOCK, len(points)))
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
