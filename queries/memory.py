"""What answers take over from one another: profiles, labels, what closes a requirement; never anything about a person.

What is remembered stands while nothing but people's facts changes, for viewers who see the same, and where rules are
dated, from one of their boundaries to the next. Whoever serves keeps it; a single answer begins with an empty memory.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Sort(Generic[K, T]):
    """One sort of what is remembered, and how many of it; when there are more, it is forgotten and begins anew."""

    name: str
    most: int


Shelves = dict[Sort[Any, Any], dict[Any, Any]]
"""What is remembered of each sort, by key."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What one answer may take over, and what it makes itself, which others see once it is kept.

    `part` gives the same for all instants between two boundaries of dated rules.
    """

    kept: Shelves = field(default_factory=dict)
    part: Callable[[int], int] = int
    made: Shelves = field(default_factory=dict)

    def one(self, sort: Sort[K, T], key: K, make: Callable[[], T]) -> T:
        """What is remembered under the key, else what is made now."""
        return self.all(sort, [key], lambda _: [make()])[0]

    def all(self, sort: Sort[K, T], keys: Sequence[K], make: Callable[[Sequence[K]], Sequence[T]]) -> list[T]:
        """The same of several keys; `make` is given those that are missing, all at once."""
        kept, made = self.kept.get(sort, {}), self.made.setdefault(sort, {})
        found = {key: made[key] if key in made else kept.get(key, _MISSING) for key in keys}
        missing = [key for key, value in found.items() if value is _MISSING]
        if missing:
            fresh = dict(zip(missing, make(missing), strict=True))
            made.update(fresh)
            found.update(fresh)
        return [found[key] for key in keys]

    def keep(self) -> None:
        """Hand on what was made. Only for what was read in a state that stood until all was read."""
        for sort, made in self.made.items():
            shelf = self.kept.setdefault(sort, {})
            if len(shelf) + len(made) > sort.most:
                shelf.clear()
            shelf.update(made)
