"""What loads put aside and said in the store's file: rows and messages that name an erased person."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from graph.ledger import HeldRow
from graph.ledger_rows import HELD_COLUMNS, held_row
from graph.putaside import Search, naming, texts_of


def remove_held_rows(db: sqlite3.Connection, people: Sequence[str], names: Sequence[str], facts: Iterable[str]) -> int:
    """Forget rejected, waiting and conflicting rows that name the person; returns how many.

    A row too many does no harm: its source still has it.
    """
    found = [(key,) for key in rows_naming(db, people, names, facts)]
    db.executemany("DELETE FROM held_row WHERE key = ?", found)
    return len(found)


def rows_naming(db: sqlite3.Connection, people: Sequence[str], names: Sequence[str], facts: Iterable[str]) -> list[int]:
    """Keys of the held rows that name the person."""
    search = naming(people, names, facts)
    return [key for key, row in _rows(db) if search.finds(texts_of(row))]


def silence_loads(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """A load's message may quote a bad value: one that names the person is dropped."""
    search = Search(names)
    for load, text in db.execute("SELECT id, counts FROM load").fetchall():
        counts = json.loads(text)
        if search.finds([counts.get("message", "")]):
            db.execute("UPDATE load SET counts = ? WHERE id = ?", (json.dumps(counts | {"message": ""}), load))


def _rows(db: sqlite3.Connection) -> Iterator[tuple[int, HeldRow]]:
    for key, *cells in db.execute(f"SELECT key, {', '.join(HELD_COLUMNS)} FROM held_row"):
        yield key, held_row(cells)
