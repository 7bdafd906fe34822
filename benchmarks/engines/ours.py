"""The match engine as role-matches uses it, without explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.engines.contract import Asked, Best, Row
from benchmarks.roles import COHORT
from graph.index import Index
from graph.store import Store
from graph.viewer import OPERATOR
from ontology.values import format_instant
from queries.ask import find
from queries.counting import Counting, counting
from queries.matching import match
from queries.parse import parse
from queries.profile import Profile, stated
from queries.question import Asking
from queries.ranking import Cut, Ranked, Standing, rank, told

OURS, IN_NUMPY = "skillgraph", "skillgraph in numpy"
"""With loops that are compiled, and without."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Answers from an index of a store that holds the population."""

    store: Store
    index: Index
    name: str = OURS

    def ready(self, asked: Asked) -> Best:
        """The profile is read before; who is looked at, points, ranking and page are made at each call."""
        prepared = self.prepared(asked)
        return lambda: prepared.rows(prepared.page())

    def prepared(self, asked: Asked) -> Prepared:
        """The same, for pages of it."""
        parameters = parse(find("role-matches"), raw(asked))
        asking = Asking(self.store, self.index, OPERATOR, asked.counted.at)
        profile = stated(asking, "role", asked.role, asked.counted.at)
        return Prepared(self.index, asked, profile, counting(self.store.model, parameters, asked.counted.at))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A role's ranking, page by page."""

    index: Index
    asked: Asked
    profile: Profile
    counts: Counting

    def page(self, after: Standing | None = None) -> Ranked:
        """The page after a row."""
        who = self.index.who([COHORT], self.counts.at) if self.asked.in_cohort else None
        return rank(match(self.index, self.profile, self.counts), Cut(self.asked.limit, who, False, after))

    def last(self, page: Ranked) -> Standing:
        """The row that a page ends with."""
        return Standing(page.keys[-1], self.index.people.id_of(page.persons[-1]))

    def rows(self, page: Ranked) -> Sequence[Row]:
        """A page as every engine tells it: ids ascend with the generator's numbers, so these are the index's too."""
        found = []
        for person, key in zip(page.persons, page.keys, strict=True):
            points, ready = told(key, self.profile.of)
            found.append((person, ready, points))
        return found


def raw(asked: Asked) -> dict[str, Any]:
    """The parameters of role-matches."""
    counted = asked.counted
    given: dict[str, Any] = {
        "role": asked.role,
        "limit": str(asked.limit),
        "explain": "false",
        "as_of": format_instant(counted.at),
    }
    if counted.kinds:
        given["evidence_kinds"] = list(counted.kinds)
    if counted.years:
        given["max_age"] = f"P{counted.years}Y"
    if counted.verified_only:
        given["verified_only"] = "true"
    if asked.in_cohort:
        given["cohort"] = [COHORT]
    return given


def number_of(id: str) -> int:
    """The generator's number of a person."""
    return int(id.rpartition(":")[2])
