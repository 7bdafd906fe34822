"""The arithmetic of design section 4, in whole numbers over columns: everyone's points, and who is ready.

Nothing here can see names or protected attributes: it is given levels held and a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import placed, starts_of
from graph.index import STRETCH, Held, Index, People, Sight, Some
from graph.loops import NO_PERSONS, Choice, Levels, Persons
from queries.boards import Board
from queries.counting import Counting
from queries.profile import Profile, Requirement

_FEW = 16
"""Who has points is looked for among everyone, unless those who may are fewer than this part of all."""


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of everyone's points, or, with a gain of 0, a must alone: a required credential."""

    held: Held
    newer: Some
    gain: int  # points for each level held, up to the one needed
    need: int
    core: bool
    must: bool


@dataclass(frozen=True)
class Match:
    """A profile, and what all people hold towards it at one instant."""

    index: Index
    profile: Profile
    counting: Counting
    terms: Sequence[Term]

    @cached_property
    def reaches(self) -> list[tuple[str, ...]]:
        """The skills that count for each requirement."""
        return reaches_of(self.index, self.profile.requirements)

    @property
    def few(self) -> Persons | None:
        """Everyone who holds anything, ascending, each once; None where they are many."""
        parts = [NO_PERSONS]
        for term in self.terms:
            if term.held.persons is None:
                return None
            parts += [term.held.persons, term.newer[0]]
        if sum(map(len, parts)) > min(self.index.people.count // _FEW, STRETCH):
            return None
        persons = np.concatenate(parts)
        persons.sort()
        return persons[starts_of([persons])]

    def met(self, persons: Persons) -> list[int]:
        """How many requirements each of some persons meets."""
        met = np.zeros(len(persons), np.int64)
        for term in self.terms:
            if term.gain:
                met += self._levels(term, persons) >= term.need
        return met.tolist()

    def _levels(self, term: Term, persons: Persons) -> Levels:
        """What some persons hold towards a requirement."""
        held, (newer, levels), loops = term.held.of(persons, self.index.loops), term.newer, self.index.loops
        return np.maximum(held, loops.levels_of(newer, levels, persons)) if len(newer) else held

    def choice(self, limit: int, ready_only: bool, after: tuple[int, int] | None = None) -> Choice:
        """Who is wanted."""
        profile = self.profile
        musts = sum(term.need for term in self.terms if term.must)
        return Choice(profile.least, musts, profile.of + 1, limit, ready_only, after)

    def sum_stretch(self, board: Board, stretch: Stretch) -> None:
        """Add what a stretch of people has, to a board of zeros."""
        first, loops = stretch.first, self.index.loops
        for term in self.terms if stretch.number is not None else ():
            persons, levels = term.held.part(stretch.number or 0)
            for points, gain in board.columns(term.gain, term.core, term.must):
                if persons is None:
                    loops.add_everyone(points, levels, gain, term.need)
                else:
                    loops.add_some(points, persons, levels, gain, term.need, first)
        for term in self.terms:
            self._add_newer(board, term, _inside(term.newer[0], stretch), lambda persons: persons - np.int32(first))

    def sum_few(self, board: Board, few: Persons) -> None:
        """Add what those few have who hold anything, to a board of zeros; by their places among them."""
        loops = self.index.loops
        for term in self.terms:
            places = loops.places(few, term.held.persons if term.held.persons is not None else NO_PERSONS)
            for points, gain in board.columns(term.gain, term.core, term.must):
                loops.add_some(points, places, term.held.levels, gain, term.need, 0)
        for term in self.terms:
            self._add_newer(board, term, term.newer[0], lambda persons: loops.places(few, persons))

    def _add_newer(self, board: Board, term: Term, persons: Persons, places: Callable[[Persons], Persons]) -> None:
        """What newer rows of a term raise, of some persons."""
        if not len(persons):
            return
        before = term.held.of(persons, self.index.loops)
        raised = _up_to(term.need, self._levels(term, persons)) - _up_to(term.need, before)
        for points, gain in board.columns(term.gain, term.core, term.must):
            points[places(persons)] += (raised * gain).astype(points.dtype)


@dataclass(frozen=True, slots=True)
class Stretch:
    """People who are summed up together: persons `first` to `stop`."""

    first: int
    stop: int
    number: int | None  # among the stretches of the base; None for those who came after it was built

    def __len__(self) -> int:
        return self.stop - self.first


def stretches(people: People) -> list[Stretch]:
    """Those of the base, in order; then those of who came later."""
    known = len(people.base.primary)
    base = [Stretch(n * STRETCH, min((n + 1) * STRETCH, known), n) for n in range(-(-known // STRETCH))]
    later = [Stretch(first, min(first + STRETCH, people.count), None) for first in range(known, people.count, STRETCH)]
    return [*base, *later]


def _inside(persons: Persons, stretch: Stretch) -> Persons:
    """Those of ascending persons who are in a stretch."""
    if not len(persons):
        return persons
    start, stop = placed(persons, [stretch.first, stretch.stop])
    return persons[start:stop]


def match(index: Index, profile: Profile, counts: Counting) -> Match:
    """What all people hold towards a profile."""
    requirements = profile.requirements
    skills = index.held("skills", [_sight(index, one, counts) for one in requirements])
    credentials = index.held(
        "credentials", [Sight(keys, counts.credentials) for keys in index.credential_keys(profile.credentials)]
    )
    terms = [
        Term(*held, one.gain, one.level, one.core, one.kind == "must")
        for one, held in zip(requirements, skills, strict=True)
    ]
    return Match(index, profile, counts, [*terms, *(Term(*held, 0, 1, True, True) for held in credentials)])


def _sight(index: Index, one: Requirement, counts: Counting) -> Sight:
    return Sight(index.reach_keys(one.skill, one.reach == "narrower"), counts.proof(one.proof))


def _up_to(need: int, levels: Levels) -> NDArray[np.int64]:
    return np.minimum(levels, np.uint8(need)).astype(np.int64)


def reaches_of(index: Index, requirements: Iterable[Requirement]) -> list[tuple[str, ...]]:
    """The skills that count for each requirement."""
    return [index.reach(one.skill, one.reach == "narrower") for one in requirements]
