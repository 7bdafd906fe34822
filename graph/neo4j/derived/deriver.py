"""Brings what is derived up to the store's number and to now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from graph.derive import Rules
from graph.index.read import read_rules
from graph.neo4j.derived.fence import Fence, Overtaken
from graph.neo4j.derived.holding import Holder
from graph.neo4j.derived.kept import supported
from graph.neo4j.derived.persons import Grouper, Persons, Regrouped
from graph.neo4j.derived.reading import NOTHING, Passing, union
from graph.neo4j.derived.supports import Portion, Supporter, portions_of, portions_of_all
from graph.neo4j.derived.touched import Touched, evidence_concerned, learners_before, learners_of, read_touched
from graph.neo4j.shape import derived_for
from graph.store import Busy, Supported

if TYPE_CHECKING:
    from graph.neo4j.engine import Neo4jStore

LOCK = "\0derived"
"""The deriver's; no load has such a name."""

_STATE = (
    "MATCH (s:_Store) RETURN s.number, s.derived, s.derived_for, coalesce(s.derivations, 0), "
    "EXISTS { MATCH (p:Learner) WHERE p._due <= $now }"
)
_COUNT = "MATCH (e:Evidence) RETURN count(e)"
_FEW, _MOST = 10_000, 2  # evidence concerned; when it is more, and more than one in so many, all is derived

_PATIENCE = 600.0  # seconds to wait for who derives
_PAUSES = (0.05, 1.0)  # seconds, at first and at last


@dataclass(frozen=True, slots=True)
class State:
    """How far things are derived."""

    number: int  # of the store
    derived: int | None
    settings: str | None
    derivations: int
    due: bool  # somebody holds other skills than they did

    def true(self, number: int, settings: str) -> bool:
        """Whether everything derived is true of the store at that number or later, if not of now."""
        return self.derived is not None and self.derived >= number and self.settings == settings

    def done(self, number: int, settings: str) -> bool:
        """Whether it is true of now, too."""
        return self.true(number, settings) and not self.due


class Deriver:
    """Derives for one store; safe to use from many threads and processes, of which one derives at a time.

    What is written while it derives is left to the next time: `derived` is set to the number that was read first.
    """

    def __init__(self, store: Neo4jStore, clock: Callable[[], float]) -> None:
        self._store = store
        self._passing = Passing(store.server, store.layout)
        self._clock = clock
        self._turn = Lock()
        self._rules: tuple[int, Rules] | None = None  # not older than that change number

    def catch_up(self) -> None:
        """Make every derived thing true of the store as it is when this is called, or later, and of now.

        Waits for who derives already; raises `Busy` when that takes too long.
        """
        if self._store.read_only:
            return
        number, until, pause = self._store.number(), time.monotonic() + _PATIENCE, _PAUSES[0]
        while not self._state().done(number, self._settings):
            try:
                with self._turn, self._store.hold(LOCK):
                    self._derive(self._state())
            except Overtaken:
                continue
            except Busy:
                if time.monotonic() > until:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, _PAUSES[1])

    def supported(self) -> Iterator[Supported] | None:
        """See `graph.store.Supports`."""
        store = self._store
        return supported(store.states, store.url, store.model, self._settings)

    @property
    def _settings(self) -> str:
        """What persons depend on beside the facts."""
        return derived_for(self._store.settings)

    def _state(self) -> State:
        rows = self._store.server.read(_STATE, now=int(self._clock()))
        if not rows:
            self._store.server.counts()  # raises, since there is no store any more
        return State(*rows[0])

    def _derive(self, state: State) -> None:
        fence = Fence(self._store.server, state.derivations)
        new = not state.true(state.number, self._settings)
        if new:
            self._derive_changes(fence, state)
        for steps in Holder(self._store.server.read, self._store.model, int(self._clock())).renewals():
            fence.write(steps)
        if new:
            fence.finish(state.number, self._settings)

    def _derive_changes(self, fence: Fence, state: State) -> None:
        """Persons come last: as long as they are as before, it can be seen again whom their joining concerns."""
        ask = self._store.server.read
        if state.derived is not None and state.settings == self._settings:
            touched = read_touched(ask, self._store.layout, state.derived, state.number)
        else:
            touched = Touched(0, everything=True)
            fence.forget()
        supporter = Supporter(self._passing, self._current_rules(touched, state.number))
        regrouped, persons, portions = self._concerned(touched)
        for portion in portions:
            fence.write(supporter.steps(portion, persons))
        fence.write(regrouped.steps())

    def _concerned(self, touched: Touched) -> tuple[Regrouped, Persons, Iterator[Portion]]:
        """The records grouped anew, all records concerned, and the evidence to derive."""
        ask = self._store.server.read
        grouper = Grouper(self._passing, self._store.settings)
        evidence = NOTHING if touched.everything else evidence_concerned(ask, self._store.layout, touched)
        if touched.everything or (len(evidence) > _FEW and len(evidence) * _MOST > ask(_COUNT)[0][0]):
            everyone = grouper.everyone()
            return everyone, everyone.persons, portions_of_all(everyone.persons)
        regrouped = grouper.touched(touched)
        facts, learners = learners_of(ask, evidence)
        before = learners_before(ask, touched)
        others = np.setdiff1d(union(learners, before), regrouped.persons.records)
        persons = regrouped.persons.with_others(grouper.known(others))
        left = persons.persons_of(before)
        return regrouped, persons, portions_of(persons, facts, learners, union(regrouped.affected, left[left > 0]))

    def _current_rules(self, touched: Touched, number: int) -> Rules:
        """Rules of any other number than the derived one may be of a state that a backup took the place of."""
        at, rules = self._rules or (-1, None)
        if rules is None or at != touched.since or touched.everything or touched.rules(self._store.layout):
            rules = read_rules(self._passing)
        self._rules = number, rules
        return rules
