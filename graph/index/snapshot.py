"""All that the index holds at one change number, and building it from the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive import Rules
from graph.derive.joins import join
from graph.index.evidence_ids import EvidenceIds
from graph.index.facts import Owners, Reader, Rows, id_handles, in_order, of_somebody
from graph.index.gather import Gathered, gather
from graph.index.held import Holding
from graph.index.moments import Moments
from graph.index.owners import NewerOwners
from graph.index.people import BasePeople, People
from graph.index.read import read_rules
from graph.index.records import group, read_identities, read_learners
from graph.index.settle import settle
from graph.index.sorting import rows_among, table
from graph.index.tables import Layered, Table
from graph.index.vocabulary import Relation, Vocabulary, read_sub_units, read_vocabulary
from graph.persons import Contradiction
from graph.settings import Settings
from graph.store import Store

LAYERS = ("skills", "credentials", "groups", "employments", "applications", "records")


@dataclass(frozen=True)
class Base:
    """What was built from a whole scan of the store; never changes."""

    people: BasePeople
    tables: Mapping[str, Table]  # one a layer
    owners: Mapping[str, Owners]  # of each type of facts; of Evidence only what stands in no table: see `owners_of`
    moments: Moments  # at which anything in the tables starts or ends
    evidence_end: int  # above the keys of all evidence there was

    @cached_property
    def holding(self) -> Mapping[str, Holding]:
        """The levels held of skills and of credentials that are kept."""
        return {name: Holding(len(self.people.primary)) for name in ("skills", "credentials")}

    @cached_property
    def evidence_ids(self) -> EvidenceIds:
        """The ids that are kept of evidence which answers have shown."""
        return EvidenceIds()

    def owners_of(self, type_name: str, handles: NDArray[np.int64]) -> set[int]:
        """See `Snapshot.owners_of`. Of evidence that the base may know, every row of the tables is looked at: some
        50 ms for 20 million."""
        known, persons = self.owners[type_name]
        fitting = handles[(handles >= 0) & (handles <= np.iinfo(known.dtype).max)].astype(known.dtype)
        found = set(persons[join(fitting, known)[1]].tolist())
        older = handles[handles < self.evidence_end]
        for layer in ("skills", "credentials") if type_name == "Evidence" and len(older) else ():
            columns = self.tables[layer].columns
            found.update(columns["person"][rows_among(columns["evidence"], older)].tolist())
        return found


@dataclass(frozen=True)
class Snapshot:
    """A base, what became of it since, and the rules and vocabulary that held at `number`."""

    number: int
    base: Base
    people: People
    layers: Mapping[str, Layered]
    owners: Mapping[str, NewerOwners]  # of each type of facts, newer than the base's
    rules: Rules
    vocabulary: Vocabulary
    sub_units: Relation
    places: Mapping[str, int]  # location text -> number
    contradictions: tuple[Contradiction, ...]

    @classmethod
    def over(cls, base: Base, **rest: Any) -> Snapshot:
        """A base to which nothing has happened yet; `rest` are the fields that do not follow from it."""
        layers = {name: Layered(table) for name, table in base.tables.items()}
        return cls(base=base, people=People(base.people), layers=layers, owners={}, **rest)

    @property
    def overlaid(self) -> int:
        """How many persons of the base no longer count as they stand there."""
        changed = self.layers["skills"].changed
        return 0 if changed is None else int(changed.sum())

    def owners_of(self, type_name: str, handles: NDArray[np.int64]) -> set[int]:
        """Whom these facts are or were about, where it matters; may name more persons than that, never fewer.

        Evidence concerns those whose rows rest on it. What supports nothing concerns nobody, with one exception: an
        attempt at an assessment of which the latest counts ends earlier ones; these stand in `owners`.
        """
        found = self.base.owners_of(type_name, handles)
        return found.union(self.owners.get(type_name, NewerOwners()).persons(handles)) - {-1}

    def at(self, number: int) -> Snapshot:
        """The same, at another change number."""
        return replace(self, number=number)


def build(store: Store, settings: Settings, number: int, gathered: Callable[[], Gathered] | None = None) -> Snapshot:
    """Everything, from one scan of each table of the state that has this change number.

    `gathered` gives what all evidence of that state supports, where others have read it.
    """
    rules, vocabulary, sub_units = read_rules(store), read_vocabulary(store), read_sub_units(store)
    learners = read_learners(store)
    grouping = group(learners, identities := read_identities(store), settings)
    people = BasePeople.of(learners.ids, learners.keys, grouping)
    persons_of = people.persons_of
    places: dict[str, int] = {}
    reader = Reader(store, rules, persons_of, places, None)
    stated, owners = _stated(reader.stated(learners)), dict(reader.owners)
    owners["Identity"] = in_order(id_handles(identities.ids), persons_of(identities.learner))
    contradictions = grouping.contradictions
    del learners, identities, grouping
    evidence = gather(store, rules) if gathered is None else gathered()
    settled = settle(evidence, stated, persons_of)
    tables = {**settled.tables, **stated}
    owners = {name: of_somebody(each) for name, each in {**owners, **settled.owners}.items()}
    base = Base(people, tables, owners, settled.moments, evidence.end)
    return Snapshot.over(
        base,
        number=number,
        rules=rules,
        vocabulary=vocabulary,
        sub_units=sub_units,
        places=places,
        contradictions=contradictions,
    )


def _stated(rows: Mapping[str, Rows]) -> dict[str, Table]:
    return {name: table(each.group, each.columns) for name, each in rows.items()}
