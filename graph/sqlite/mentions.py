"""Rows about others that name an erased person, in the tables; see `graph.mentions`."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import Any

import orjson

from graph.mentions import Blanking, may_name, naming_properties
from graph.rows import props_text, read_props
from graph.sqlite.layout import EdgeKind, Kind, Layout, NodeKind
from graph.sqlite.schema import quoted
from ontology.model import Property

_GOING = "(SELECT key FROM temp.erasing WHERE space = ?1)"


class Mentions:
    """What names the person in rows that stay; `temp.erasing` holds what goes, as (space, key, id)."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, blanking: Blanking) -> None:
        self.db = db
        self.layout = layout
        self.blanking = blanking
        self.spaces = {space for (space,) in db.execute("SELECT DISTINCT space FROM temp.erasing")}
        self.blanked: Counter[str] = Counter()

    def take_out(self) -> Counter[str]:
        """Rows changed, by `Type.property`."""
        for space in sorted(self.spaces):
            for fact, name in self.layout.referring(space):
                self._reference_column(fact, name, space)
        for kind in self.layout.kinds():
            self._reference_rows(kind)
            if naming_properties(kind, self.layout.model):
                self._live(kind)
                self._superseded(kind)
        return self.blanked

    def _live(self, kind: Kind) -> None:
        if isinstance(kind, NodeKind) and kind.columnar:
            for each in kind.columns:
                self._text_column(kind, each)
        else:
            self._json(kind)

    def _reference_column(self, kind: NodeKind, name: str, space: str) -> None:
        column = quoted(name)
        done = self.db.execute(
            f"UPDATE {kind.table} SET {column} = NULL WHERE {column} IN {_GOING} "
            "AND _key NOT IN (SELECT key FROM temp.erasing WHERE space = ?2)",
            (space, kind.space),
        )
        self.blanked[f"{kind.name}.{name}"] += done.rowcount

    def _reference_rows(self, kind: Kind) -> None:
        for name, reference in kind.references.items():
            self.db.execute(
                f"DELETE FROM reference WHERE target IN {_GOING} AND type = ?2 AND property = ?3",
                (reference.space, kind.number, name),
            )

    def _text_column(self, kind: NodeKind, each: Property) -> None:
        """Texts of one column: names of people, and lists of ids, which stand as JSON."""
        if not may_name(each, self.layout.model) or each.name in kind.in_columns:
            return
        column = quoted(each.name)
        condition = f"{_holds(column)}" if each.many else f"{column} IN (SELECT value FROM json_each(?1))"
        wanted = self._written() if each.many else json.dumps(list(self.blanking.pseudonyms))
        rows = self.db.execute(
            f"SELECT _key, {column} FROM {kind.table} WHERE {condition} "
            "AND _key NOT IN (SELECT key FROM temp.erasing WHERE space = ?2)",
            (wanted, kind.space),
        ).fetchall()
        changed = []
        for key, text in rows:
            value = self.blanking.value(each, tuple(orjson.loads(text)) if each.many else text)
            changed.append((orjson.dumps(value).decode() if each.many and value else value, key))
        self.db.executemany(f"UPDATE {kind.table} SET {column} = ? WHERE _key = ?", changed)
        self.blanked[f"{kind.name}.{each.name}"] += len(changed)

    def _json(self, kind: Kind) -> None:
        """Nodes and edges whose properties stand as JSON."""
        if isinstance(kind, EdgeKind):
            found = self._naming(f"SELECT start, end, props FROM edge WHERE type = ?2 AND {_holds('props')}", kind)
            self._rewrite(kind, found, "UPDATE edge SET props = ? WHERE type = ? AND start = ? AND end = ?", None)
        else:
            found = self._naming(f"SELECT key, props FROM node WHERE type = ?2 AND {_holds('props')}", kind)
            self._rewrite(kind, found, "UPDATE node SET props = ? WHERE type = ? AND key = ?", "{}")

    def _superseded(self, kind: Kind) -> None:
        found = self._naming(
            f"SELECT start, end, until, props FROM history WHERE type = ?2 AND {_holds('props')}", kind
        )
        query = "UPDATE history SET props = ? WHERE type = ? AND start = ? AND end = ? AND until = ?"
        self._rewrite(kind, found, query, None)

    def _naming(self, query: str, kind: Kind) -> list[Any]:
        return self.db.execute(query, (self._written(), kind.number)).fetchall()

    def _rewrite(self, kind: Kind, rows: list[Any], query: str, empty: str | None) -> None:
        for *key, text in rows:
            before = read_props(text)
            stated = self.blanking.without(kind, before)
            if stated != before:
                self.db.execute(query, (props_text(stated, empty), kind.number, *key))
                self.blanked.update(
                    f"{kind.name}.{name}" for name, value in before.items() if stated.get(name) != value
                )

    def _written(self) -> str:
        """Every text to look for, as JSON writes it."""
        return json.dumps([orjson.dumps(text).decode()[1:-1] for text in self.blanking.texts], ensure_ascii=False)


def _holds(column: str) -> str:
    """The condition that a text holds one of the texts of parameter 1."""
    return f"EXISTS (SELECT 1 FROM json_each(?1) WHERE instr({column}, value))"
