"""What one viewer may see: types and properties by scope, people by org unit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from graph.kinds import IDENTITY
from graph.persons import Identities, Records, find_persons
from graph.settings import Settings
from graph.sqlite.layout import EdgeKind, Kind, Layout, NodeKind
from graph.sqlite.schema import quoted
from graph.store import Edge, Value
from graph.viewer import Viewer
from ontology.model import Datatype, Property
from ontology.values import OPEN

_MEMBER = "MEMBER_OF"
_UNIT, _WITHIN = "OrgUnit", "part_of"
_JOB, _JOB_PERSON, _JOB_UNIT = "Employment", "learner", "org_unit"


class Sight:
    """One viewer's sight of one state of the store, at an instant."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, viewer: Viewer, settings: Settings, now: int) -> None:
        self.db = db
        self.layout = layout
        self.viewer = viewer
        self.settings = settings
        self.now = now
        self._judged: dict[int, bool] = {}
        self._hidden: dict[str, frozenset[str]] = {}

    @property
    def everyone(self) -> bool:
        """Whether no person is hidden."""
        return self.viewer.org_units is None

    def sees_type(self, kind: NodeKind | EdgeKind) -> bool:
        """Whether records of the type may be seen at all."""
        declared = self.layout.model.type(kind.name)
        return declared.personal is None or self.viewer.may(declared.personal.visible_to)

    def properties(self, kind: Kind, stated: Mapping[str, Value]) -> dict[str, Value]:
        """The stated properties that the viewer's scopes show."""
        hidden = self._hidden.get(kind.name)
        if hidden is None:
            hidden = frozenset(name for name, each in kind.properties.items() if not self._sees(each))
            self._hidden[kind.name] = hidden
        shown = {name: value for name, value in stated.items() if not hidden or name.partition("@")[0] not in hidden}
        return shown if self.everyone else self._without_others(kind, shown)

    def _sees(self, each: Property) -> bool:
        if each.protected and not self.viewer.may("audit"):
            return False
        return each.personal is None or self.viewer.may(each.personal.visible_to)

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
        query = (
            "SELECT n.id, n.key FROM json_each(?) j CROSS JOIN node n ON n.id = j.value "
            "WHERE n.type IN (SELECT value FROM json_each(?))"
        )
        people = dict(self.db.execute(query, (json.dumps(sorted(chosen)), json.dumps(sorted(self.layout.people)))))
        seen = self.people(people.values())
        return {id for id in chosen if (people[id] in seen if id in people else strangers)}

    def edges(self, found: Iterable[Edge]) -> list[Edge]:
        """The edges neither of whose ends is hidden, with the properties that may be seen."""
        edges = list(found)
        kinds = {name: self.layout.edges[name] for name in {edge.type for edge in edges}}
        allowed = {name for name, kind in kinds.items() if self.sees_type(kind) and self._sees_ends(kind)}
        edges = [edge for edge in edges if edge.type in allowed]
        if not self.everyone:
            seen = self.names({end for edge in edges for end in (edge.start, edge.end)})
            edges = [edge for edge in edges if edge.start in seen and edge.end in seen]
        return [replace(edge, properties=self.properties(kinds[edge.type], edge.properties)) for edge in edges]

    def _sees_ends(self, kind: EdgeKind) -> bool:
        side = self.layout.person_end(kind)
        return side is None or all(
            self.sees_type(each) for each in self.layout.nodes.values() if each.number in self.layout.people
        )

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
        members = self._members(None)
        records, _ = self._connected(members)
        return self.people(records)

    def _judge(self, keys: set[int]) -> None:
        """A person is seen when any of the joined records is in one of the viewer's units now."""
        records, identities = self._connected(keys)
        query = (
            "SELECT n.key, n.id, s.name FROM json_each(?) j CROSS JOIN node n ON n.key = j.value "
            "JOIN source s ON s.number = n.source ORDER BY n.id"
        )
        rows = self.db.execute(query, (json.dumps(sorted(records)),)).fetchall()
        order = {key: place for place, (key, _, _) in enumerate(rows)}
        stated = [row for row in identities if row[0] in order]
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
        )
        inside = {int(grouping.person[order[key]]) for key in self._members(records) if key in order}
        self._judged.update((key, int(grouping.person[place]) in inside) for key, place in order.items())
        self._judged.update((key, False) for key in keys - order.keys())

    def _connected(self, keys: set[int]) -> tuple[set[int], list[tuple[int, str, str]]]:
        """Records reached over shared identities from these, and (record, system, value) of every joining identity."""
        table = self.layout.node_kind(IDENTITY).table
        stated = (
            f"SELECT i.learner, i.system, i.value FROM json_each(?) j CROSS JOIN {table} i ON i.learner = j.value "
            "WHERE i.verified IS NOT 0 AND i.system IS NOT NULL AND i.value IS NOT NULL"
        )
        sharing = (
            f"SELECT DISTINCT i.learner FROM json_each(?) j CROSS JOIN {table} i "
            "ON i.value = json_extract(j.value, '$[1]') AND i.system = json_extract(j.value, '$[0]') "
            "WHERE i.verified IS NOT 0 AND i.learner IS NOT NULL"
        )
        reached: set[int] = set()
        identities: list[tuple[int, str, str]] = []
        fresh = set(keys)
        while fresh:
            reached |= fresh
            found = self.db.execute(stated, (json.dumps(sorted(fresh)),)).fetchall()
            identities += found
            pairs = sorted({(system, value) for _, system, value in found})
            fresh = {learner for (learner,) in self.db.execute(sharing, (json.dumps(pairs),))} - reached
        return reached, identities

    def _members(self, records: set[int] | None) -> set[int]:
        """Those records (None: all records) that are in one of the units, or employed there, now."""
        if not self._units:
            return set()
        member, job = self.layout.kind(_MEMBER).number, self.layout.node_kind(_JOB).table
        person, unit = f"e.{quoted(_JOB_PERSON)}", f"e.{quoted(_JOB_UNIT)}"
        units = "(SELECT value FROM json_each(?1))"
        in_force = f"coalesce({{}}, 0) <= ?2 AND coalesce({{}}, {OPEN}) > ?2"
        stated = in_force.format("json_extract(e.props, '$.since')", "json_extract(e.props, '$.until')")
        parameters: tuple[str | int, ...] = (json.dumps(sorted(self._units)), self.now)
        if records is None:
            edges, jobs = f"edge e WHERE e.type = {member} AND", f"{job} e WHERE {person} IS NOT NULL AND"
        else:
            edges = f"json_each(?3) j CROSS JOIN edge e ON e.type = {member} AND e.start = j.value WHERE"
            jobs = f"json_each(?3) j CROSS JOIN {job} e ON {person} = j.value WHERE"
            parameters = (*parameters, json.dumps(sorted(records)))
        queries = (
            f"SELECT e.start FROM {edges} e.end IN {units} AND {stated}",
            f"SELECT {person} FROM {jobs} {unit} IN {units} AND {in_force.format('e.since', 'e.until')}",
        )
        return {key for query in queries for (key,) in self.db.execute(query, parameters)}

    @cached_property
    def _units(self) -> set[int]:
        """Keys of the viewer's units and of all their sub-units."""
        query = (
            "WITH RECURSIVE unit (key) AS (SELECT n.key FROM json_each(?1) j JOIN node n ON n.id = j.value "
            "UNION SELECT r.start FROM unit JOIN reference r ON r.target = unit.key AND r.type = ?2 "
            f"AND r.property = '{_WITHIN}' AND r.end = 0) SELECT key FROM unit"
        )
        given = json.dumps(sorted(self.viewer.org_units or ()))
        return {key for (key,) in self.db.execute(query, (given, self.layout.kind(_UNIT).number))}
