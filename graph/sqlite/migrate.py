"""Older store files are brought up to date after a copy was made; newer ones are refused.

A step changes the tables from one schema version to the next, in the transaction that `migrate` opened; all steps and
the new version are committed together, so a killed migration leaves the old store as it was.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from graph.errors import NewerStore, NotMigrated, StoreError
from graph.sqlite import schema
from graph.sqlite.connection import connect
from graph.sqlite.faults import not_a_store, told_clearly
from ontology.model import Model

Step = Callable[[sqlite3.Connection, Model], None]


def _cursors(db: sqlite3.Connection, model: Model) -> None:  # noqa: ARG001
    """Version 2 keeps where pulls of a source go on."""
    db.execute("ALTER TABLE source ADD COLUMN cursors TEXT")


STEPS: dict[int, Step] = {1: _cursors}
"""Schema version -> what makes the next version of it. Version 1 is the first there was."""


def schema_version(db: sqlite3.Connection, path: Path) -> int | None:
    """The version the file was written with, None for a file with no table in it; raises for other programs' files."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if not {"meta", "node", "edge", "change"} <= tables:
        raise not_a_store(path)
    row = db.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    if row is None or not isinstance(row[0], int):
        raise not_a_store(path)
    return row[0]


def migrate(
    path: Path,
    model: Model,
    read_only: bool = False,
    *,
    to: int | None = None,
    steps: Mapping[int, Step] = STEPS,
) -> Path | None:
    """Bring the store file to schema version `to` (the program's own); returns the backup copy when one was made."""
    target = schema.VERSION if to is None else to
    with told_clearly(path), closing(connect(path, read_only)) as db:
        found = schema_version(db, path)
        if found is None or found == target:
            return None
        _check(path, found, target, read_only, steps)
        db.execute("BEGIN IMMEDIATE")
        found = schema_version(db, path)  # another process may have been faster
        begin = target if found is None else found
        backup = _back_up(path, begin) if begin < target else None
        for version in range(begin, target):
            steps[version](db, model)
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema_version'", (target,))
        db.execute("COMMIT")
        return backup


def backup_file(path: Path, version: int) -> Path:
    return path.with_name(f"{path.name}.backup-v{version}")


def backups(path: Path) -> list[Path]:
    """Every copy that a migration left beside the store."""
    start = f"{path.name}.backup-v"
    return sorted(each for each in path.parent.iterdir() if each.name.startswith(start))


def _check(path: Path, found: int, target: int, read_only: bool, steps: Mapping[int, Step]) -> None:
    versions = f"its schema version is {found}, this Skillgraph's is {target}"
    if found > target:
        fix = "Upgrade Skillgraph, or open the copy that was made before the migration (PATH.backup-vN)."
        raise NewerStore(str(path), "the store was written by a newer Skillgraph", fix, versions)
    if read_only:
        fix = "Open it once for writing, for instance with `skillgraph check`: it is migrated after a backup copy."
        raise NotMigrated(str(path), "the store was written by an older Skillgraph", fix, versions)
    if any(version not in steps for version in range(found, target)):
        fix = "Use a Skillgraph that can, or load the sources into a new store."
        raise StoreError(str(path), "this Skillgraph cannot migrate a store so old", fix, versions)


def _back_up(path: Path, version: int) -> Path:
    """A whole copy under its name, or none: it is written under another name first."""
    final = backup_file(path, version)
    draft = final.with_name(final.name + ".part")
    draft.unlink(missing_ok=True)
    with closing(connect(path, read_only=True)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
    draft.chmod(path.stat().st_mode & 0o777)
    os.replace(draft, final)
    return final
