"""Where persons stand in columns that ascend."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from graph.loops.kernels import I32, I64, LEVELS, PERSONS, U8, array_of, compiled


@compiled(numba.void(PERSONS, PERSONS, I32[::1]))
def places(table: Any, persons: Any, found: Any) -> None:
    place = 0
    for row in range(len(persons)):
        while table[place] < persons[row]:
            place += 1
        found[row] = place


@compiled()
def _first_from(column: Any, wanted: Any, low: Any, high: Any) -> Any:
    """The first place from `low` on whose value is not below the wanted, in a column that ascends until `high`."""
    while low < high:
        middle = (low + high) // 2
        if column[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(numba.void(PERSONS, array_of(I64), array_of(I64), PERSONS, I64[::1], I64[::1]))
def find(  # noqa: PLR0917
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


@compiled(numba.void(PERSONS, LEVELS, PERSONS, U8[::1]))
def levels_of(held: Any, levels: Any, persons: Any, found: Any) -> None:
    for place in range(len(persons)):
        low = _first_from(held, persons[place], 0, len(held))
        found[place] = levels[low] if low < len(held) and held[low] == persons[place] else np.uint8(0)
