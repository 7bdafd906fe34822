"""The file of a store that is rebuilt as another was at a change number; see `graph.rebuilding`."""

from __future__ import annotations

from pathlib import Path

from graph.settings import Settings
from graph.sqlite.engine import SqliteStore
from graph.sqlite.opening import prepare
from ontology.model import Model


def new_file(path: Path, model: Model, settings: Settings) -> SqliteStore:
    """An empty store."""
    prepare(path, model)
    return SqliteStore(path, model, settings)


def renumber(made: SqliteStore, number: int) -> None:
    """One change record, the one of the number; everything counts as written by it."""
    with made.connections.writing() as db:
        db.execute("DELETE FROM change")
        db.execute("DELETE FROM change_item")
        facts = (made.layout.table_of(kind.space) for kind in made.layout.facts)
        for table, p in [("node", ""), ("edge", ""), *facts]:
            db.execute(f"UPDATE {table} SET {p}change = ?", (number,))
        if number:
            source = db.execute("SELECT min(number) FROM source").fetchone()[0]
            db.execute("INSERT INTO change (number, at, source) SELECT ?, unixepoch(), ?", (number, source))
