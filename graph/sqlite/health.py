"""What is well with a store file and what is not: the findings of `skillgraph check`."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from graph.errors import StoreError
from graph.report import Finding
from graph.secret import VARIABLE, deployment_secret, secret_file
from graph.sqlite import schema
from graph.sqlite.adapt import meta
from graph.sqlite.connection import Connections
from graph.sqlite.layout import Layout
from graph.sqlite.migrate import backups
from graph.sqlite.schema import quoted

_WHOLE_CHECK_BYTES = 256 << 20  # a larger file is checked for what is quick to check
_LARGE_LOG_BYTES = 256 << 20
_LEAST_FREE_BYTES = 100 << 20
_MB = 1 << 20


def findings(connections: Connections, layout: Layout, path: Path) -> Iterator[Finding]:
    """Every finding; of a damaged file nothing more is asked."""
    with connections.snapshot() as db:
        sound = _integrity(db, path)
        yield sound
        if not sound.well:
            return
        yield _versions(db, layout)
        yield _orphans(db, layout)
        yield from _put_aside(db)
        yield _statistics(db)
    yield _disk(path)
    yield _log(path)
    yield from _files(path)
    yield _secret(path, connections)
    yield from _backups(path)


def _integrity(db: sqlite3.Connection, path: Path) -> Finding:
    whole = path.stat().st_size <= _WHOLE_CHECK_BYTES
    try:
        said = [text for (text,) in db.execute("PRAGMA integrity_check(5)" if whole else "PRAGMA quick_check(5)")]
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    if said == ["ok"]:
        return Finding("database file", True, "sound" if whole else "sound (quick check)")
    fix = "Put back a copy, or load the sources into a new store."
    return Finding("database file", False, f"damaged: {'; '.join(said)}", fix)


def _versions(db: sqlite3.Connection, layout: Layout) -> Finding:
    known = meta(db)
    found = f"schema {known['schema_version']}, model {str(known['model_hash'])[:12]}"
    if known["schema_version"] == schema.VERSION and known["model_hash"] == layout.model.hash:
        return Finding("schema and model", True, found)
    ours = f"this Skillgraph has schema {schema.VERSION}, model {layout.model.hash[:12]}"
    return Finding(
        "schema and model",
        False,
        f"{found}; {ours}",
        "Open the store once for writing, so that it is brought up to date.",
    )


def _orphans(db: sqlite3.Connection, layout: Layout) -> Finding:
    """References and edges that lead to no node: no write makes them, a damaged or hand-edited file may have them."""
    lost = {name: count for name, count in _lost(db, layout) if count}
    if not lost:
        return Finding("references", True, "every reference and every edge leads to a node")
    listed = ", ".join(f"{name} {count}" for name, count in lost.items())
    return Finding("references", False, f"lead nowhere: {listed}", "Load the sources of these records again.")


def _lost(db: sqlite3.Connection, layout: Layout) -> Iterator[tuple[str, int]]:
    for space in layout.spaces:
        table, p = layout.table_of(space)
        missing = f"NOT EXISTS (SELECT 1 FROM {table} n WHERE n.{p}key = r.{{}})"
        for kind, name in layout.referring(space):
            column = quoted(name)
            query = f"SELECT count(*) FROM {kind.table} r WHERE r.{column} IS NOT NULL AND {missing.format(column)}"
            yield f"{kind.name}.{name}", _count(db, query)
        for edge in layout.edges.values():
            for side, its_space in (("start", edge.start_space), ("end", edge.end_space)):
                if its_space == space:
                    query = f"SELECT count(*) FROM edge r WHERE r.type = {edge.number} AND {missing.format(side)}"
                    yield f"{edge.name} {'from' if side == 'start' else 'to'}", _count(db, query)


def _put_aside(db: sqlite3.Connection) -> Iterator[Finding]:
    counts = dict(db.execute("SELECT kind, count(*) FROM held_row GROUP BY kind").fetchall())
    fixes = {
        "rejected": "See them with `skillgraph rejects LOAD`, mend them and replay them.",
        "waiting": "They are written when what they refer to is loaded; see them with `skillgraph rejects LOAD`.",
        "conflict": "Two sources, or two rows, say different things of one record; see `skillgraph rejects LOAD`.",
    }
    for kind, fix in fixes.items():
        count = counts.get(kind, 0)
        yield Finding(f"{kind} rows", True, str(count), fix if count else "")


def _statistics(db: sqlite3.Connection) -> Finding:
    """Without statistics one lookup was 110 times slower: docs/decisions."""
    rows = _count(db, "SELECT count(*) FROM (SELECT 1 FROM node LIMIT 1000)")
    has = _count(db, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if rows < 1000 or (has and _count(db, "SELECT count(*) FROM sqlite_stat1")):
        return Finding("query statistics", True, "there" if has else "not needed yet")
    return Finding("query statistics", False, "none, so answers may be slow", "Any load makes them; run one again.")


def _disk(path: Path) -> Finding:
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    found = f"{free // _MB:,} MB free, the store has {size // _MB:,} MB"
    if free < max(_LEAST_FREE_BYTES, size // 4):
        return Finding("disk", False, found, "Free some space: loads and migrations need room for a second copy.")
    return Finding("disk", True, found)


def _log(path: Path) -> Finding:
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > _LARGE_LOG_BYTES:
        fix = "A reader that never ends keeps it from being folded in: find and restart it."
        return Finding("write-ahead log", False, f"{size // _MB:,} MB", fix)
    return Finding("write-ahead log", True, f"{size // _MB:,} MB")


def _files(path: Path) -> Iterator[Finding]:
    """Files beside the store that this user cannot read."""
    beside = [each for each in path.parent.iterdir() if each.name.startswith(path.name)]
    closed = [each.name for each in beside if not os.access(each, os.R_OK, effective_ids=True)]
    if closed:
        yield Finding(
            "files beside it",
            False,
            f"not readable: {', '.join(sorted(closed))}",
            "Give this user the right to read them.",
        )
    else:
        yield Finding("files beside it", True, f"{len(beside)}, all readable")


def _secret(path: Path, connections: Connections) -> Finding:
    with connections.reading() as db:
        check = meta(db).get("secret_check")
    try:
        deployment_secret(path, check=check)
    except StoreError as error:
        return Finding("deployment's secret", False, error.problem, error.fix)
    file = secret_file(path)
    if not os.environ.get(VARIABLE) and file.stat().st_mode & 0o077:
        return Finding("deployment's secret", False, "others may read its file", f"chmod 600 {file}")
    return Finding("deployment's secret", True, "there")


def _backups(path: Path) -> Iterator[Finding]:
    for copy in backups(path):
        fix = "Remove it once the migrated store has proved itself: it holds personal data."
        yield Finding("migration backup", True, f"{copy.name}, {copy.stat().st_size // _MB:,} MB", fix)


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])
