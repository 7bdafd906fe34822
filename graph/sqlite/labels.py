"""The labels that are searched: keeping the full-text tables in step with the nodes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graph.folding import fold
from graph.sqlite.layout import NodeKind


def add_labels(db: sqlite3.Connection, kind: NodeKind, nodes: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Index the labels of (key, properties)."""
    table = kind.labels_table
    last = db.execute(f"SELECT coalesce(max(key), 0) FROM {table}").fetchone()[0]
    rows = [(number, *row) for number, row in enumerate(_labels(kind, nodes), last + 1)]
    db.executemany(f"INSERT INTO {table} (key, node, kind, language, text, folded) VALUES (?, ?, ?, ?, ?, ?)", rows)
    db.executemany(f"INSERT INTO {table}_words (rowid, folded) VALUES (?, ?)", ((row[0], row[5]) for row in rows))


def drop_labels(db: sqlite3.Connection, kind: NodeKind, keys: Iterable[int]) -> None:
    """Forget the labels of nodes."""
    table, chosen = kind.labels_table, json.dumps(list(keys))
    query = f"SELECT key, folded FROM {table} WHERE node IN (SELECT value FROM json_each(?))"
    gone = db.execute(query, (chosen,)).fetchall()
    forget = f"INSERT INTO {table}_words ({table}_words, rowid, folded) VALUES ('delete', ?, ?)"
    db.executemany(forget, gone)
    db.execute(f"DELETE FROM {table} WHERE node IN (SELECT value FROM json_each(?))", (chosen,))


def _labels(kind: NodeKind, nodes: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, int, str, str, str]]:
    """(node, kind, language, text, folded); "" is the deployment's own language."""
    for key, properties in nodes:
        for name, value in properties.items():
            base, _, language = name.partition("@")
            number = kind.labels.get(base)
            if number is not None:
                for text in (value,) if isinstance(value, str) else value:
                    yield key, number, language, text, fold(text)


def labels_of(kind: NodeKind, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The searched part of properties, to see whether it changed."""
    return {name: value for name, value in properties.items() if name.partition("@")[0] in kind.labels}
