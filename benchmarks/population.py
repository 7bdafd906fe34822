"""A seeded population of any size in columns: who shows which skill, how, when, and until when.

Skills are numbered by popularity, 0 the commonest, which follows Zipf's law with Mandelbrot's offset: at 1,000,000
people 19.5 million pairs of person and skill, of which the six commonest skills have 3.18 million, and 33 skills more
than a sixteenth of all people. One in forty pairs is shown a second time. Every fact is of one piece of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ontology.values import OPEN

Column = NDArray[np.generic]
PAIRS = 19.5
"""Skills of one person, in the mean."""
REPEATED = 1 / 39
"""Of these, the share that is shown twice: 20 facts a person in all."""
OFFSET = 1.29
SEED = 7
BEGINS, ENDS = (int(datetime(year, 11, 28, tzinfo=UTC).timestamp()) for year in (2022, 2026))
"""The seconds in which everything was shown."""
YEAR = 31_557_600

KINDS = ("completion", "assessment", "credential", "interview", "work_sample", "manager_rating", "self_rating")
_KIND_SHARES = (0.36, 0.18, 0.08, 0.05, 0.1, 0.18, 0.05)
TAUGHT, CLAIMED = 0, 6
"""Positions in `KINDS`: of what is taught, and of what is only claimed."""
VERIFICATIONS = ("", "verified", "unverified")
_VERIFICATION_SHARES = (0.4, 0.5, 0.1)
UNVERIFIED = 2
_EXPIRING = 0.15
_LEVEL_SHARES = (0.35, 0.4, 0.25)


@dataclass(frozen=True, slots=True)
class Facts:
    """Columns of one length. `via_rule`: the evidence states no level, its rule does."""

    skill: NDArray[np.uint16]
    person: NDArray[np.int32]
    level: NDArray[np.uint8]
    kind: NDArray[np.uint8]  # position in KINDS
    verification: NDArray[np.uint8]  # position in VERIFICATIONS
    via_rule: NDArray[np.bool_]
    since: NDArray[np.uint32]
    until: NDArray[np.uint32]  # OPEN: for ever

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: NDArray[np.int64]) -> Facts:
        """These rows, in this order."""
        return Facts(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True)
class Population:
    """So many people, numbered from 0, over so many skills; the same seed, the same facts."""

    people: int
    skills: int = 13_939
    seed: int = SEED

    @cached_property
    def popularity(self) -> NDArray[np.int64]:
        """How many people show each skill, the commonest first."""
        law = 1 / (np.arange(1, self.skills + 1) + OFFSET)
        found = np.rint(self.people * PAIRS * law / law.sum()).astype(np.int64)
        return np.asarray(np.minimum(found, self.people))

    def of_skill(self, skill: int) -> Facts:
        """Everybody's facts about one skill, persons ascending."""
        numbers = np.random.default_rng([self.seed, skill])
        person = numbers.choice(self.people, self.popularity[skill], replace=False, shuffle=False)
        again = person[numbers.random(len(person)) < REPEATED]
        person = np.sort(np.concatenate([person, again])).astype(np.int32)
        size = len(person)
        kind = numbers.choice(len(KINDS), size, p=_KIND_SHARES).astype(np.uint8)
        level = numbers.choice([1, 2, 3], size, p=_LEVEL_SHARES).astype(np.uint8)
        ruled = by_rule(np.full(size, skill), kind) & (numbers.random(size) < 0.5)
        since = numbers.integers(BEGINS, ENDS, size)
        lasting = (YEAR * (1 + 2 * numbers.random(size))).astype(np.int64)
        return Facts(
            np.full(size, skill, np.uint16),
            person,
            np.where(ruled & (kind != _ASSESSMENT), taught_level(skill), level).astype(np.uint8),
            kind,
            numbers.choice(len(VERIFICATIONS), size, p=_VERIFICATION_SHARES).astype(np.uint8),
            ruled,
            since.astype(np.uint32),
            np.where(numbers.random(size) < _EXPIRING, since + lasting, OPEN).astype(np.uint32),
        )

    def facts(self) -> Facts:
        """All of them, skill by skill."""
        parts = [self.of_skill(skill) for skill in range(self.skills)]
        return Facts(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Facts)))

    def as_told(self) -> Facts:
        """All of them in no order, as evidence arrives: row n is of the n-th piece of evidence."""
        facts = self.facts()
        return facts.take(np.random.default_rng([self.seed, self.skills]).permutation(len(facts)))

    def some(self, share: float, salt: int) -> NDArray[np.int64]:
        """The people of a drawn share, ascending."""
        numbers = np.random.default_rng([self.seed, self.skills + salt])
        return np.sort(numbers.choice(self.people, max(1, round(self.people * share)), replace=False))


_ASSESSMENT = KINDS.index("assessment")
RULED = {"completion": 600, "assessment": 200, "credential": 100}
"""Kind -> the commonest so many skills have a course, an assessment or a credential of their own."""
CUT_SCORES = "1:0.4|2:0.6|3:0.8"
SCORES = (0.0, 0.5, 0.7, 0.9)
"""A score that reaches each level by these."""


def by_rule(skill: NDArray[np.int64], kind: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of the facts may come from a rule: the kind has rules, and the skill is common enough to have one."""
    common = np.array([RULED.get(name, 0) for name in KINDS])
    return np.asarray(skill < common[kind])


def taught_level(skill: int) -> int:
    """The level that the skill's course teaches and its credential attests."""
    return 1 + skill % 3
