"""Levels held: for what is in reach of a requirement, seen through a lens, one row a person; kept to be asked again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import starts_of
from graph.errors import IndexDamaged
from graph.index.tables import Column, Layered, Part, Table
from graph.lens import Lens
from graph.loops import NO_PERSONS, Levels, Loops, Persons, Rows, plain
from ontology.values import OPEN

Keys = tuple[int, ...]

COMMON = 16
"""What more than this part of all people hold is kept for everyone: a byte each, where a row takes five."""

ALL = 1 << 62
"""Bytes that nothing reaches."""

_MOST_BYTES = 64 << 20
_PLACE, _FIX = "the index", "Delete its folder: it is built again."
_ENTRY = 512  # bytes of what is kept beside columns
_LONG = 4_096
"""Rows from which on a run is laid over what lies below it: it stands for some seconds at least."""

_WINDOWS = 4
"""Of one thing, what is kept at once: for other stretches of time, or with other runs laid over it."""

_NO_LEVELS: Levels = np.zeros(0, np.uint8)


STRETCH = 1 << 18
"""How many people are summed up at a time: the sums of so many stay in the cache of a core."""


@dataclass(frozen=True, slots=True)
class Held:
    """The level that each of some persons holds, or, where `persons` is None, everyone by their number (0: nothing)."""

    persons: Persons | None  # ascending
    levels: Levels
    window: tuple[int, int]  # [first, end) of the instants at which this is so
    cuts: tuple[int, ...] = ()  # where the rows of each stretch of people begin; empty where levels are everyone's

    def part(self, stretch: int) -> tuple[Persons | None, Levels]:
        """Of one stretch of people; the levels of everyone's begin with the first of it."""
        if self.persons is None:
            return None, self.levels[stretch * STRETCH : (stretch + 1) * STRETCH]
        rows = slice(self.cuts[stretch], self.cuts[stretch + 1])
        return self.persons[rows], self.levels[rows]

    def of(self, persons: Persons, loops: Loops) -> Levels:
        """The levels of some."""
        if self.persons is not None:
            return loops.levels_of(self.persons, self.levels, persons)
        inside = persons < len(self.levels)
        if inside.all():
            return self.levels[persons]
        return np.where(inside, self.levels[np.where(inside, persons, 0)], 0).astype(np.uint8)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.levels.nbytes + (0 if self.persons is None else self.persons.nbytes)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is asked of a layer: groups of it, seen through a lens."""

    keys: Keys
    lens: Lens


class Holding:
    """What is held by a base and the longer of the runs over it; what was asked for last is kept, up to so many bytes.

    A run is laid over what lies below it once, and a short one not at all: it changes with every change of the store,
    so `newer` reads its rows for each question. Safe from several threads.
    """

    def __init__(self, people: int, most_bytes: int = _MOST_BYTES) -> None:
        self.people, self.most = people, most_bytes
        self._kept: OrderedDict[tuple[object, ...], list[tuple[Held, tuple[object, ...]]]] = OrderedDict()
        self._bytes = 0
        self._over: tuple[object, ...] = ()  # what was last laid over the base
        self._lock = Lock()

    def held(self, layered: Layered, sight: Sight, loops: Loops) -> Held:
        """The highest level that counts of any of the groups; of runs, only of persons whom the base has.

        Raises `IndexDamaged`.
        """
        self._let_go(layered)
        held = self._of((layered.base,), sight, lambda: self._seen(layered.base, sight, loops))
        below: tuple[object, ...] = (layered.base,)
        if layered.changed is not None:
            below = (*below, layered.changed)
            held = self._of(below, sight, partial(without, held, layered.changed))
        for run in long(layered.runs):
            below = (*below, run)
            held = self._of(below, sight, partial(self._laid, held, run, sight))
        return held

    def _let_go(self, layered: Layered) -> None:
        """Keep nothing that rests on what no longer lies over the base: it would be kept alive by that."""
        over = (layered.changed, *long(layered.runs))
        if len(over) == len(self._over) and all(one is other for one, other in zip(over, self._over, strict=True)):
            return
        with self._lock:
            self._over, there = over, {id(one) for one in over}
            for name, kept in list(self._kept.items()):
                self._kept[name] = [each for each in kept if all(id(thing) in there for thing in each[1][1:])]
                if not self._kept[name]:
                    del self._kept[name]
            self._bytes = sum(_cost(name[1], held) for name, kept in self._kept.items() for held, _ in kept)

    def _of(self, things: tuple[object, ...], sight: Sight, make: Callable[[], Held]) -> Held:
        """What is kept of things that lie on each other, else what is made now."""
        name = (len(things), sight.keys, *sight.lens.what)
        with self._lock:
            for held, of in self._kept.get(name, ()):
                same = all(one is other for one, other in zip(of, things, strict=True))
                if same and held.window[0] <= sight.lens.at < held.window[1]:
                    self._kept.move_to_end(name)
                    return held
        held = self._cut(make())
        self._keep(name, held, things)
        return held

    def _keep(self, name: tuple[object, ...], held: Held, of: tuple[object, ...]) -> None:
        with self._lock:
            kept = self._kept.setdefault(name, [])
            kept.insert(0, (held, of))
            gone = kept[_WINDOWS:]
            del kept[_WINDOWS:]
            self._kept.move_to_end(name)
            self._bytes += _cost(name[1], held) - sum(_cost(name[1], each) for each, _ in gone)
            while self._bytes > self.most and len(self._kept) > 1:
                oldest, given_up = self._kept.popitem(last=False)
                self._bytes -= sum(_cost(oldest[1], each) for each, _ in given_up)

    def _cut(self, held: Held) -> Held:
        """With its cuts, and read-only: compiled loops take one kind of array only, and what is kept is shared."""
        for array in (held.persons, held.levels):
            if array is not None:
                array.flags.writeable = False
        if held.persons is None:
            return held
        if np.any(held.persons[1:] <= held.persons[:-1]):
            raise IndexDamaged(_PLACE, "its people are out of order", _FIX)
        firsts = np.arange(0, self.people + STRETCH, STRETCH)
        return replace(held, cuts=tuple(np.searchsorted(held.persons, firsts).tolist()))

    def _seen(self, table: Table, sight: Sight, loops: Loops) -> Held:
        lens = sight.lens
        found = table.parts(np.array(sight.keys, np.int64))
        parts = [Rows(table.columns, rows.start, rows.stop) for _, rows, _ in found]
        if not parts:
            return Held(NO_PERSONS, _NO_LEVELS, _at(lens, (0, OPEN)))
        if not all(_within(part.column("person"), self.people) for part in parts):
            raise IndexDamaged(_PLACE, "it names people who are not in it", _FIX)
        if sum(map(len, parts)) * COMMON > self.people:
            return self._of_everyone(parts, lens, loops)
        thin = [loops.thin(part, lens) for part in parts]
        persons, levels = _joined([(each.persons, each.levels) for each in thin])
        return Held(persons, levels, _at(lens, _common(each.window for each in thin)))

    def _of_everyone(self, parts: Sequence[Rows], lens: Lens, loops: Loops) -> Held:
        best = np.zeros(self.people, np.uint8)
        window = _at(lens, _common([loops.raise_levels(best, part, lens) for part in parts]))
        if np.count_nonzero(best) * COMMON > self.people:
            return Held(None, best, window)
        persons = np.flatnonzero(best).astype(np.int32)
        return Held(persons, best[persons], window)

    def _laid(self, held: Held, run: Table, sight: Sight) -> Held:
        """What is held with the rows of a run as well."""
        parts = run.parts(np.array(sight.keys, np.int64))
        if not parts:
            return held
        columns = _joined_columns(parts)
        rows = Rows(columns, 0, len(columns["person"]))
        counts = plain.counting(rows, sight.lens) & (columns["person"] < self.people)
        window = _at(sight.lens, _common([held.window, plain.window(rows, sight.lens.at)]))
        return _raised(held, columns["person"][counts], columns["level"][counts], window)


def _cost(keys: Any, held: Held) -> int:
    """About how many bytes it takes to keep this of groups of keys."""
    return held.size + 8 * len(keys) + _ENTRY


def _within(persons: Persons, people: int) -> bool:
    return not len(persons) or bool(persons.min() >= 0 and persons.max() < people)


def without(held: Held, changed: NDArray[np.bool_]) -> Held:
    """What is held by all but the changed persons."""
    if held.persons is None:
        return replace(held, levels=np.where(changed, np.uint8(0), held.levels))
    stays = ~changed[held.persons]
    return replace(held, persons=held.persons[stays], levels=held.levels[stays])


def _raised(held: Held, persons: Persons, levels: Levels, window: tuple[int, int]) -> Held:
    """What is held where some persons, in any order, hold these levels too."""
    if held.persons is not None:
        return Held(*_joined([(held.persons, held.levels), (persons, levels)]), window)
    best = held.levels.copy()
    np.maximum.at(best, persons, levels)
    return Held(None, best, window)


Some = tuple[Persons, Levels]
"""Persons ascending, each once, and the level of each."""


def long(runs: Sequence[Table]) -> list[Table]:
    """The runs that are laid over what lies below them; they are the first."""
    return [run for run in runs if len(run) >= _LONG]


def newer(layered: Layered, people: int, sights: Sequence[Sight]) -> list[Some]:
    """What counts of rows that `Holding` leaves out, for each sight, all at one instant: those of short runs, and in
    long ones those of persons who came after the base, which has `people`."""
    nothing: Some = (NO_PERSONS, _NO_LEVELS)
    if not layered.runs or not sights:
        return [nothing] * len(sights)
    keys = np.array([key for sight in sights for key in sight.keys], np.int64)
    sight_of = np.repeat(np.arange(len(sights)), [len(sight.keys) for sight in sights])
    parts = [part for run in layered.runs for part in _above(run, people, run.parts(keys))]
    if not parts:
        return [nothing] * len(sights)
    columns = _joined_columns(parts)
    sight = np.repeat(sight_of[[place for _, _, place in parts]], [rows.stop - rows.start for _, rows, _ in parts])
    counts = np.zeros(len(sight), np.bool_)
    for lens in {one.lens for one in sights}:
        through = np.array([one.lens == lens for one in sights])[sight]
        counts |= through & plain.counting(Rows(columns, 0, len(sight)), lens)
    sight, persons, levels = sight[counts], columns["person"][counts], columns["level"][counts]
    order = np.lexsort((persons, sight))
    ends = np.searchsorted(sight[order], np.arange(len(sights) + 1))
    return [highest(persons[order[start:end]], levels[order[start:end]]) for start, end in pairwise(ends.tolist())]


def _above(run: Table, people: int, parts: Sequence[Part]) -> list[Part]:
    """The parts of a run, of a long one only the rows of persons from `people` on: the last of each."""
    if len(run) < _LONG:
        return list(parts)
    person = run.columns["person"]
    firsts = [rows.start + int(np.searchsorted(person[rows], people)) for _, rows, _ in parts]
    above = zip(firsts, parts, strict=True)
    return [(run, slice(first, rows.stop), place) for first, (_, rows, place) in above if first < rows.stop]


def _joined_columns(parts: Sequence[Part]) -> dict[str, Column]:
    return {
        name: np.concatenate([table.columns[name][rows] for table, rows, _ in parts])
        for name in ("person", "level", "kind", "unverified", "since", "until")
    }


def highest(persons: Persons, levels: Levels) -> Some:
    """Each person once, with their highest level; persons ascend."""
    starts = starts_of([persons])
    return persons[starts], (np.maximum.reduceat(levels, starts) if len(starts) else levels)


def _joined(parts: Sequence[Some]) -> Some:
    if len(parts) == 1:
        return parts[0]
    persons, levels = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(persons, kind="stable")
    return highest(persons[order], levels[order])


def _at(lens: Lens, window: tuple[int, int]) -> tuple[int, int]:
    """What is too old changes with every second."""
    return (lens.at, lens.at + 1) if lens.spans else window


def _common(windows: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """The stretch of time that all share."""
    firsts, ends = zip(*windows, strict=True)
    return max(firsts), min(ends)
