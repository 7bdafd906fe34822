"""Which Learner records are one person, and what names that person: asked of a store, one person at a time.

The rules are those of `graph.persons`; this follows shared identities outward from one record instead of reading all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graph.boundary import property_of
from graph.persons import Identities, Records, find_persons
from graph.settings import Settings
from graph.store import Node
from graph.viewer import OPERATOR, Viewer
from ontology.model import Model, NodeType

IDENTITY = "Identity"  # facts with learner, system, value and verified: design, section 5


class Asked(Protocol):
    """What is asked: a store, or what reads one in the midst of writing; see `graph.store.Store`."""

    @property
    def model(self) -> Model: ...

    def types_of(self, ids: Sequence[str], /) -> list[str | None]: ...

    def many(self, ids: Sequence[str], viewer: Viewer, /) -> dict[str, Node]: ...

    def facts(self, type: str, where: Mapping[str, Sequence[str]], viewer: Viewer, /) -> list[Node]: ...


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the Learner records, first the one asked for, and the identities they state."""

    records: tuple[Node, ...]
    identities: tuple[tuple[str, str], ...]  # (system, value)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(record.id for record in self.records)

    def names(self, model: Model) -> tuple[str, ...]:
        """Every text that stands for the person: ids, identity values, and texts by which the records are addressed."""
        stated = (value for record in self.records for value in _addressed(record, model))
        found = dict.fromkeys([*self.ids, *(value for _, value in self.identities), *stated])
        return tuple(text for text in found if text.strip())


def learner_type(model: Model) -> NodeType:
    """The node type whose records are people."""
    return next(kind for kind in model.nodes.values() if kind.person == "id")


def find_person(store: Asked, id: str, settings: Settings) -> Person | None:
    """The person of a Learner record; None when there is no such record."""
    if store.types_of([id]) != [learner_type(store.model).name]:
        return None
    reached, identities = _connected(store, id)
    nodes = store.many(sorted(reached), OPERATOR)
    members = _same_person(sorted(nodes), nodes, identities, id, settings)
    own = [each for each in identities if each.properties["learner"] in members]
    pairs = dict.fromkeys((str(each.properties["system"]), str(each.properties["value"])) for each in own)
    ordered = sorted(members, key=lambda member: (member != id, member))
    return Person(tuple(nodes[member] for member in ordered), tuple(pairs))


def _connected(store: Asked, id: str) -> tuple[set[str], list[Node]]:
    """Records reached over shared identities, and all identities of these."""
    reached: set[str] = set()
    seen: dict[str, Node] = {}
    fresh = {id}
    while fresh:
        reached |= fresh
        stated = store.facts(IDENTITY, {"learner": sorted(fresh)}, OPERATOR)
        seen.update((each.id, each) for each in stated)
        pairs = {_pair(each) for each in stated if _joins(each)}
        values = sorted({value for _, value in pairs})
        alike = store.facts(IDENTITY, {"value": values}, OPERATOR) if values else []
        joined = [each for each in alike if _joins(each) and _pair(each) in pairs]
        fresh = {str(each.properties["learner"]) for each in joined} - reached
    return reached, list(seen.values())


def _same_person(
    ids: Sequence[str], nodes: dict[str, Node], identities: list[Node], id: str, settings: Settings
) -> set[str]:
    """Of the connected records, those that are one person with the given one: contradictions take records apart."""
    places = {record: place for place, record in enumerate(ids)}
    rows = [each for each in identities if each.properties["learner"] in places]
    stated = Identities(
        np.array([places[str(each.properties["learner"])] for each in rows], np.int64),
        [str(each.properties["system"]) for each in rows],
        [str(each.properties["value"]) for each in rows],
        np.array([not _joins(each) for each in rows], np.bool_),
    )
    records = Records(ids, [nodes[record].source for record in ids])
    person = find_persons(records, stated, settings.source_order, settings.unique_identities).person
    return {record for record, number in zip(ids, person.tolist(), strict=True) if number == person[places[id]]}


def _joins(identity: Node) -> bool:
    return identity.properties.get("verified") is not False


def _pair(identity: Node) -> tuple[str, str]:
    return str(identity.properties["system"]), str(identity.properties["value"])


def _addressed(record: Node, model: Model) -> Iterator[str]:
    """The texts of the record that only those may see who may see names: label, e-mail address."""
    kind = model.nodes[record.type]
    for column, value in record.properties.items():
        personal = property_of(kind, column).personal
        if isinstance(value, str) and personal and personal.visible_to == "people":
            yield value
