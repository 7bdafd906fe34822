"""What sight asks about people, of one state of a store file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from graph.kinds import IDENTITY
from graph.sight import JOB, JOB_PERSON, JOB_UNIT, MEMBER, UNIT, WITHIN, Identified
from graph.sqlite.layout import Layout
from graph.sqlite.schema import quoted
from ontology.values import OPEN


class SqlitePeople:
    """See `graph.sight.People`."""

    def __init__(self, db: sqlite3.Connection, layout: Layout) -> None:
        self._db = db
        self._layout = layout

    def named(self, ids: Collection[str]) -> dict[str, int]:
        query = (
            "SELECT n.id, n.key FROM json_each(?) j CROSS JOIN node n ON n.id = j.value "
            "WHERE n.type IN (SELECT value FROM json_each(?))"
        )
        return dict(self._db.execute(query, (_json(ids), _json(self._layout.people))))

    def records(self, keys: Collection[int]) -> list[tuple[int, str, str]]:
        query = (
            "SELECT n.key, n.id, s.name FROM json_each(?) j CROSS JOIN node n ON n.key = j.value "
            "JOIN source s ON s.number = n.source ORDER BY n.id"
        )
        return self._db.execute(query, (_json(keys),)).fetchall()

    def identities(self, keys: Collection[int]) -> Identified:
        query = (
            f"SELECT i.learner, i.system, i.value FROM json_each(?) j CROSS JOIN {self._identities} i "
            "ON i.learner = j.value WHERE i.verified IS NOT 0 AND i.system IS NOT NULL AND i.value IS NOT NULL"
        )
        return self._db.execute(query, (_json(keys),)).fetchall()

    def sharing(self, pairs: Collection[tuple[str, str]]) -> set[int]:
        query = (
            f"SELECT DISTINCT i.learner FROM json_each(?) j CROSS JOIN {self._identities} i "
            "ON i.value = json_extract(j.value, '$[1]') AND i.system = json_extract(j.value, '$[0]') "
            "WHERE i.verified IS NOT 0 AND i.learner IS NOT NULL"
        )
        return {learner for (learner,) in self._db.execute(query, (_json(pairs),))}

    def units(self, ids: Collection[str]) -> set[int]:
        query = (
            "WITH RECURSIVE unit (key) AS (SELECT n.key FROM json_each(?1) j JOIN node n ON n.id = j.value "
            "UNION SELECT r.start FROM unit JOIN reference r ON r.target = unit.key AND r.type = ?2 "
            f"AND r.property = '{WITHIN}' AND r.end = 0) SELECT key FROM unit"
        )
        return {key for (key,) in self._db.execute(query, (_json(ids), self._layout.kind(UNIT).number))}

    def members(self, units: Collection[int], now: int, among: Collection[int] | None) -> set[int]:
        member, job = self._layout.kind(MEMBER).number, self._layout.node_kind(JOB).table
        person, unit = f"e.{quoted(JOB_PERSON)}", f"e.{quoted(JOB_UNIT)}"
        inside = "IN (SELECT value FROM json_each(?1))"
        in_force = f"coalesce({{}}, 0) <= ?2 AND coalesce({{}}, {OPEN}) > ?2"
        stated = in_force.format("json_extract(e.props, '$.since')", "json_extract(e.props, '$.until')")
        parameters: tuple[str | int, ...] = (_json(units), now)
        if among is None:
            edges, jobs = f"edge e WHERE e.type = {member} AND", f"{job} e WHERE {person} IS NOT NULL AND"
        else:
            edges = f"json_each(?3) j CROSS JOIN edge e ON e.type = {member} AND e.start = j.value WHERE"
            jobs = f"json_each(?3) j CROSS JOIN {job} e ON {person} = j.value WHERE"
            parameters = (*parameters, _json(among))
        queries = (
            f"SELECT e.start FROM {edges} e.end {inside} AND {stated}",
            f"SELECT {person} FROM {jobs} {unit} {inside} AND {in_force.format('e.since', 'e.until')}",
        )
        return {key for query in queries for (key,) in self._db.execute(query, parameters)}

    @property
    def _identities(self) -> str:
        return self._layout.node_kind(IDENTITY).table


def _json(values: Iterable[Any]) -> str:
    return json.dumps(sorted(values))
