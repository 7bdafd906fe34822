"""Hires as people mean them: one that several systems tell of is one, and every record stays as its source states it.

Two records of different sources are one hire when they are of one person (`graph.persons`) and begin at most `NEAR`
apart: one system knows the day on which the person begins, another the day on which that was agreed. A source counts
its own hires itself: two of one source are two. Nothing is written, so whoever is parted has two hires again. Decision
015.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.index.records import group, read_identities, read_learners
from graph.settings import Settings
from graph.store import Store

NEAR = 120 * 86_400
"""Seconds: a notice period of a quarter, and a month until it begins."""


@dataclass(frozen=True, slots=True)
class Told:
    """A Hire of one source."""

    id: str
    source: str
    started_at: int


@dataclass(frozen=True, slots=True)
class JoinedHire:
    """One hire; `told` are its records, those of sources that stand first in the declared order before others."""

    person: str
    told: tuple[Told, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Its provenances."""
        return tuple(each.source for each in self.told)


def hires(store: Store, settings: Settings) -> list[JoinedHire]:
    """Every hire, by person and by when it begins."""
    with store.snapshot():
        learners = read_learners(store)
        grouping = group(learners, read_identities(store), settings)
        primary = grouping.primary[grouping.person]
        person = dict(zip(learners.keys.tolist(), (learners.ids[place] for place in primary.tolist()), strict=True))
        of: dict[str, list[Told]] = {}
        for batch in store.scan("Hire", ["id", "source", "learner", "started_at"]):
            columns = (batch.arrays[name].tolist() for name in ("id", "source", "learner", "started_at"))
            for id, source, learner, started_at in zip(*columns, strict=True):
                if learner in person:
                    of.setdefault(person[learner], []).append(Told(id, source, started_at))
    order = {name: place for place, name in enumerate(settings.source_order)}
    return [
        JoinedHire(who, tuple(sorted(some, key=lambda told: (order.get(told.source, len(order)), told.id))))
        for who in sorted(of)
        for some in _together(sorted(of[who], key=lambda told: (told.started_at, told.id)))
    ]


def _together(told: Sequence[Told]) -> Iterator[list[Told]]:
    """Records of one person that are one hire; each stands with the earliest hire that has none of its source yet."""
    found: list[list[Told]] = []
    for each in told:
        fitting = (
            some
            for some in found
            if each.started_at - some[0].started_at <= NEAR and all(other.source != each.source for other in some)
        )
        into = next(fitting, None)
        if into is None:
            found.append([each])
        else:
            into.append(each)
    yield from found
