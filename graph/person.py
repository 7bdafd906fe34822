"""Which Learner records are one person, and what names that person: asked of a store, one person at a time.

The rules are those of `graph.persons`; this follows shared identities and decisions outward from one record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from graph.boundary import property_of
from graph.persons import OTHER, SAME, Links, Records, find_persons
from graph.settings import Settings
from graph.store import Edge, Node
from graph.tokens import Identities
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

    def expand(self, ids: Sequence[str], viewer: Viewer, types: Sequence[str], /) -> list[Edge]: ...

    def alike(self, ids: Collection[str], /) -> set[str]: ...


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
    nodes = store.many(sorted(_connected(store, id)), OPERATOR)
    ids = sorted(nodes)
    identities = store.facts(IDENTITY, {"learner": ids}, OPERATOR)
    decided = [(each.type, each.start, each.end) for each in store.expand(ids, OPERATOR, [SAME, OTHER])]
    members = _grouped(nodes, identities, decided, settings)[id]
    own = [each for each in identities if each.properties["learner"] in members]
    pairs = dict.fromkeys((str(each.properties["system"]), str(each.properties["value"])) for each in own)
    ordered = sorted(members, key=lambda member: (member != id, member))
    return Person(tuple(nodes[member] for member in ordered), tuple(pairs))


def _connected(store: Asked, id: str) -> set[str]:
    """Records reached over shared identities and decisions."""
    reached: set[str] = set()
    fresh = {id}
    while fresh:
        reached |= fresh
        fresh = store.alike(fresh) - reached
    return reached


def _grouped(
    nodes: Mapping[str, Node], identities: Sequence[Node], decided: Sequence[tuple[str, str, str]], settings: Settings
) -> Mapping[str, set[str]]:
    """Of each of the connected records, those that are one person with it: contradictions take records apart."""
    ids = sorted(nodes)
    places = {record: place for place, record in enumerate(ids)}
    stated = Identities(
        np.array([places[str(each.properties["learner"])] for each in identities], np.int64),
        [str(each.properties["system"]) for each in identities],
        [str(each.properties["value"]) for each in identities],
        np.array([each.properties.get("verified") is False for each in identities], np.bool_),
    )
    records = Records(ids, [nodes[record].source for record in ids])
    links = Links.of(decided, places)
    person = find_persons(records, stated, settings.source_order, settings.unique_identities, links).person.tolist()
    members: dict[int, set[str]] = {}
    for record, number in zip(ids, person, strict=True):
        members.setdefault(number, set()).add(record)
    return {record: members[number] for record, number in zip(ids, person, strict=True)}


def _addressed(record: Node, model: Model) -> Iterator[str]:
    """The texts of the record that only those may see who may see names: label, e-mail address."""
    kind = model.nodes[record.type]
    for column, value in record.properties.items():
        personal = property_of(kind, column).personal
        if isinstance(value, str) and personal and personal.visible_to == "people":
            yield value
