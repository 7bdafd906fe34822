"""Labels by the words they hold, out of the full-text tables.

What the user typed is folded to plain words, and these reach FTS5 quoted, in a bound parameter: its syntax has no say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from graph.search import CANDIDATES, PREFERRED, Among, Label, Pattern
from graph.sqlite.layout import Layout


@dataclass
class Vocabulary:
    """The words of the labels, kept between searches until something is written."""

    words: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # table -> state, words

    def of(self, db: sqlite3.Connection, table: str, state: int) -> list[str]:
        """All words of a label table in the state that `state` counts."""
        known = self.words.get(table)
        if known is None or known[0] != state:
            known = self.words[table] = (state, [word for (word,) in db.execute(f"SELECT term FROM {table}_terms")])
        return known[1]


class SqliteLabels:
    """See `graph.search.Labels`; `state` counts what was written."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, vocabulary: Vocabulary, state: int) -> None:
        self._db = db
        self._layout = layout
        self._vocabulary = vocabulary
        self._state = state

    def matching(self, pattern: Pattern, among: Among) -> Iterator[Label]:
        table = _table(among.personal)
        query = (
            f"SELECT l.node, n.type, l.kind, l.language, l.text, l.folded FROM {table}_words w "
            f"CROSS JOIN {table} l ON l.key = w.rowid CROSS JOIN node n ON n.key = l.node WHERE w.folded MATCH ?1 "
            "AND n.type IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR l.language = ?3) "
            "AND (?5 IS NULL OR n.type NOT IN (SELECT value FROM json_each(?6)) "
            "OR l.node IN (SELECT value FROM json_each(?5))) "
            "ORDER BY length(l.folded), l.kind, l.key LIMIT ?4"
        )
        kinds = json.dumps([kind.number for kind in among.kinds])
        seen = None if among.people is None else json.dumps(sorted(among.people))
        people = json.dumps(sorted(self._layout.people))
        parameters = (_fts(pattern), kinds, among.language, CANDIDATES, seen, people)
        for node, kind, place, tag, text, folded in self._db.execute(query, parameters):
            yield Label(node, self._layout.names[kind], place, tag, text, folded)

    def words(self, personal: bool, near: Sequence[str], exact: Collection[str]) -> Sequence[str]:  # noqa: ARG002
        return self._vocabulary.of(self._db, _table(personal), self._state)

    def head(self, found: Label, language: str) -> tuple[str, str]:
        table = self._layout.node_kind(found.type).labels_table
        query = (
            f"SELECT text FROM {table} WHERE node = ? AND kind = {PREFERRED} ORDER BY language <> ?, language LIMIT 1"
        )
        row = self._db.execute(query, (found.node, language)).fetchone()
        (id,) = self._db.execute("SELECT id FROM node WHERE key = ?", (found.node,)).fetchone()
        return id, str(row[0]) if row else ""


def _table(personal: bool) -> str:
    return "person_label" if personal else "label"


def _fts(pattern: Pattern) -> str:
    """The pattern in FTS5's syntax."""
    if pattern.match == "first":
        return f'^ "{" ".join(word for (word,) in pattern.words)}"'
    end = '"*' if pattern.match == "begun" else '"'
    return " AND ".join("(" + " OR ".join(f'"{word}{end}' for word in words) + ")" for words in pattern.words)
