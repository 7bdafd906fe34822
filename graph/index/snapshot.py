"""All that the index holds at one change number, and building it from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive import Rules
from graph.derive.joins import join
from graph.index.facts import Owners, Reader, id_handles, in_order
from graph.index.people import BasePeople, People
from graph.index.read import read_rules
from graph.index.records import group, read_identities, read_learners
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
    owners: Mapping[str, Owners]  # of each type of facts


@dataclass(frozen=True)
class Snapshot:
    """A base, what became of it since, and the rules and vocabulary that held at `number`."""

    number: int
    base: Base
    people: People
    layers: Mapping[str, Layered]
    owners: Mapping[str, Mapping[int, frozenset[int]]]  # type -> handle -> persons, newer than the base's
    rules: Rules
    vocabulary: Vocabulary
    sub_units: Relation
    places: Mapping[str, int]  # location text -> number
    contradictions: tuple[Contradiction, ...]

    @classmethod
    def over(cls, base: Base, **rest: Any) -> Snapshot:
        """A base to which nothing has happened yet; `rest` are the fields that do not follow from it."""
        layers = {name: Layered(table, table.empty()) for name, table in base.tables.items()}
        return cls(base=base, people=People(base.people), layers=layers, owners={}, **rest)

    @property
    def overlaid(self) -> int:
        """How many persons of the base no longer count as they stand there."""
        changed = self.layers["skills"].changed
        return 0 if changed is None else int(changed.sum())

    def owners_of(self, type_name: str, handles: NDArray[np.int64]) -> set[int]:
        """Whom these facts are or were about; may name more persons than that, never fewer."""
        table, persons = self.base.owners[type_name]
        found = set(persons[join(handles, table)[1]].tolist())
        newer = self.owners.get(type_name, {})
        return found.union(*(newer.get(handle, ()) for handle in handles.tolist())) - {-1}

    def at(self, number: int) -> Snapshot:
        """The same, at another change number."""
        return replace(self, number=number)


def build(store: Store, settings: Settings, number: int) -> Snapshot:
    """Everything, from one scan of each table of the state that has this change number."""
    rules, vocabulary, sub_units = read_rules(store), read_vocabulary(store), read_sub_units(store)
    learners = read_learners(store)
    grouping = group(learners, identities := read_identities(store), settings)
    people = BasePeople.of(learners.ids, learners.keys, grouping)
    persons_of = People(people).persons_of
    places: dict[str, int] = {}
    reader = Reader(store, rules, persons_of, places, None)
    facts = reader.facts(learners)
    owners = dict(facts.owners)
    owners["Identity"] = in_order(id_handles(identities.ids), persons_of(identities.learner))
    tables = {name: Table.build(rows.group, rows.columns) for name, rows in facts.rows.items()}
    return Snapshot.over(
        Base(people, tables, owners),
        number=number,
        rules=rules,
        vocabulary=vocabulary,
        sub_units=sub_units,
        places=places,
        contradictions=grouping.contradictions,
    )
