"""What sight asks about people, of one state of a store file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from graph.alike import HASHABLE, MARK, MARK_AS_SAID, SALTED
from graph.joining import Decided, Hashes, Identified, Stating
from graph.keys import unpack_keys
from graph.kinds import IDENTITY
from graph.persons import OTHER, SAME
from graph.sight import JOB, JOB_PERSON, JOB_UNIT, MEMBER, UNIT, WITHIN
from graph.sqlite.layout import Layout
from graph.sqlite.schema import HASHED, SALT, quoted
from graph.sqlite.write import number_of
from ontology.values import OPEN


class SqlitePeople:
    """See `graph.sight.People`."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, hashes: Hashes | None = None) -> None:
        self.hashes = hashes or Hashes()
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

    def decisions(self, keys: Collection[int]) -> Decided:
        found: Decided = []
        for name in (SAME, OTHER):
            number = self._layout.kind(name).number
            for end in ("start", "end"):
                query = (
                    f"SELECT e.start, e.end FROM json_each(?) j CROSS JOIN edge e ON e.{end} = j.value "
                    f"AND e.type = {number}"
                )
                found += ((name, *ends) for ends in self._db.execute(query, (_json(keys),)))
        return found

    def marked(self, marks: Collection[str]) -> set[int]:
        found: set[int] = set()
        for name in (MARK, MARK_AS_SAID):
            query = (
                f"SELECT i.learner FROM json_each(?) j CROSS JOIN {self._identities} i "
                f"ON i.{name} = j.value "
                "WHERE i.verified IS NOT 0 AND i.learner IS NOT NULL"
            )
            found.update(learner for (learner,) in self._db.execute(query, (_json(marks),)))
        return found

    def salts(self) -> set[tuple[str, str]]:
        """From one salt to the next, since many identities have the same."""
        query = f"SELECT min({SALT}) FROM {self._identities} WHERE {HASHED} AND system = ? AND {SALT} {{}} ?"
        found: set[tuple[str, str]] = set()
        for system in SALTED:
            ((salt,),) = self._db.execute(query.format(">="), (system, ""))
            while salt is not None:
                found.add((system, salt))
                ((salt,),) = self._db.execute(query.format(">"), (system, salt))
        return found

    def hashable(self, since: int) -> tuple[int, Iterable[Stating]]:
        number = number_of(self._db)
        if since >= 0:
            return number, [row for row in self.stating(self._written(since)) if row[1] in HASHABLE]
        query = (
            f"SELECT _key, system, value FROM {self._identities} WHERE system IN (SELECT value FROM json_each(?)) "
            "AND value IS NOT NULL AND verified IS NOT 0"
        )
        return number, self._db.execute(query, (_json(HASHABLE),))

    def _written(self, since: int) -> list[int]:
        """The keys of identities that were written after a change."""
        query = "SELECT keys FROM change_item WHERE change > ? AND type = ?"
        rows = self._db.execute(query, (since, self._layout.kind(IDENTITY).number))
        return [key for (packed,) in rows for key in unpack_keys(packed, edges=False).tolist()]

    def stating(self, keys: Collection[int]) -> list[Stating]:
        query = (
            f"SELECT i._key, i.system, i.value FROM json_each(?) j CROSS JOIN {self._identities} i ON i._key = j.value "
            "WHERE i.system IS NOT NULL AND i.value IS NOT NULL AND i.verified IS NOT 0"
        )
        return self._db.execute(query, (_json(keys),)).fetchall()

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
