"""The levels that count, out of rows of intervals."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from graph.loops.kernels import BLOCK, FLAG, I32, I64, INSTANTS, LEVELS, PERSONS, U8, U32, U64, array_of, compiled
from ontology.values import OPEN

_INTERVALS = (LEVELS, LEVELS, array_of(FLAG), INSTANTS, INSTANTS, U32, U64, FLAG, array_of(U32), array_of(U32))


@compiled()
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


@compiled()
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


@compiled()
def _one_each(persons: Any, levels: Any, rows: Any) -> Any:
    """Make neighbours of one person one row, with the highest level; how many rows there are then, and whether any
    person stands before a lower one."""
    if rows == 0:
        return 0, np.int64(0)
    size: Any = 0
    falls: Any = np.int64(0)
    highest, before = levels[0], persons[0]
    for row in range(1, rows):
        person, level = persons[row], levels[row]
        size += np.int64(person != before)
        falls |= np.int64(person < before)
        highest = level if person != before else max(highest, level)
        persons[size] = before = person
        levels[size] = highest
    return size + 1, falls


@compiled()
def _thin_one(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, persons: Any, levels: Any,
) -> Any:  # fmt: skip
    counted = np.empty(BLOCK, np.uint8)
    last: Any = np.int64(0)
    following: Any = np.int64(OPEN)
    size: Any = 0
    for start in range(0, len(person), BLOCK):
        part = slice(start, min(start + BLOCK, len(person)))
        before, after = _counted(
            level[part], kind[part], unverified[part], since[part], until[part], at, kinds, verified, firsts, ends,
            counted,
        )  # fmt: skip
        last, following = max(last, before), min(following, after)
        for row in range(part.stop - start):  # always written, kept if it counts
            persons[size] = person[start + row]
            levels[size] = counted[row]
            size += np.int64(counted[row] > 0)
    size, falls = _one_each(persons, levels, size)
    return size, last, following, falls


@compiled(numba.void(PERSONS, *_INTERVALS, array_of(I64), array_of(I64), I32[::1], U8[::1], I64[:, ::1]))
def thin(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, starts: Any, stops: Any, persons: Any, levels: Any, told: Any,
) -> None:  # fmt: skip
    """Of each group, `told` is how many rows there are, the window, and whether persons are out of order; what is
    written begins where it is read."""
    begin = 0
    for group in range(len(starts)):
        rows = slice(starts[group], stops[group])
        told[group] = _thin_one(
            person[rows], level[rows], kind[rows], unverified[rows], since[rows], until[rows], at, kinds, verified,
            firsts, ends, persons[begin:], levels[begin:],
        )  # fmt: skip
        begin += stops[group] - starts[group] + 1


@compiled(I64[::1](PERSONS, *_INTERVALS, U8[::1]))
def raise_levels(  # noqa: PLR0917
    person: Any, level: Any, kind: Any, unverified: Any, since: Any, until: Any, at: Any, kinds: Any, verified: Any,
    firsts: Any, ends: Any, best: Any,
) -> Any:  # fmt: skip
    counted = np.empty(BLOCK, np.uint8)
    last: Any = np.int64(0)
    following: Any = np.int64(OPEN)
    for start in range(0, len(person), BLOCK):
        part = slice(start, min(start + BLOCK, len(person)))
        before, after = _counted(
            level[part], kind[part], unverified[part], since[part], until[part], at, kinds, verified, firsts, ends,
            counted,
        )  # fmt: skip
        last, following = max(last, before), min(following, after)
        for row in range(part.stop - start):
            one = person[start + row]
            best[one] = max(best[one], counted[row])
    return np.array([last, following])
