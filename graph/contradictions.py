"""Who is not joined though identities would: what is left for somebody to decide, and how to say what was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.index.records import IdentityRows, Learners, group, read_identities, read_learners
from graph.persons import OTHER, SAME, Contradiction
from graph.settings import Settings
from graph.steady import steady
from graph.store import Store
from graph.tokens import Identities, Tokens

_HOW = "load {0}.csv with the columns from, to and rationale (`skillgraph load tables {0}.csv --name decisions`)"
_FIX = {
    True: (
        "If a shared identity is wrong, mend it in the system that states it. If all is right, decide: for two records "
        f"of one person {_HOW.format(SAME)}; for two persons {_HOW.format(OTHER)}."
    ),
    False: (
        f"Decisions disagree with each other or with what the records share: take the {OTHER} away that is wrong, or "
        f"say in {SAME} whose the other records are."
    ),
}


@dataclass(frozen=True, slots=True)
class Shared:
    """An identity that several of the records state; the value in its normal form."""

    system: str
    value: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A contradiction with what would join its members, and what to do about it."""

    system: str
    values: tuple[str, ...]
    members: tuple[str, ...]
    shared: tuple[Shared, ...]
    fix: str


@dataclass(frozen=True, slots=True)
class People:
    """How many records make how many persons, and who is in question."""

    records: int
    persons: int
    contradictions: tuple[Undecided, ...]


def people(store: Store, settings: Settings) -> People:
    """Of one state of the store; all records are read, some seconds for a million."""
    return steady(store, lambda _: _people(store, settings))


def _people(store: Store, settings: Settings) -> People:
    learners, identities = read_learners(store), read_identities(store)
    grouping = group(learners, identities, settings)
    shared = _Sharing(learners, identities, grouping.contradictions)
    undecided = (
        Undecided(each.system, each.values, each.members, shared.among(each.members), _FIX[each.system != OTHER])
        for each in grouping.contradictions
    )
    return People(len(learners.ids), len(grouping.primary), tuple(undecided))


class _Sharing:
    """What the members of contradictions state."""

    def __init__(self, learners: Learners, identities: IdentityRows, found: Sequence[Contradiction]) -> None:
        members = sorted({member for each in found for member in each.members})
        key_of = dict(zip(learners.ids, learners.keys.tolist(), strict=True)) if members else {}
        place = {key_of[member]: place for place, member in enumerate(members)}
        rows = np.flatnonzero(np.isin(identities.learner, list(place))).tolist()
        stated = Identities(
            np.array([place[key] for key in identities.learner[rows].tolist()], np.int64),
            [identities.system[row] for row in rows],
            [identities.value[row] for row in rows],
            identities.unverified[rows],
        )
        tokens = Tokens.of(stated)
        self._names = tokens.names
        self._of: Mapping[str, set[int]] = defaultdict(set)
        for record, number in zip(tokens.record.tolist(), tokens.number.tolist(), strict=True):
            self._of[members[record]].add(number)

    def among(self, members: Sequence[str]) -> tuple[Shared, ...]:
        """The identities that two or more of the members state."""
        stating: dict[int, list[str]] = defaultdict(list)
        for member in members:
            for number in self._of.get(member, ()):
                stating[number].append(member)
        several = sorted((self._names[number], tuple(those)) for number, those in stating.items() if len(those) > 1)
        return tuple(Shared(system, value, those) for (system, value), those in several)
