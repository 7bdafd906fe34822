"""What every set of loops does; both give the same numbers, and tests hold them to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.lens import Lens

Persons = NDArray[np.int32]
Levels = NDArray[np.uint8]
Points = NDArray[Any]  # int32 or int64

NO_PERSONS: Persons = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows `start` to `stop` of a table of intervals; for `thin` and `raise_levels` one group, so persons ascend."""

    columns: Mapping[str, NDArray[Any]]
    start: int
    stop: int

    def column(self, name: str) -> NDArray[Any]:
        """These rows of a column."""
        return self.columns[name][self.start : self.stop]

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Thin:
    """One row a person: the highest level that counts."""

    persons: Persons  # ascending, where the rows' do
    levels: Levels  # above 0
    window: tuple[int, int]
    ascend: bool  # whether they did


@dataclass(frozen=True, slots=True)
class Sums:
    """What each of some people has; the second is empty where nobody has any, the third where nothing must be met."""

    points: Points
    preferred: Points  # of these, outside the core
    met: Points  # the levels held towards musts, none higher than needed

    def part(self, which: Any) -> Sums:
        """Of some of them: a slice, or places."""
        return Sums(*(each[which] if len(each) else each for each in (self.points, self.preferred, self.met)))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which people are wanted.

    A person's key is their points, and `step` more for who is ready: whose points for the core are at least `least`
    and who meets every must. Who has no points has no key. Higher keys come first, equals by person number.
    """

    least: int
    musts: int  # the sum of the levels that musts need
    step: int
    limit: int
    ready_only: bool = False
    after: tuple[int, int] | None = None  # the (key, person) after whom the wanted begin


class Page:
    """The first `limit` of all that were offered so far, and how many those were.

    Until the page is read, its pool may hold more, and in any order.
    """

    SIZE, BOUND, TIED, TOTAL, HIGHER, PASSED = range(6)
    """Places in `seen`: how many the pool holds; the key of the last on a full page, below which nobody is wanted (0:
    not full); how many with that key are not in the pool; and the counts of `Chosen`."""

    __slots__ = ("keys", "limit", "pool", "seen")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.pool: Persons = np.empty(2 * limit, np.int32)
        self.keys: NDArray[np.int64] = np.empty(2 * limit, np.int64)
        self.seen: NDArray[np.int64] = np.zeros(6, np.int64)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The first of those wanted, in order, and how many there are."""

    persons: Persons
    keys: NDArray[np.int64]
    total: int  # with a key, before and after
    higher: int  # of these, with a higher key than `after`'s
    passed: int  # of these, with its key and not after it
    tied: int  # of those after it, with the key of the last chosen, but not chosen


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a table: group after group, person after person."""

    rows: NDArray[np.int64]
    group: NDArray[np.int64]  # the position of each row's group in those asked for


class Loops(Protocol):
    """The loops; arrays of people are indexed by person number."""

    def thin(self, groups: Sequence[Rows], lens: Lens) -> list[Thin]:
        """What counts of each of some groups of one table."""
        ...

    def raise_levels(self, best: Levels, rows: Rows, lens: Lens) -> tuple[int, int]:
        """Raise everyone's level to what counts of one group; gives the window."""
        ...

    def add_everyone(self, points: Points, levels: Levels, gain: int, need: int) -> None:
        """Add points for each level held, up to the needed one; `levels` are everyone's."""
        ...

    def add_some(  # noqa: PLR0917
        self, points: Points, persons: Persons, levels: Levels, gain: int, need: int, first: int
    ) -> None:
        """The same of some persons, each once; `points` begin with person `first`."""
        ...

    def offer_stretch(self, page: Page, choice: Choice, sums: Sums, first: int) -> None:
        """Offer everyone from person `first` on, in order of numbers; all who were offered before have lower ones."""
        ...

    def offer_some(self, page: Page, choice: Choice, sums: Sums, persons: Persons) -> None:
        """The same for some: persons ascending, each once, and the sums of each of them."""
        ...

    def chosen(self, page: Page) -> Chosen:
        """What a page has come to."""
        ...

    def places(self, table: Persons, persons: Persons) -> NDArray[np.int32]:
        """Where persons stand in a table that has them all; both ascend, each once."""
        ...

    def levels_of(self, held: Persons, levels: Levels, persons: Persons) -> Levels:
        """The levels of some persons, where `held`, ascending, hold `levels` and others nothing."""
        ...

    def find(self, person: Persons, groups: Sequence[slice], persons: Persons) -> Found:
        """The rows of some persons, ascending, in groups of a table's column of persons."""
        ...
