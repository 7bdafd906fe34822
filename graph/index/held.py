"""Levels held: for what is in reach of a requirement, seen through a lens, one row a person; kept to be asked again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import groupby, islice, pairwise
from operator import attrgetter
from threading import Lock
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import placed, starts_of
from graph.errors import IndexDamaged
from graph.index.tables import Column, Layered, Part, Table
from graph.lens import Lens
from graph.loops import NO_PERSONS, Levels, Loops, Persons, Rows, Thin, plain
from ontology.values import OPEN

Keys = tuple[int, ...]

COMMON = 16
"""What more than this part of all people hold is kept for everyone: a byte each, where a row takes five."""

_SCARCE = 4 * COMMON
"""What was raised in everyone's stays so unless fewer than this part of all hold it."""

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


@dataclass(frozen=True)
class Held:
    """The level that each of some persons holds, or, where `persons` is None, everyone by their number (0: nothing)."""

    persons: Persons | None  # ascending
    levels: Levels
    window: tuple[int, int]  # [first, end) of the instants at which this is so

    @cached_property
    def _cuts(self) -> list[int]:
        """Where the rows of each stretch of people begin, up to the one after the last person."""
        if self.persons is None or not len(self.persons):
            return [0]
        firsts = np.arange(0, int(self.persons[-1]) + STRETCH + 1, STRETCH, dtype=np.int32)
        return cast(list[int], placed(self.persons, firsts).tolist())

    def part(self, stretch: int) -> tuple[Persons | None, Levels]:
        """Of one stretch of people; the levels of everyone's begin with the first of it."""
        if self.persons is None:
            return None, self.levels[stretch * STRETCH : (stretch + 1) * STRETCH]
        rows = slice(*self._cuts[stretch : stretch + 2]) if stretch + 1 < len(self._cuts) else slice(0, 0)
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

    def held(self, layered: Layered, sights: Sequence[Sight], loops: Loops) -> list[Held]:
        """For each sight, the highest level that counts of any of its groups.

        Of runs, only of persons whom the base has.
        Raises `IndexDamaged`.
        """
        runs = long(layered.runs)
        self._let_go((layered.changed, *runs))
        below: tuple[object, ...] = (layered.base,)
        held = self._of(below, sights, partial(self._seen, layered.base, loops=loops))
        if layered.changed is not None:
            below = (*below, layered.changed)
            below_it = dict(zip(sights, held, strict=True))
            held = self._of(below, sights, partial(_without, layered.changed, below_it))
        for run in runs:
            below = (*below, run)
            below_it = dict(zip(sights, held, strict=True))
            held = self._of(below, sights, partial(self._laid, run, below_it))
        return held

    def _let_go(self, over: tuple[object, ...]) -> None:
        """Keep nothing that rests on what no longer lies over the base: it would be kept alive by that."""
        if len(over) == len(self._over) and all(one is other for one, other in zip(over, self._over, strict=True)):
            return
        with self._lock:
            self._over, there = over, {id(one) for one in over}
            for name, kept in list(self._kept.items()):
                self._kept[name] = [each for each in kept if all(id(thing) in there for thing in each[1][1:])]
                if not self._kept[name]:
                    del self._kept[name]
            self._bytes = sum(_cost(name[1], held) for name, kept in self._kept.items() for held, _ in kept)

    def _of(
        self, things: tuple[object, ...], sights: Sequence[Sight], make: Callable[[list[Sight]], Iterable[Held]]
    ) -> list[Held]:
        """What is kept of things that lie on each other; what is not is made now."""
        with self._lock:
            found = [self._find(things, sight) for sight in sights]
        missing = [sight for sight, held in zip(sights, found, strict=True) if held is None]
        made = iter([self._shared(held) for held in make(missing)] if missing else ())
        return [held or self._keep(things, sight, next(made)) for sight, held in zip(sights, found, strict=True)]

    def _find(self, things: tuple[object, ...], sight: Sight) -> Held | None:
        name = _name(things, sight)
        for held, of in self._kept.get(name, ()):
            same = all(one is other for one, other in zip(of, things, strict=True))
            if same and held.window[0] <= sight.lens.at < held.window[1]:
                self._kept.move_to_end(name)
                return held
        return None

    def _keep(self, things: tuple[object, ...], sight: Sight, held: Held) -> Held:
        name = _name(things, sight)
        with self._lock:
            kept = self._kept.setdefault(name, [])
            kept.insert(0, (held, things))
            gone = kept[_WINDOWS:]
            del kept[_WINDOWS:]
            self._kept.move_to_end(name)
            self._bytes += _cost(sight.keys, held) - sum(_cost(sight.keys, each) for each, _ in gone)
            while self._bytes > self.most and len(self._kept) > 1:
                oldest, given_up = self._kept.popitem(last=False)
                self._bytes -= sum(_cost(oldest[1], each) for each, _ in given_up)
        return held

    def _shared(self, held: Held) -> Held:
        """Read-only: compiled loops take one kind of array only, and what is kept is shared."""
        held.levels.flags.writeable = False
        if held.persons is not None:
            held.persons.flags.writeable = False
            if len(held.persons):  # the first is the lowest of them, the last the highest
                _hold_within(int(held.persons[0]), int(held.persons[-1]), self.people)
        return held

    def _seen(self, table: Table, sights: Sequence[Sight], loops: Loops) -> Iterator[Held]:
        for lens, some in groupby(sights, attrgetter("lens")):
            groups = _groups(table, list(some))
            thin = iter(loops.thin([rows for each in groups if not self._many(each) for rows in each], lens))
            for each in groups:
                if self._many(each):
                    yield self._of_everyone(each, lens, loops)
                elif each:
                    yield _of_all(list(islice(thin, len(each))), lens)
                else:
                    yield Held(NO_PERSONS, _NO_LEVELS, _at(lens, (0, OPEN)))

    def _many(self, groups: Sequence[Rows]) -> bool:
        """Whether so many rows that levels are better raised in everyone's."""
        return sum(map(len, groups)) * COMMON > self.people

    def _of_everyone(self, groups: Sequence[Rows], lens: Lens, loops: Loops) -> Held:
        for rows in groups:
            persons = rows.column("person")
            _hold_within(int(persons.min()), int(persons.max()), self.people)
        best = np.zeros(self.people, np.uint8)
        window = _at(lens, _common([loops.raise_levels(best, rows, lens) for rows in groups]))
        if np.count_nonzero(best) * _SCARCE > self.people:
            return Held(None, best, window)
        persons = np.flatnonzero(best > 0).astype(np.int32)
        return Held(persons, best[persons], window)

    def _laid(self, run: Table, below: Mapping[Sight, Held], sights: Sequence[Sight]) -> list[Held]:
        groups = _groups(run, sights)
        return [self._raised(below[sight], each, sight.lens) for sight, each in zip(sights, groups, strict=True)]

    def _raised(self, held: Held, groups: Sequence[Rows], lens: Lens) -> Held:
        """What is held with more rows."""
        if not groups:
            return held
        columns = _together(groups)
        rows = Rows(columns, 0, len(columns["person"]))
        counts = plain.counting(rows, lens) & (columns["person"] < self.people)
        window = _at(lens, _common([held.window, plain.window(rows, lens.at)]))
        return _raised(held, columns["person"][counts], columns["level"][counts], window)


def _name(things: Sequence[object], sight: Sight) -> tuple[object, ...]:
    """By what it is kept; what is the same thing is looked at afterwards."""
    return (len(things), sight.keys, *sight.lens.what)


def _groups(table: Table, sights: Sequence[Sight]) -> list[list[Rows]]:
    """For each sight, the groups of it that are there."""
    found: list[list[Rows]] = [[] for _ in sights]
    of = [place for place, sight in enumerate(sights) for _ in sight.keys]
    for _, rows, position in table.parts(np.array([key for sight in sights for key in sight.keys], np.int64)):
        found[of[position]].append(Rows(table.columns, rows.start, rows.stop))
    return found


def _cost(keys: Any, held: Held) -> int:
    """About how many bytes it takes to keep this of groups of keys."""
    return held.size + 8 * len(keys) + _ENTRY


def _hold_within(lowest: int, highest: int, people: int) -> None:
    """Raise `IndexDamaged` where there is someone whom the base does not have."""
    if lowest < 0 or highest >= people:
        raise IndexDamaged(_PLACE, "it names people who are not in it", _FIX)


def _without(changed: NDArray[np.bool_], below: Mapping[Sight, Held], sights: Sequence[Sight]) -> list[Held]:
    return [without(below[sight], changed) for sight in sights]


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
    columns = _together([Rows(table.columns, rows.start, rows.stop) for table, rows, _ in parts])
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
    firsts = [rows.start + int(placed(person[rows], people)) for _, rows, _ in parts]
    above = zip(firsts, parts, strict=True)
    return [(run, slice(first, rows.stop), place) for first, (_, rows, place) in above if first < rows.stop]


def _together(groups: Sequence[Rows]) -> dict[str, Column]:
    """Their columns, one after the other."""
    return {
        name: np.concatenate([rows.column(name) for rows in groups])
        for name in ("person", "level", "kind", "unverified", "since", "until")
    }


def highest(persons: Persons, levels: Levels) -> Some:
    """Each person once, with their highest level; persons ascend."""
    starts = starts_of([persons])
    return persons[starts], (np.maximum.reduceat(levels, starts) if len(starts) else levels)


def _of_all(found: Sequence[Thin], lens: Lens) -> Held:
    """What is held where any of some groups counts; raises `IndexDamaged`."""
    if not all(one.ascend for one in found):
        raise IndexDamaged(_PLACE, "its people are out of order", _FIX)
    if len(found) == 1:
        return Held(found[0].persons, found[0].levels, _at(lens, found[0].window))
    persons, levels = _joined([(one.persons, one.levels) for one in found])
    return Held(persons, levels, _at(lens, _common(one.window for one in found)))


def _joined(parts: Sequence[Some]) -> Some:
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
