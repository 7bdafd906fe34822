"""What one viewer may see: types and properties by scope, people by org unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np

from graph.joining import Stated, alike
from graph.kinds import EdgeKind, Kind, Kinds, NodeKind
from graph.persons import Links, Records, find_persons
from graph.seen import may_know
from graph.settings import Settings
from graph.store import Edge, Node, Value
from graph.tokens import Identities
from graph.viewer import Viewer
from ontology.model import Datatype

MEMBER = "MEMBER_OF"
UNIT, WITHIN = "OrgUnit", "part_of"
JOB, JOB_PERSON, JOB_UNIT = "Employment", "learner", "org_unit"

Read = TypeVar("Read", Node, Edge)

Row = tuple[int | None, Node]
"""A node, and the key of the Learner that it is about."""


class People(Stated, Protocol):
    """What sight asks an engine about people, all of one state; they are keys of Learner records."""

    def named(self, ids: Collection[str]) -> dict[str, int]:
        """Which of the ids are people's records, and their keys."""
        ...

    def records(self, keys: Collection[int]) -> list[tuple[int, str, str]]:
        """(key, id, owning source) of those that are there, in ascending order of ids."""
        ...

    def units(self, ids: Collection[str]) -> set[int]:
        """Keys of org units and of all their sub-units."""
        ...

    def members(self, units: Collection[int], now: int, among: Collection[int] | None) -> set[int]:
        """Who is a member of one of the units at an instant, or employed there; `among` None: of everyone."""
        ...


class Sight:
    """One viewer's sight of one state of the store, at an instant."""

    def __init__(self, people: People, layout: Kinds[Any, Any], viewer: Viewer, settings: Settings, now: int) -> None:
        self._people = people
        self.layout = layout
        self.viewer = viewer
        self.settings = settings
        self.now = now
        self._judged: dict[int, bool] = {}

    @property
    def everyone(self) -> bool:
        """Whether no person is hidden."""
        return self.viewer.org_units is None

    def sees_type(self, kind: NodeKind | EdgeKind) -> bool:
        """Whether records of the type may be seen at all."""
        return may_know(self.layout.model, kind.name, self.viewer)

    def properties(self, kind: Kind, stated: Mapping[str, Value]) -> Mapping[str, Value]:
        """The stated properties that the viewer's scopes show."""
        hidden = self.layout.unread(kind.name, self.viewer)
        if not hidden and self.everyone:
            return stated
        shown = {name: value for name, value in stated.items() if not hidden or name.partition("@")[0] not in hidden}
        return shown if self.everyone else self._without_others(kind, shown)

    def _without_others(self, kind: Kind, shown: dict[str, Value]) -> dict[str, Value]:
        """Properties of a record that may be seen can name other people: those outside are as if absent."""
        for name, value in list(shown.items()):
            each = kind.properties[name.partition("@")[0]]
            if each.names_person or (each.datatype is Datatype.REFERENCE and self._may_be_person(kind, name)):
                ids = value if isinstance(value, tuple) else (str(value),)
                seen = self.names(ids, strangers=not each.names_person)
                kept = tuple(id for id in ids if id in seen)
                if not kept:
                    del shown[name]
                elif isinstance(value, tuple):
                    shown[name] = kept
        return shown

    def _may_be_person(self, kind: Kind, name: str) -> bool:
        return bool(kind.references[name].targets & self.layout.people)

    def names(self, ids: Iterable[str], strangers: bool = True) -> set[str]:
        """Those ids that are no hidden person's; `strangers`: also ids that are no person's at all."""
        chosen = set(ids)
        people = self._people.named(chosen)
        seen = self.people(people.values())
        return {id for id in chosen if (people[id] in seen if id in people else strangers)}

    def nodes(self, kind: NodeKind, rows: Sequence[Row]) -> list[Node]:
        """The nodes of one type that may be seen, with the properties that may be."""
        if not self.sees_type(kind):
            return []
        people = self.people(about for about, _ in rows if about is not None)
        seen = [node for about, node in rows if kind.person is None or self.everyone or about in people]
        return [_with(node, self.properties(kind, node.properties)) for node in seen]

    def edges(self, found: Iterable[Edge]) -> list[Edge]:
        """The edges neither of whose ends is hidden, with the properties that may be seen."""
        edges = list(found)
        kinds = {name: self.layout.edges[name] for name in {edge.type for edge in edges}}
        allowed = {name for name, kind in kinds.items() if self.sees_type(kind)}
        edges = [edge for edge in edges if edge.type in allowed]
        joining = () if self._knows_people else {name for name, kind in kinds.items() if self._may_join_people(kind)}
        if some := [edge for edge in edges if edge.type in joining]:
            people = self._people.named({end for edge in some for end in (edge.start, edge.end)})
            edges = [edge for edge in edges if edge.start not in people and edge.end not in people]
        if not self.everyone:
            seen = self.names({end for edge in edges for end in (edge.start, edge.end)})
            edges = [edge for edge in edges if edge.start in seen and edge.end in seen]
        return [_with(edge, self.properties(kinds[edge.type], edge.properties)) for edge in edges]

    def _may_join_people(self, kind: EdgeKind) -> bool:
        return bool((kind.ends_of(incoming=False) | kind.ends_of(incoming=True)) & self.layout.people)

    @cached_property
    def _knows_people(self) -> bool:
        """Whether the viewer may know of people at all."""
        return all(self.sees_type(each) for each in self.layout.nodes.values() if each.number in self.layout.people)

    def people(self, keys: Iterable[int]) -> set[int]:
        """Those Learner keys whose person may be seen."""
        wanted = set(keys)
        if self.everyone:
            return wanted
        unknown = wanted - self._judged.keys()
        if unknown:
            self._judge(unknown)
        return {key for key in wanted if self._judged[key]}

    @cached_property
    def seen(self) -> set[int]:
        """The Learner keys of everyone who may be seen; only for a viewer limited to units, whose size it costs."""
        return self.people(self._connected(self._members(None)))

    def _judge(self, keys: set[int]) -> None:
        """A person is seen when any of the joined records is in one of the viewer's units now."""
        records = self._connected(keys)
        rows = self._people.records(records)
        order = {key: place for place, (key, _, _) in enumerate(rows)}
        stated = [row for row in self._people.identities(records) if row[0] in order]
        grouping = find_persons(
            Records([id for _, id, _ in rows], [source for _, _, source in rows]),
            Identities(
                np.array([order[learner] for learner, _, _ in stated], np.int64),
                [system for _, system, _ in stated],
                [value for _, _, value in stated],
                np.zeros(len(stated), np.bool_),
            ),
            self.settings.source_order,
            self.settings.unique_identities,
            Links.of(self._people.decisions(records), order),
        )
        inside = {int(grouping.person[order[key]]) for key in self._members(records) if key in order}
        self._judged.update((key, int(grouping.person[place]) in inside) for key, place in order.items())
        self._judged.update((key, False) for key in keys - order.keys())

    def _connected(self, keys: set[int]) -> set[int]:
        """Records reached over shared identities and decisions from these."""
        reached: set[int] = set()
        fresh = set(keys)
        while fresh:
            reached |= fresh
            fresh = alike(self._people, fresh) - reached
        return reached

    def _members(self, among: set[int] | None) -> set[int]:
        return self._people.members(self._units, self.now, among) if self._units else set()

    @cached_property
    def _units(self) -> set[int]:
        """Keys of the viewer's units and of all their sub-units."""
        return self._people.units(self.viewer.org_units or frozenset())


def _with(record: Read, properties: Mapping[str, Value]) -> Read:
    """The record with these properties; itself where they are its own, which is most often and half the time."""
    return record if properties is record.properties else replace(record, properties=properties)
