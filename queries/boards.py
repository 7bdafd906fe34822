"""Boards: the sums of some people while one answer is made; all zeros when taken, and when they are put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.loops import Persons, Points, Sums

_WIDEST = 2**31 - 2
_IDLE = 2
"""Boards that wait to be used again: as many as work at once on a few cores."""

_idle: list[NDArray[np.int32]] = []


@dataclass(slots=True)
class Board:
    """Sums of people by their places: of all points, of those outside the core, and of levels held towards musts.

    The second is only given once something was added to it, the third where there are musts.
    """

    points: Points
    _others: tuple[Points, Points]
    _used: list[bool]

    @property
    def sums(self) -> Sums:
        """What everyone has."""
        preferred, met = (each if used else each[:0] for each, used in zip(self._others, self._used, strict=True))
        return Sums(self.points, preferred, met)

    def columns(self, gain: int, core: bool, must: bool) -> Iterator[tuple[Points, int]]:
        """The sums that a term is added to, and what a level adds to each."""
        if gain:
            yield self.points, gain
        if gain and not core:
            self._used[0] = True
            yield self._others[0], gain
        if must:
            yield self._others[1], 1

    def forget(self, places: Persons | slice) -> None:
        """Begin anew with some."""
        for sums, used in zip((self.points, *self._others), (True, *self._used), strict=True):
            if used:
                sums[places] = 0


@contextmanager
def board(people: int, highest: int, musts: bool) -> Iterator[Board]:
    """A board for so many people and keys up to `highest`; wider sums than 32 bits are made and thrown away.

    `musts`: whether anything must be met, for then nobody meets it to whom nothing was added.
    """
    if highest > _WIDEST:
        wide = np.zeros((3, people), np.int64)
        yield Board(wide[0], (wide[1], wide[2]), [False, musts])
        return
    sums = _taken(people)
    made = Board(sums[0, :people], (sums[1, :people], sums[2, :people]), [False, musts])
    try:
        yield made
    finally:
        made.forget(slice(None))
        if len(_idle) < _IDLE:
            _idle.append(sums)


def _taken(people: int) -> Any:
    """Three rows of zeros for so many people at least; an idle board that is too small is left to be freed."""
    with suppress(IndexError):
        while (sums := _idle.pop()).shape[1] < people:
            pass
        return sums
    return np.zeros((3, people), np.int32)
