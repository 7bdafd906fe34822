"""Design section 3: what evidence supports, and what is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from tests.oracle.persons import Persons
from tests.oracle.rows import FOR_EVER, Row, after, begins, ends, in_force

CLAIMED, TAUGHT, SHOWN = "claimed", "taught", "shown"

HOME_LEVELS = ({"id": "level:foundation", "scale": "scale:home", "rank": "1"},
               {"id": "level:practitioner", "scale": "scale:home", "rank": "2"},
               {"id": "level:advanced", "scale": "scale:home", "rank": "3"})  # fmt: skip
"""Every store begins with these."""


@dataclass(frozen=True)
class Support:
    """That a person holds a skill at a level over [since, until), by one piece of evidence."""

    skill: str
    level: int
    since: int
    until: int
    kind: str
    unverified: bool
    evidence: str

    @property
    def evidence_class(self) -> str:
        return {"self_rating": CLAIMED, "completion": TAUGHT}.get(self.kind, SHOWN)


@dataclass(frozen=True)
class Counting:
    """What counts inside held(): `kinds` None is everything that is not claimed."""

    kinds: frozenset[str] | None = None
    max_age: str | None = None
    verified_only: bool = False
    shown_only: bool = False

    def counts(self, support: Support, at: int) -> bool:
        named = support.evidence_class != CLAIMED if self.kinds is None else support.kind in self.kinds
        young = self.max_age is None or after(support.since, self.max_age) >= at
        proven = not self.shown_only or support.evidence_class == SHOWN
        return named and young and proven and not (self.verified_only and support.unverified)


BY_DEFAULT = Counting()


class Holding(Persons):
    """What is held, by brute force."""

    def levels(self, scale: str) -> list[Row]:
        return [row for row in (*HOME_LEVELS, *self.table("Level")) if row["scale"] == scale]

    def home_rank(self, level: str | None, scale: str | None, at: int) -> int:
        """The highest Level of the scale whose lower bound (default: its rank) is <= the value, then CORRESPONDS_TO."""
        if not level:
            return 0
        reached = [
            row
            for row in self.levels(scale or "scale:home")
            if Decimal(row.get("lower_bound") or row["rank"]) <= Decimal(level)
        ]
        if not reached:
            return 0
        highest = max(reached, key=lambda row: (Decimal(row.get("lower_bound") or row["rank"]), int(row["rank"])))
        if (scale or "scale:home") == "scale:home":
            return int(highest["rank"])
        home = {row["id"]: int(row["rank"]) for row in self.levels("scale:home")}
        return max(
            (home[edge["to"]] for edge in self.edges("CORRESPONDS_TO", highest["id"]) if in_force(edge, at)), default=0
        )

    def supports_nothing(self, evidence: Row) -> bool:
        """Withdrawn, broken and revoked evidence, at any instant; a failed or waived completion."""
        undone = evidence["kind"] == "completion" and evidence.get("outcome") in ("failed", "waived")
        void = evidence.get("verification") in ("broken", "revoked")
        return bool(evidence.get("withdrawn_at")) or void or undone

    def shown_at(self, evidence: Row) -> int:
        shown = begins(evidence["shown_at"])
        assert shown is not None
        return shown

    def expires_at(self, evidence: Row) -> int:
        """The evidence's own expiry, else shown plus the validity of what it came from, else open."""
        own = ends(evidence.get("expires_at"))
        about = self.node(("LearningObject", "Assessment", "Credential"), evidence.get("about"))
        if own is not None:
            return own
        return after(self.shown_at(evidence), about["validity"]) if about.get("validity") else FOR_EVER

    def levels_of(self, evidence: Row) -> dict[str, int]:
        """skill -> the highest level that any rule gives: the rules add up."""
        found: dict[str, int] = {}
        rules = (
            self.stated(evidence),
            self.taught(evidence),
            self.measured(evidence),
            self.attested(evidence),
            self.rated(evidence),
        )
        for skill, level in (pair for rule in rules for pair in rule):
            found[skill] = max(level, found.get(skill, 0))
        return {skill: level for skill, level in found.items() if level > 0}

    def stated(self, evidence: Row) -> Iterator[tuple[str, int]]:
        """A stated skill and level: that, whatever the kind."""
        if evidence.get("skill"):
            yield (
                evidence["skill"],
                self.home_rank(evidence.get("level"), evidence.get("scale"), self.shown_at(evidence)),
            )

    def taught(self, evidence: Row) -> Iterator[tuple[str, int]]:
        """A completion: every TEACHES of the learning object."""
        if evidence["kind"] == "completion":
            yield from self.edge_levels("TEACHES", evidence)

    def attested(self, evidence: Row) -> Iterator[tuple[str, int]]:
        """A credential: every ATTESTS."""
        if evidence["kind"] == "credential":
            yield from self.edge_levels("ATTESTS", evidence)

    def edge_levels(self, name: str, evidence: Row) -> Iterator[tuple[str, int]]:
        shown = self.shown_at(evidence)
        for edge in self.edges(name, evidence.get("about", "")):
            if in_force(edge, shown):
                yield edge["to"], self.home_rank(edge.get("level"), edge.get("scale"), shown)

    def measured(self, evidence: Row) -> Iterator[tuple[str, int]]:
        """An assessment result: for each MEASURES the highest level whose cut score is <= the score."""
        if evidence["kind"] != "assessment" or not evidence.get("score"):
            return
        for edge in self.edges("MEASURES", evidence.get("about", "")):
            if in_force(edge, self.shown_at(evidence)):
                cuts = [cut.split(":") for cut in edge["cut_scores"].split("|")]
                passed = [int(level) for level, cut in cuts if Decimal(cut) <= Decimal(evidence["score"])]
                yield edge["to"], max(passed, default=0)

    def rated(self, evidence: Row) -> Iterator[tuple[str, int]]:
        """For each skill the lower median of each rater's ratings, then the lower median over raters."""
        given: dict[str, dict[str, list[int]]] = {}
        for rating in self.table("Rating"):
            level = self.rated_level(rating, self.shown_at(evidence))
            if rating["evidence"] == evidence["id"] and level is not None:
                for skill in self.rated_skills(rating):
                    given.setdefault(skill, {}).setdefault(rating["rater"], []).append(level)
        for skill, raters in given.items():
            yield skill, lower_median([lower_median(levels) for levels in raters.values()])

    def rated_skills(self, rating: Row) -> list[str]:
        """A Rating's skill is its own or that its criterion ASSESSES."""
        if rating.get("skill"):
            return [rating["skill"]]
        return [edge["to"] for edge in self.edges("ASSESSES", rating.get("criterion", ""))]

    def rated_level(self, rating: Row, at: int) -> int | None:
        """A Rating's level is its own or that of the highest CriterionLevel whose points are <= its points."""
        if rating.get("level"):
            return self.home_rank(rating["level"], rating.get("scale"), at)
        if not rating.get("points") or not rating.get("criterion"):
            return None
        levels = [self.node(["CriterionLevel"], edge["to"]) for edge in self.edges("HAS_LEVEL", rating["criterion"])]
        reached = [
            (Decimal(row["points"]), self.home_rank(row.get("level"), row.get("scale"), at))
            for row in levels
            if row.get("points") and Decimal(row["points"]) <= Decimal(rating["points"])
        ]
        return max(reached)[1] if reached else 0

    def ended_at(self, evidence: Row) -> int:
        """With `attempts: latest` a later attempt of the person, a failed one too, ends what earlier ones support."""
        about = self.node(["Assessment"], evidence.get("about"))
        if evidence["kind"] != "assessment" or about.get("attempts") != "latest":
            return FOR_EVER
        person = self.person_of[evidence["learner"]]
        later = [
            self.shown_at(other)
            for other in self.table("Evidence")
            if other["kind"] == "assessment" and other.get("about") == evidence["about"]
            if self.person_of.get(other["learner"]) == person and not self.supports_nothing(other)
            if self.shown_at(other) > self.shown_at(evidence)
        ]
        return min(later, default=FOR_EVER)

    @cached_property
    def supports(self) -> Mapping[str, Sequence[Support]]:
        """person -> all that is supported."""
        found: dict[str, list[Support]] = {person: [] for person in self.persons}
        for row in self.table("Evidence"):
            if not self.supports_nothing(row):
                since, until = self.shown_at(row), min(self.expires_at(row), self.ended_at(row))
                unverified = row.get("verification") == "unverified"
                found[self.person_of[row["learner"]]] += [
                    Support(skill, level, since, until, row["kind"], unverified, row["id"])
                    for skill, level in self.levels_of(row).items()
                    if since < until
                ]
        return found

    def held(self, person: str, skill: str, at: int, counting: Counting = BY_DEFAULT) -> int:
        """The highest level of the intervals that contain `at`, 0 if none."""
        return max(
            (support.level for support in self.counted(person, at, counting) if support.skill == skill), default=0
        )

    def counted(self, person: str, at: int, counting: Counting) -> list[Support]:
        return [each for each in self.supports[person] if each.since <= at < each.until and counting.counts(each, at)]

    def holds_credential(self, person: str, credential: str, at: int, verified_only: bool = False) -> bool:
        """The credential itself is held while that evidence holds; only `verified_only` touches it."""
        return any(
            self.shown_at(row) <= at < self.expires_at(row)
            for row in self.table("Evidence")
            if row["kind"] == "credential" and row.get("about") == credential
            if self.person_of[row["learner"]] == person and not self.supports_nothing(row)
            if not (verified_only and row.get("verification") == "unverified")
        )


def lower_median(levels: Iterable[int]) -> int:
    ordered = sorted(levels)
    return ordered[(len(ordered) - 1) // 2]
