"""The arithmetic of design section 4, in whole numbers over columns: who holds what, points, readiness.

Nothing here can see names or protected attributes: it is given postings and a profile. Points fit 64 bits by far: a
weight is at most 10,000, so a hundred million requirements would be needed to leave them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.evidence import EvidenceClass, classes
from graph.index import Index, Postings
from ontology.model import Model
from queries.ages import Span, spans_within
from queries.profile import Profile, Requirement

Levels = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts inside held(), at one instant.

    Claimed evidence counts only when its kind is named. Required credentials heed the instant and `verified_only`,
    never the kinds and the age.
    """

    at: int
    counted: Mask  # by the code of an evidence kind
    shown: Mask  # by the code of an evidence kind: its class is shown
    classes: tuple[EvidenceClass, ...]  # of kinds of evidence, by code - 1
    young: tuple[Span, ...] = ()  # when it may have been shown, where an age was asked for
    verified_only: bool = False

    def of_skills(self, postings: Postings) -> Mask:
        """Which intervals count for skills."""
        counting = self.of_credentials(postings) & self.counted[postings.kind]
        if self.young:
            since = postings.since
            counting &= np.any([(since >= first) & (since < end) for first, end in self.young], axis=0)
        return counting

    def of_credentials(self, postings: Postings) -> Mask:
        """Which intervals count for required credentials."""
        at = np.uint32(self.at)
        inside = (postings.since <= at) & (at < postings.until)
        return inside & ~postings.unverified if self.verified_only else inside

    def class_of(self, code: int) -> EvidenceClass:
        """The class of an evidence kind's code."""
        return self.classes[code - 1]


class Counted(Protocol):
    """The parameters that choose what counts, as several questions have them."""

    @property
    def as_of(self) -> int | None: ...
    @property
    def evidence_kinds(self) -> Sequence[str] | None: ...
    @property
    def max_age(self) -> str | None: ...
    @property
    def verified_only(self) -> bool: ...


def counting(model: Model, parameters: Counted, at: int) -> Counting:
    """What counts at an instant."""
    classed = classes(model)
    known = tuple(classed)
    wanted = counted_kinds(model, parameters.evidence_kinds)
    shown = [kind for kind in known if classed[kind] == "shown"]
    young = () if parameters.max_age is None else tuple(spans_within(parameters.max_age, at))
    of_kinds = tuple(classed.values())
    return Counting(at, _codes(known, wanted), _codes(known, shown), of_kinds, young, parameters.verified_only)


def counted_kinds(model: Model, asked_for: Sequence[str] | None) -> list[str]:
    """The kinds of evidence that count: those named, else all but what is only claimed."""
    classed = classes(model)
    return [kind for kind, each in classed.items() if (each != "claimed" if asked_for is None else kind in asked_for)]


def _codes(known: Sequence[str], wanted: Iterable[str]) -> Mask:
    table = np.zeros(256, dtype=np.bool_)
    table[[known.index(kind) + 1 for kind in wanted]] = True
    return table


@dataclass(frozen=True)
class Match:
    """Everyone's points for a profile; arrays are by person number."""

    profile: Profile
    counting: Counting
    postings: Postings  # what counts, of every skill in reach
    reaches: Sequence[tuple[str, ...]]  # one a requirement
    points: Numbers
    ready: Mask
    held_credentials: Postings

    @cached_property
    def requirements_of(self) -> Mapping[str, tuple[int, ...]]:
        """The positions of the requirements that a skill is in reach of."""
        return requirements_of(self.reaches)


def match(index: Index, profile: Profile, counts: Counting) -> Match:
    """Points and readiness of everyone."""
    reaches = reaches_of(index, profile.requirements)
    postings = index.postings(tuple(dict.fromkeys(skill for reach in reaches for skill in reach)))
    postings = postings.where(counts.of_skills(postings))
    points, preferred, musts = _points(index.people.count, profile, reaches, _Slices.of(postings), counts)
    credentials = index.credentials(profile.credentials)
    credentials = credentials.where(counts.of_credentials(credentials))
    ready = musts & _holds_all(credentials, len(profile.credentials), index.people.count)
    ready &= (points - preferred) * 1000 >= profile.threshold * profile.core_of
    ready &= profile.core_of > 0
    return Match(profile, counts, postings, reaches, points, ready, credentials)


def _points(
    people: int, profile: Profile, reaches: Sequence[tuple[str, ...]], slices: _Slices, counts: Counting
) -> tuple[Numbers, Numbers, Mask]:
    """Everyone's points, how many of them are of preferred requirements, and who meets every must."""
    narrow = np.int32 if profile.of < 2**31 else np.int64
    points: NDArray[Any] = np.zeros(people, dtype=narrow)
    preferred: NDArray[Any] = np.zeros(people, dtype=narrow)
    musts = np.ones(people, dtype=np.bool_)
    for requirement, reach in zip(profile.requirements, reaches, strict=True):
        levels = slices.levels(requirement, reach, counts, people)
        gained = np.multiply(levels, requirement.gain, dtype=narrow)
        points += gained
        if not requirement.core:
            preferred += gained
        if requirement.kind == "must":
            musts &= levels >= requirement.level
    return points.astype(np.int64), preferred.astype(np.int64), musts


def reaches_of(index: Index, requirements: Iterable[Requirement]) -> list[tuple[str, ...]]:
    """The skills that count for each requirement."""
    return [index.reach(one.skill, one.reach == "narrower") for one in requirements]


def requirements_of(reaches: Iterable[Iterable[str]]) -> Mapping[str, tuple[int, ...]]:
    """Skill -> the positions of the requirements it is in reach of."""
    found: dict[str, list[int]] = {}
    for place, reach in enumerate(reaches):
        for skill in reach:
            found.setdefault(skill, []).append(place)
    return {skill: tuple(places) for skill, places in found.items()}


def _holds_all(credentials: Postings, wanted: int, people: int) -> Mask:
    held = np.zeros(people, dtype=np.int64)
    for place in range(wanted):
        one = np.zeros(people, dtype=np.bool_)
        one[credentials.person[credentials.skill == place]] = True
        held += one
    everything: Mask = held == wanted
    return everything


@dataclass(frozen=True, slots=True)
class _Slices:
    """Postings grouped by skill, so that each requirement reads only its own."""

    place: Mapping[str, int]
    bounds: Numbers
    person: NDArray[np.int32]
    level: Levels
    kind: Levels

    @classmethod
    def of(cls, postings: Postings) -> _Slices:
        skill, chosen = postings.skill, postings
        if len(skill) and np.any(skill[1:] < skill[:-1]):
            chosen = postings.where(np.argsort(skill, kind="stable"))
        bounds = np.searchsorted(chosen.skill, np.arange(len(postings.skills) + 1))
        places = {skill: place for place, skill in enumerate(postings.skills)}
        return cls(places, bounds, chosen.person, chosen.level, chosen.kind)

    def levels(self, requirement: Requirement, reach: Iterable[str], counts: Counting, people: int) -> Levels:
        """min(e(r), m) of everyone: the highest level of what is in reach, no higher than needed."""
        places = sorted(self.place[skill] for skill in reach)
        parts = [slice(start, stop) for start, stop in self.bounds[[(p, p + 1) for p in places]] if start < stop]
        best = np.zeros(people, dtype=np.uint8)
        if not parts:
            return best
        person, level = _joined(self.person, parts), _joined(self.level, parts)
        if requirement.proof == "shown":
            shown = counts.shown[_joined(self.kind, parts)]
            person, level = person[shown], level[shown]
        for step in range(1, requirement.level + 1):
            best[person[level >= step]] = step
        return best


def _joined(column: NDArray[Any], parts: Sequence[slice]) -> NDArray[Any]:
    """The parts of a column as one; a single part is not copied."""
    return column[parts[0]] if len(parts) == 1 else np.concatenate([column[part] for part in parts])


@dataclass(frozen=True, slots=True)
class Held:
    """What a person holds towards one requirement: the level, and the evidence it rests on.

    `through` is the required skill itself where it holds that level, else the first such skill by id, of the
    strongest class; `evidence` are the keys of all that supports that level through that skill.
    """

    level: int = 0
    evidence_class: str | None = None
    through: str | None = None
    evidence: tuple[int, ...] = field(default=())


NOTHING = Held()
STRENGTH = {"claimed": 0, "taught": 1, "shown": 2}


@dataclass(frozen=True, slots=True)
class Interval:
    """One posting, in words."""

    skill: str
    level: int
    evidence_class: str
    since: int
    until: int
    evidence: int


def intervals_of(postings: Postings, counts: Counting) -> dict[int, list[Interval]]:
    """Postings as intervals, by person number."""
    found: dict[int, list[Interval]] = {}
    columns = (postings.person, postings.skill, postings.level, postings.kind, postings.since, postings.until)
    rows = zip(*(column.tolist() for column in columns), postings.evidence.tolist(), strict=True)
    for person, skill, level, kind, since, until, evidence in rows:
        interval = Interval(postings.skills[skill], level, counts.class_of(kind), since, until, evidence)
        found.setdefault(person, []).append(interval)
    return found


def held_of(requirement: Requirement, intervals: Sequence[Interval]) -> Held:
    """What intervals in reach of a requirement come to."""
    if not intervals:
        return NOTHING
    proofs = [one for one in intervals if requirement.proof != "shown" or one.evidence_class == "shown"]
    if not proofs:
        return NOTHING
    level = max(one.level for one in proofs)
    best = [one for one in proofs if one.level == level]
    strongest = max((one.evidence_class for one in best), key=STRENGTH.__getitem__)
    candidates = {one.skill for one in best if one.evidence_class == strongest}
    through = requirement.skill if requirement.skill in candidates else min(candidates)
    return Held(level, strongest, through, tuple(dict.fromkeys(one.evidence for one in best if one.skill == through)))


def explain(match: Match, persons: Sequence[int]) -> dict[int, list[Held]]:
    """What each of some persons holds towards each requirement."""
    chosen = np.zeros(len(match.points), dtype=np.bool_)
    chosen[list(persons)] = True
    intervals = intervals_of(match.postings.where(chosen[match.postings.person]), match.counting)
    return {
        person: held_by(match.profile.requirements, match.requirements_of, intervals.get(person, []))
        for person in persons
    }


def held_by(
    requirements: Sequence[Requirement], places: Mapping[str, tuple[int, ...]], intervals: Iterable[Interval]
) -> list[Held]:
    """What one person's counting intervals come to, requirement by requirement."""
    towards: list[list[Interval]] = [[] for _ in requirements]
    for interval in intervals:
        for place in places.get(interval.skill, ()):
            towards[place].append(interval)
    return [held_of(requirement, found) for requirement, found in zip(requirements, towards, strict=True)]


def points_of(requirements: Sequence[Requirement], held: Sequence[Held], core: bool = False) -> int:
    """One person's points; those of must and essential only with `core`."""
    pairs = zip(requirements, held, strict=True)
    return sum(one.gain * min(has.level, one.level) for one, has in pairs if one.core or not core)


def is_ready(profile: Profile, held: Sequence[Held], credentials: bool) -> bool:
    """Whether one person is ready; `credentials`: holds every required credential."""
    pairs = list(zip(profile.requirements, held, strict=True))
    musts = all(has.level >= one.level for one, has in pairs if one.kind == "must")
    core = points_of(profile.requirements, held, core=True)
    return musts and credentials and profile.core_of > 0 and core * 1000 >= profile.threshold * profile.core_of
