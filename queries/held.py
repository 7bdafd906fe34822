"""What some persons hold towards each requirement, through which skill, on which evidence: worked out in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import join, starts_of
from graph.index import Postings
from queries.counting import STRENGTH, Counting
from queries.profile import Profile, Requirement

Reach = tuple[str, ...]
Numbers = NDArray[np.int64]


class Held(NamedTuple):
    """What a person holds towards one requirement: the level, and the evidence it rests on.

    `through` is the required skill itself where it holds that level, else the first such skill by id, of the
    strongest class; `evidence` are the keys of all that supports that level through that skill.
    """

    level: int = 0
    evidence_class: str | None = None
    through: str | None = None
    evidence: tuple[int, ...] = ()


NOTHING = Held()


def held_towards(
    postings: Postings,
    counts: Counting,
    persons: Sequence[int],
    requirements: Sequence[Requirement],
    reaches: Sequence[Reach],
) -> dict[int, list[Held]]:
    """What each person holds towards each requirement, by the person's number; `postings` are what counts of them."""
    found = {person: [NOTHING] * len(requirements) for person in persons}
    row, place = _best(postings, counts, requirements, reaches)
    starts = starts_of([postings.person[row], place])
    first = row[starts]
    columns = (
        postings.person[first],
        place[starts],
        postings.level[first],
        postings.kind[first],
        postings.skill[first],
    )
    bounds = pairwise([*starts.tolist(), len(row)])
    evidence = postings.evidence[row].tolist()
    for (start, end), person, number, level, kind, skill in zip(
        bounds, *(each.tolist() for each in columns), strict=True
    ):
        keys = tuple(dict.fromkeys(evidence[start:end]))
        found[person][number] = Held(level, counts.class_of(kind), postings.skills[skill], keys)
    return found


def _best(
    postings: Postings, counts: Counting, requirements: Sequence[Requirement], reaches: Sequence[Reach]
) -> tuple[Numbers, Numbers]:
    """Rows, and the place of the requirement that each is what is held towards: person by person, place by place."""
    row, place = _pairs(postings, counts, requirements, reaches)
    person, level, skill = postings.person[row], postings.level[row].astype(np.int8), postings.skill[row]
    required = {one: position for position, one in enumerate(postings.skills)}
    other = skill != np.array([required.get(one.skill, -1) for one in requirements], np.int32)[place]
    strength = _by_code(counts, STRENGTH)[postings.kind[row]]
    order = np.lexsort((_places_of(postings.skills)[skill], other, -strength, -level, place, person))
    level, skill = level[order], skill[order]
    starts = starts_of([person[order], place[order]])
    best = np.repeat(starts, np.diff(np.append(starts, len(order))))
    same = (level == level[best]) & (skill == skill[best])
    return row[order][same], place[order][same]


def _pairs(
    postings: Postings, counts: Counting, requirements: Sequence[Requirement], reaches: Sequence[Reach]
) -> tuple[Numbers, Numbers]:
    """Every row, and the place of every requirement that it counts for."""
    position = {skill: place for place, skill in enumerate(postings.skills)}
    known = [(place, skill) for place, reach in enumerate(reaches) for skill in reach if skill in position]
    reached = np.array([(position[skill], place) for place, skill in known], np.int64)
    skill, place = reached.reshape(-1, 2)[np.argsort(reached.reshape(-1, 2)[:, 0], kind="stable")].T
    row, pair = join(postings.skill, skill)
    place = place[pair]
    proven = ~np.array([one.proof == "shown" for one in requirements], np.bool_)[place]
    proven |= _by_code(counts, {"shown": 1})[postings.kind[row]] > 0
    return row[proven], place[proven]


def _by_code(counts: Counting, by_class: Mapping[str, int]) -> NDArray[np.int8]:
    """A number for each code of an evidence kind, by the kind's class; 0 for a class without one."""
    return np.array([0, *(by_class.get(each, 0) for each in counts.classes)], np.int8)


def _places_of(ids: Sequence[str]) -> NDArray[np.int32]:
    """The place of each in code-point order."""
    places = np.empty(len(ids), np.int32)
    places[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids), dtype=np.int32)
    return places


def points_of(requirements: Sequence[Requirement], held: Sequence[Held], core: bool = False) -> int:
    """One person's points; those of must and essential only with `core`."""
    pairs = zip(requirements, held, strict=True)
    return sum(one.gain * min(has.level, one.level) for one, has in pairs if one.core or not core)


def is_ready(profile: Profile, held: Sequence[Held], credentials: bool) -> bool:
    """Whether one person is ready; `credentials`: holds every required credential."""
    pairs = list(zip(profile.requirements, held, strict=True))
    musts = all(has.level >= one.level for one, has in pairs if one.kind == "must")
    return musts and credentials and points_of(profile.requirements, held, core=True) >= profile.least
