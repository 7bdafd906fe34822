"""Design section 4: profiles, and who matches them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.oracle.holding import BY_DEFAULT, CLAIMED, SHOWN, TAUGHT, Counting, Holding
from tests.oracle.rows import in_force

PARTS = 420  # lcm(1..7)
STRENGTH = (CLAIMED, TAUGHT, SHOWN)


@dataclass(frozen=True)
class Requirement:
    """One line of a profile."""

    skill: str
    level: int
    weight: int = 1
    kind: str = "essential"
    reach: str = "exact"
    proof: str = "any"


@dataclass(frozen=True)
class Profile:
    requirements: tuple[Requirement, ...]
    credentials: tuple[str, ...] = ()
    threshold: Decimal = Decimal("0.8")


@dataclass(frozen=True)
class Met:
    """What a person has towards one requirement."""

    requirement: Requirement
    held: int
    evidence_class: str | None = None
    through: str | None = None
    evidence: frozenset[str] = frozenset()

    @property
    def is_met(self) -> bool:
        return self.held >= self.requirement.level


@dataclass(frozen=True)
class Match:
    """One row of role-matches."""

    person: str
    rank: int
    ready: bool
    points: int
    of: int
    met: int
    required: int
    requirements: tuple[Met, ...]


class Matching(Holding):
    """Matches by brute force."""

    def reach(self, skill: str, narrower: bool) -> set[str]:
        """The smallest set that holds the skill and, with each in it, what counts for it."""
        reached = {skill}
        while True:
            more = {other for each in reached for other in self.counting_for(each, narrower)} - reached
            if not more:
                return reached
            reached |= more

    def counting_for(self, skill: str, narrower: bool) -> Iterator[str]:
        """Its EXACT_MATCHes both ways, what it replaces, and what is narrower."""
        for edge in self.table("EXACT_MATCH"):
            if edge["from"] == skill:
                yield edge["to"]
            if edge["to"] == skill:
                yield edge["from"]
        for row in self.table("Skill"):
            if skill in row.get("replaced_by", "").split("|"):
                yield row["id"]
        for edge in self.table("BROADER"):
            if narrower and edge["to"] == skill:
                yield edge["from"]

    def profile(self, id: str, at: int) -> Profile:
        """Of a role, or of a requisition: if it has requirements, they replace the role's."""
        role = self.node(["Role"], id)
        if role:
            credentials = tuple(sorted(edge["to"] for edge in self.edges("REQUIRES_CREDENTIAL", id)))
            return Profile(self.requirements(id, at), credentials, Decimal(role.get("threshold") or "0.8"))
        requisition = self.node(["Requisition"], id)
        roles = [self.profile(edge["to"], at) for edge in self.edges("FOR_ROLE", id)]
        base = roles[0] if roles else Profile(())
        own = {edge["to"] for edge in self.edges("REQUIRES_CREDENTIAL", id)}
        threshold = requisition.get("threshold")
        return Profile(
            self.requirements(id, at) or base.requirements,
            tuple(sorted(own | set(base.credentials))),
            Decimal(threshold) if threshold else base.threshold,
        )

    def requirements(self, id: str, at: int) -> tuple[Requirement, ...]:
        """For REQUIRES the one in force at the instant counts; levels below the lowest ask for nothing."""
        found = [
            Requirement(
                edge["to"],
                self.home_rank(edge["level"], edge.get("scale"), at),
                int(edge.get("weight") or 1),
                edge.get("kind") or "essential",
                edge.get("reach") or "exact",
                edge.get("proof") or "any",
            )
            for edge in self.edges("REQUIRES", id)
            if in_force(edge, at)
        ]
        return tuple(requirement for requirement in found if requirement.level >= 1)

    def met(self, person: str, requirement: Requirement, at: int, counting: Counting) -> Met:
        """e(r), and what it rests on: the strongest class, the required skill before others, then the smallest id."""
        reached = self.reach(requirement.skill, requirement.reach == "narrower")
        proofs = [
            support
            for support in self.counted(person, at, counting)
            if support.skill in reached and (requirement.proof != "shown" or support.evidence_class == SHOWN)
        ]
        if not proofs:
            return Met(requirement, 0)
        level = max(support.level for support in proofs)
        best = [support for support in proofs if support.level == level]
        strongest = max((support.evidence_class for support in best), key=STRENGTH.index)
        candidates = {support.skill for support in best if support.evidence_class == strongest}
        through = requirement.skill if requirement.skill in candidates else min(candidates)
        evidence = frozenset(support.evidence for support in best if support.skill == through)
        return Met(requirement, level, strongest, through, evidence)

    def role_matches(
        self,
        profile: Profile,
        at: int,
        counting: Counting = BY_DEFAULT,
        people: Iterable[str] | None = None,
    ) -> list[Match]:
        """All rows, ranked. `people` narrows who is ranked, never how; who has no points is not in the answer."""
        chosen = set(self.persons if people is None else people)
        found = [row for person in chosen if (row := self.match(person, profile, at, counting)).points > 0]
        found.sort(key=lambda row: (not row.ready, -row.points, row.person))
        ranks = {(row.ready, row.points): place for place, row in reversed(list(enumerate(found, start=1)))}
        return [Match(**{**vars(row), "rank": ranks[row.ready, row.points]}) for row in found]

    def match(self, person: str, profile: Profile, at: int, counting: Counting) -> Match:
        """One person's row, not ranked yet."""
        mets = tuple(self.met(person, requirement, at, counting) for requirement in profile.requirements)
        core = [met for met in mets if met.requirement.kind in ("must", "essential")]
        points, of = sum(map(gained, mets)), sum(met.requirement.weight * PARTS for met in mets)
        core_points, core_of = sum(map(gained, core)), sum(met.requirement.weight * PARTS for met in core)
        ready = (
            bool(core)
            and all(met.is_met for met in mets if met.requirement.kind == "must")
            and all(self.holds_credential(person, each, at, counting.verified_only) for each in profile.credentials)
            and core_points >= profile.threshold * core_of
        )
        return Match(person, 0, ready, points, of, sum(met.is_met for met in mets), len(mets), mets)


def gained(met: Met) -> int:
    """r.w * min(e(r), r.m) * (420 / r.m)"""
    requirement = met.requirement
    return requirement.weight * min(met.held, requirement.level) * (PARTS // requirement.level)
