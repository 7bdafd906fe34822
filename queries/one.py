"""One person, at one instant: what counts of what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graph.index import Postings
from queries.counting import Counted, Counting, counting, that_count
from queries.held import Held, held_towards
from queries.lookup import person_of
from queries.profile import Requirement
from queries.question import Asking
from queries.rows import Credentials


@dataclass(frozen=True, slots=True)
class Interval:
    """One piece of evidence for a skill, in words."""

    skill: str
    level: int
    evidence_class: str
    since: int
    until: int
    evidence: int


@dataclass(frozen=True)
class One:
    """A person as the questions about one person read them."""

    number: int
    counts: Counting
    postings: Postings  # what counts, of every skill

    @property
    def at(self) -> int:
        """The instant they are judged at."""
        return self.counts.at

    @cached_property
    def intervals(self) -> list[Interval]:
        """What counts, row by row."""
        of, counts = self.postings, self.counts
        columns = (of.skill, of.level, of.kind, of.since, of.until, of.evidence)
        return [
            Interval(of.skills[skill], level, counts.class_of(kind), since, until, evidence)
            for skill, level, kind, since, until, evidence in zip(*(each.tolist() for each in columns), strict=True)
        ]

    def towards(self, requirements: Sequence[Requirement], reaches: Sequence[tuple[str, ...]]) -> list[Held]:
        """What they hold towards each requirement."""
        return held_towards(self.postings, self.counts, [self.number], requirements, reaches)[self.number]

    def credentials(self, asking: Asking, required: Sequence[str]) -> Credentials:
        """Which of these credentials they hold."""
        postings = asking.index.credentials_of(required, np.array([self.number], np.int32))
        return Credentials.of(required, that_count(postings, self.counts.credentials))


def one_of(asking: Asking, parameters: Counted, text: str) -> One:
    """The person of the parameter `person`; any of their record ids will do."""
    number = person_of(asking, "person", text)
    at = asking.now if parameters.as_of is None else parameters.as_of
    counts = counting(asking.store.model, parameters, at)
    return One(number, counts, that_count(asking.index.person_postings(number), counts.any))
