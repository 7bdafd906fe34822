"""All engines over one population, side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.engines.contract import Asked, Best, Engine, Row

ENOUGH = 200
"""Calls of whoever answers within a second."""
FEW = 5
"""Calls of whoever needs longer."""
_SLOW = 1.0
_TURNS = 10


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one engine for one role."""

    median: float
    p99: float
    calls: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        """Of all calls."""
        return cls(
            statistics.median(seconds) * 1000, float(np.percentile(seconds, 99, method="higher")) * 1000, len(seconds)
        )


class Disagreement(AssertionError):
    """Two engines gave different rows: no time of theirs is worth telling."""


def side_by_side(engines: Sequence[Engine], asked: Asked, calls: int = ENOUGH) -> Mapping[str, Times]:
    """Name of an engine -> its times, taken by turns so that what else the machine does falls on all.

    Raises `Disagreement` unless all give the same rows.
    """
    ready = {engine.name: engine.ready(asked) for engine in engines}
    rows = {name: list(best()) for name, best in ready.items()}
    agree(asked.role, rows)
    first = {name: _taken(best) for name, best in ready.items()}
    wanted = {name: calls if first[name] < _SLOW else min(FEW, calls) for name in ready}
    taken: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(_TURNS):
        for name, best in ready.items():
            now = min(wanted[name] - len(taken[name]), -(-wanted[name] // _TURNS))
            if now > 1:
                best()  # the caches are another engine's
            taken[name] += [_taken(best) for _ in range(now)]
    return {name: Times.of(seconds) for name, seconds in taken.items()}


def agree(role: str, rows: Mapping[str, Sequence[Row]]) -> None:
    """Raise `Disagreement` with the first row that differs."""
    (first, expected), *others = rows.items()
    for name, found in others:
        if list(found) != list(expected):
            pairs = zip(expected, found, strict=False)
            place, (mine, theirs) = next(
                ((n, pair) for n, pair in enumerate(pairs) if pair[0] != pair[1]), (len(expected), (None, None))
            )
            raise Disagreement(f"{role}, row {place}: {first} says {mine}, {name} says {theirs}")


def _taken(call: Best) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
