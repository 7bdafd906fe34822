"""What every engine is asked, and what it answers: the first rows of a ranking, without explanations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.population import ENDS
from benchmarks.roles import roles
from benchmarks.vocabulary import Vocabulary

PARTS = 420
Row = tuple[int, bool, int]
"""(person, ready, points), in order."""


@dataclass(frozen=True, slots=True)
class Need:
    """A requirement; `skills` are all in its reach, by popularity."""

    skills: tuple[int, ...]
    level: int
    weight: int
    kind: str
    proof: str

    @property
    def gain(self) -> int:
        """Points for each level held, up to the needed one."""
        return self.weight * PARTS // self.level

    @property
    def core(self) -> bool:
        return self.kind != "preferred"


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts of all facts."""

    at: int = ENDS
    kinds: tuple[str, ...] = ()  # of evidence; none: all but what is only claimed
    years: int = 0  # shown no longer ago; 0: whenever
    verified_only: bool = False


NOW = Counted()
"""The plain question, at the last instant of the population."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A role's ranking; `threshold` in thousandths, `in_cohort`: only of the cohort's members."""

    role: str
    needs: tuple[Need, ...]
    counted: Counted = NOW
    in_cohort: bool = False
    threshold: int = 800
    limit: int = 50

    @property
    def least(self) -> int:
        """The points for the core that make ready: the share, rounded up."""
        return -(-self.threshold * sum(need.weight * PARTS for need in self.needs if need.core) // 1000)

    @property
    def musts(self) -> int:
        return sum(need.kind == "must" for need in self.needs)


Best = Callable[[], Sequence[Row]]
"""An answer made ready: what a service keeps between calls is kept, the ranking is made anew at each call."""


class Engine(Protocol):
    """Who answers."""

    @property
    def name(self) -> str: ...

    def ready(self, asked: Asked) -> Best:
        """Everything but the ranking."""
        ...


def asked_of(role: str, skills: Vocabulary, counted: Counted = NOW, in_cohort: bool = False) -> Asked:
    """One of the benchmark's roles."""
    needs = [
        Need(skills.grouped if one.skill is None else (one.skill,), one.level, one.weight, one.kind, one.proof)
        for one in roles(skills)[role]
    ]
    return Asked(role, tuple(needs), counted, in_cohort)
