"""One person, at one instant: what counts of what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from queries.lookup import person_of
from queries.matching import Counted, Counting, Held, Interval, counting, held_by, intervals_of, requirements_of
from queries.profile import Profile
from queries.question import Asking
from queries.rows import Credentials


@dataclass(frozen=True, slots=True)
class One:
    """A person as the questions about one person read them."""

    number: int
    counts: Counting
    intervals: Sequence[Interval]

    @property
    def at(self) -> int:
        """The instant they are judged at."""
        return self.counts.at

    def towards(self, profile: Profile, reaches: Sequence[tuple[str, ...]]) -> list[Held]:
        """What they hold towards each requirement."""
        return held_by(profile.requirements, requirements_of(reaches), self.intervals)

    def credentials(self, asking: Asking, required: Sequence[str]) -> Credentials:
        """Which of these credentials they hold."""
        postings = asking.index.credentials(required)
        postings = postings.where(postings.person == self.number)
        return Credentials.of(required, postings.where(self.counts.of_credentials(postings)), [self.number])


def one_of(asking: Asking, parameters: Counted, text: str) -> One:
    """The person of the parameter `person`; any of their record ids will do."""
    number = person_of(asking, "person", text)
    at = asking.now if parameters.as_of is None else parameters.as_of
    counts = counting(asking.store.model, parameters, at)
    postings = asking.index.person_postings(number)
    intervals = intervals_of(postings.where(counts.of_skills(postings)), counts)
    return One(number, counts, intervals.get(number, []))
