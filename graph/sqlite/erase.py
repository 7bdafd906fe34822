"""Erasure in the tables: a person leaves the graph, the history, and what loads put aside; see `graph.erasure`."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.erasure import about_people, counted, hashes_left
from graph.kinds import NODES
from graph.mentions import Blanking
from graph.person import Person
from graph.report import ErasureReport
from graph.secret import Secret
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.mentions import Mentions
from graph.sqlite.people import SqlitePeople
from graph.sqlite.putaside import remove_held_rows, silence_loads
from graph.sqlite.schema import quoted


@dataclass
class Erasure:
    """One erasure, inside the caller's write transaction."""

    db: sqlite3.Connection
    layout: Layout
    secret: Secret
    person: Person
    removed: Counter[str] = field(default_factory=Counter)

    def run(self) -> ErasureReport:
        """Remove everything and say what; the change record is the caller's."""
        names = self.person.names(self.layout.model)
        self._collect()
        self._remember_hashes()
        history = self._remove_history()
        self._remove_edges()
        blanked = Mentions(self.db, self.layout, self._blanking(names)).take_out()
        self._remove_rows()
        self._remove_labels()
        self._remove_tombstones()
        held_rows = remove_held_rows(self.db, self.person.ids, names, self._ids())
        self.db.execute("DROP TABLE temp.erasing")
        silence_loads(self.db, names)
        return ErasureReport(self.person.ids, counted(self.removed), counted(blanked), history, held_rows)

    def _collect(self) -> None:
        """Everything that goes, as (space, key, id) in a table that lives in memory."""
        self.db.execute(
            "CREATE TEMP TABLE erasing (space TEXT, key INTEGER, id TEXT, PRIMARY KEY (space, key)) WITHOUT ROWID"
        )
        records = (NODES, json.dumps(self.person.ids), json.dumps(sorted(self.layout.people)))
        for table in ("node", "tombstone"):
            self.db.execute(
                f"INSERT OR IGNORE INTO temp.erasing SELECT ?1, key, id FROM {table} "
                "WHERE id IN (SELECT value FROM json_each(?2)) AND type IN (SELECT value FROM json_each(?3))",
                records,
            )
        for kind, name in about_people(self.layout):
            self._collect_about(kind, name)
        for fact in self.layout.facts:
            self._collect_removed(fact)

    def _collect_removed(self, kind: NodeKind) -> None:
        """Facts that were removed earlier: their history knows whom they were about, their tombstone the id."""
        id = "coalesce((SELECT id FROM tombstone t WHERE t.space = ?1 AND t.key = h.start LIMIT 1), '')"
        self.db.execute(
            f"INSERT OR IGNORE INTO temp.erasing SELECT DISTINCT ?1, h.start, {id} FROM history h WHERE h.person <> 0 "
            "AND h.person IN (SELECT key FROM temp.erasing WHERE space = ?2) AND h.type = ?3 AND h.end = 0",
            (kind.space, NODES, kind.number),
        )

    def _collect_about(self, kind: NodeKind, name: str) -> None:
        """Records of one type whose property leads to what goes."""
        going = "(SELECT key FROM temp.erasing WHERE space = ?2)"
        more: tuple[Any, ...] = ()
        if name in kind.in_columns:
            chosen = f"{quoted(name)} IN {going}"
        else:
            among = "SELECT start FROM reference WHERE type = ?3 AND property = ?4 AND end = 0 AND target IN"
            chosen, more = f"{kind.p}key IN ({among} {going})", (kind.number, name)
        query = f"SELECT ?1, {kind.p}key, {kind.p}id FROM {kind.table} WHERE {chosen}"
        bound = (kind.space, kind.references[name].space, *more)
        self.db.execute(f"INSERT OR IGNORE INTO temp.erasing {query}", bound)

    def _remember_hashes(self) -> None:
        now = int(time.time())
        salts = SqlitePeople(self.db, self.layout).salts()
        rows = [(hash, now) for hash in hashes_left(self.secret, self.person, self._ids(), salts)]
        self.db.executemany("INSERT OR IGNORE INTO erased (hash, at) VALUES (?, ?)", rows)
        self.db.execute("INSERT OR REPLACE INTO meta VALUES ('secret_check', ?)", (self.secret.check(),))

    def _blanking(self, names: Sequence[str]) -> Blanking:
        return Blanking(self.layout.model, self.secret, names, self._ids())

    def _ids(self) -> list[str]:
        """Ids of everything that goes."""
        return [id for (id,) in self.db.execute("SELECT id FROM temp.erasing WHERE id <> ''")]

    def _remove_history(self) -> int:
        """Superseded versions of the person's facts and of edges at the person's records."""
        gone = 0
        for node in self.layout.nodes.values():
            gone += self._delete("history", "type = ?2 AND end = 0 AND start", node.space, node.number)
        for edge, side, space in sides(self.layout):
            gone += self._delete("history", f"type = ?2 AND end <> 0 AND {side}", space, edge.number)
        return gone

    def _remove_edges(self) -> None:
        for edge, side, space in sides(self.layout):
            self.removed[edge.name] += self._delete("edge", f"type = ?2 AND {side}", space, edge.number)
            self._delete("statement", f"type = ?2 AND {side}", space, edge.number)
            self._delete("reference", f"type = ?2 AND end <> 0 AND {side}", space, edge.number)

    def _remove_rows(self) -> None:
        for kind in self.layout.nodes.values():
            if kind.columnar:
                self.removed[kind.name] += self._delete(kind.table, "1 = ?2 AND _key", kind.space, 1)
            else:
                self.removed[kind.name] += self._delete("node", "type = ?2 AND key", NODES, kind.number)
            self._delete("reference", "type = ?2 AND end = 0 AND start", kind.space, kind.number)

    def _remove_labels(self) -> None:
        """The word indexes are made anew: SQLite before 3.42 leaves words in them that were deleted, even earlier."""
        for table in ("label", "person_label"):
            if self._delete(table, "1 = ?2 AND node", NODES, 1) or table == "person_label":
                self.db.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')")

    def _remove_tombstones(self) -> None:
        for space in self.layout.spaces:
            self.db.execute(
                "DELETE FROM tombstone WHERE space = ?1 AND key IN (SELECT key FROM temp.erasing WHERE space = ?1)",
                (space,),
            )
        ids = "(SELECT id FROM temp.erasing WHERE id <> '')"
        self.db.execute(f"DELETE FROM edge_tombstone WHERE start IN {ids} OR end IN {ids}")

    def _delete(self, table: str, condition: str, space: str, number: int) -> int:
        """Delete where the condition's last column holds a key of the space that goes."""
        query = f"DELETE FROM {table} WHERE {condition} IN (SELECT key FROM temp.erasing WHERE space = ?1)"
        return self.db.execute(query, (space, number)).rowcount


def sides(layout: Layout) -> Iterator[tuple[EdgeKind, str, str]]:
    """Each edge type with each of its ends' columns and key space."""
    for edge in layout.edges.values():
        yield edge, "start", edge.start_space
        yield edge, "end", edge.end_space
