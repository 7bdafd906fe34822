"""Scales: levels as they were said, resolved to ranks of the home scale (design section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ontology.values import MILLION

HOME = "scale:home"


class Level(NamedTuple):
    """One Level; `bound` is its lower bound in the scale's own numbers, its rank where none is stated (millionths)."""

    key: int
    id: str
    scale: int
    rank: int
    bound: int


class Crosswalk(NamedTuple):
    """One CORRESPONDS_TO from a foreign Level to a Level of home, in force over [since, until)."""

    start: int
    end: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Home:
    """The home scale."""

    id: str
    levels: tuple[tuple[int, str], ...]  # (rank, level id), ascending

    @property
    def maximum(self) -> int:
        """The highest rank."""
        return self.levels[-1][0] if self.levels else 0


@dataclass(frozen=True)
class Scales:
    """All scales and crosswalks; equal when they resolve alike."""

    home: int  # key of the home scale
    levels: tuple[Level, ...]
    crosswalks: tuple[Crosswalk, ...]

    def resolve(self, values: NDArray[np.int64], scales: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Home ranks of levels (millionths) said on scales (keys, 0 is home) at instants; 0 where there is none.

        The highest Level whose lower bound is not above the value counts, then what it corresponds to at that instant:
        the highest, should there be several.
        """
        ranks = np.zeros(len(values), np.uint8)
        scales = np.where(scales == 0, self.home, scales)
        for scale in np.unique(scales).tolist():
            here = np.flatnonzero(scales == scale)
            found = self._found(scale, values[here])
            ranks[here] = (
                self._home_ranks(scale, found) if scale == self.home else self._crossed(scale, found, at[here])
            )
        return ranks

    def rank(self, value: int, scale: int, at: int) -> int:
        """`resolve` of a single level."""
        one = np.array([value]), np.array([scale]), np.array([at])
        return int(self.resolve(*one)[0])

    def home_scale(self) -> Home:
        """The home scale with its levels."""
        levels = sorted((level.rank, level.id) for level in self.levels if level.scale == self.home)
        return Home(HOME, tuple(levels))

    @cached_property
    def _ordered(self) -> Mapping[int, Sequence[Level]]:
        """The levels of each scale, by lower bound; the last is the highest."""
        scales: dict[int, list[Level]] = {}
        for level in sorted(self.levels, key=lambda level: (level.bound, level.rank, level.id)):
            scales.setdefault(level.scale, []).append(level)
        return scales

    def _found(self, scale: int, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """The position plus one of the highest level of the scale that each value reaches; 0 where it reaches none."""
        bounds = np.array([level.bound for level in self._ordered.get(scale, ())], np.int64)
        return np.searchsorted(bounds, values, side="right").astype(np.int64)

    def _home_ranks(self, scale: int, found: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.array([0, *(level.rank for level in self._ordered.get(scale, ()))], np.uint8)[found]

    def _crossed(self, scale: int, found: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.uint8]:
        ranks = np.zeros(len(found), np.uint8)
        positions = {level.key: position for position, level in enumerate(self._ordered.get(scale, ()), start=1)}
        home_ranks = {level.key: level.rank for level in self.levels if level.scale == self.home}
        for walk in self.crosswalks:
            if walk.start in positions and walk.end in home_ranks:
                crossing = (found == positions[walk.start]) & (walk.since <= at) & (at < walk.until)
                ranks[crossing] = np.maximum(ranks[crossing], home_ranks[walk.end])
        return ranks


def level_bound(rank: int, lower_bound: int | None) -> int:
    """A Level's lower bound in millionths."""
    return rank * MILLION if lower_bound is None else lower_bound
