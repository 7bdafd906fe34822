"""What is held at one instant as a plain table, sorted by skill: what a database of its own would be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.brute import counting
from benchmarks.engines.contract import Counted
from benchmarks.population import Facts, Population


@dataclass(frozen=True, slots=True)
class HeldTable:
    """One row a person and skill, by skill, then person; `shown` is 0 where nothing was shown."""

    skill: NDArray[np.uint16]
    person: NDArray[np.int32]
    level: NDArray[np.uint8]
    shown: NDArray[np.uint8]

    @classmethod
    def of(cls, people: Population, counted: Counted) -> HeldTable:
        """Of everyone and every skill."""
        parts = [_thinned(people.of_skill(skill), counted) for skill in range(people.skills)]
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))

    def columns(self) -> Mapping[str, NDArray[np.generic]]:
        return {column.name: getattr(self, column.name) for column in fields(self)}


def _thinned(facts: Facts, counted: Counted) -> HeldTable:
    facts = facts.take(np.flatnonzero(counting(facts, counted, only_shown=False)))
    starts = np.flatnonzero(np.diff(facts.person, prepend=-1))
    proven = np.where(counting(facts, counted, only_shown=True), facts.level, 0).astype(np.uint8)
    level, shown = (np.maximum.reduceat(column, starts) if len(starts) else column for column in (facts.level, proven))
    return HeldTable(facts.skill[starts], facts.person[starts], level, shown)
