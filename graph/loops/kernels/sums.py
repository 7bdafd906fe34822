"""Points for levels held."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from graph.loops.kernels import I32, I64, LEVELS, PERSONS, compiled


@compiled(numba.void(I32[::1], LEVELS, I32, I32))
def add_everyone(points: Any, levels: Any, gain: Any, need: Any) -> None:
    for person in range(len(levels)):
        points[person] += gain * min(np.int32(levels[person]), need)


@compiled(numba.void(I32[::1], PERSONS, LEVELS, I32, I32, I64))
def add_some(  # noqa: PLR0917
    points: Any, persons: Any, levels: Any, gain: Any, need: Any, first: Any
) -> None:
    for row in range(len(persons)):
        points[np.uint64(persons[row] - first)] += gain * min(np.int32(levels[row]), need)
