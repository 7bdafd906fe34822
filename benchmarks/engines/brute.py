"""The rule itself over the generator's own columns, everyone sorted: slow, and what all others are held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.contract import Asked, Best, Counted, Need, Row
from benchmarks.population import CLAIMED, KINDS, TAUGHT, UNVERIFIED, Facts, Population
from benchmarks.tables import cohort

Levels = NDArray[np.uint8]


class Brute:
    """Reads the facts of the skills that are asked for."""

    name = "brute force"

    def __init__(self, people: Population) -> None:
        self._people = people

    def ready(self, asked: Asked) -> Best:
        facts = {skill: self._people.of_skill(skill) for need in asked.needs for skill in need.skills}
        among = None if not asked.in_cohort else cohort(self._people)
        return lambda: ranked(
            self._people.people, asked, [self._held(need, facts, asked.counted) for need in asked.needs], among
        )

    def _held(self, need: Need, facts: Mapping[int, Facts], counted: Counted) -> Levels:
        held = np.zeros(self._people.people, np.uint8)
        for skill in need.skills:
            some = facts[skill]
            counts = counting(some, counted, need.proof == "shown")
            np.maximum.at(held, some.person[counts], some.level[counts])
        return held


def counting(facts: Facts, counted: Counted, only_shown: bool) -> NDArray[np.bool_]:
    """Which facts count."""
    kinds = np.array([name in counted.kinds if counted.kinds else name != KINDS[CLAIMED] for name in KINDS])
    if only_shown:
        kinds &= np.array([at not in (TAUGHT, CLAIMED) for at in range(len(KINDS))])
    counts = (facts.since <= counted.at) & (counted.at < facts.until) & kinds[facts.kind]
    if counted.years:
        counts &= facts.since >= years_before(counted.at, counted.years)
    if counted.verified_only:
        counts &= facts.verification != UNVERIFIED
    return np.asarray(counts)


def years_before(at: int, years: int) -> int:
    """The same moment so many years ago; not of a 29 February."""
    moment = datetime.fromtimestamp(at, UTC)
    return int(moment.replace(year=moment.year - years).timestamp())


def ranked(people: int, asked: Asked, held: Iterable[Levels], among: NDArray[np.int64] | None = None) -> Sequence[Row]:
    """The first of a ranking, of everybody or of some, from what everybody holds towards each need."""
    points, core, met = (np.zeros(people, np.int64) for _ in range(3))
    for need, levels in zip(asked.needs, held, strict=True):
        gained = need.gain * np.minimum(levels, need.level).astype(np.int64)
        points += gained
        core += gained * need.core
        met += (levels >= need.level) & (need.kind == "must")
    ready = (met == asked.musts) & (core >= asked.least) & any(need.core for need in asked.needs)
    who = np.flatnonzero(points) if among is None else among[points[among] > 0]
    first = who[np.lexsort((who, -points[who], ~ready[who]))][: asked.limit]
    return [(int(person), bool(ready[person]), int(points[person])) for person in first]
