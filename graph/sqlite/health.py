"""What is well with a store file and what is not: the findings of `skillgraph check`."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from graph.findings import files_beside, put_aside, references, schema_and_model, secret
from graph.report import Finding
from graph.sqlite import schema
from graph.sqlite.adapt import meta
from graph.sqlite.connection import Connections
from graph.sqlite.layout import Layout
from graph.sqlite.migrate import backups
from graph.sqlite.schema import quoted
from graph.sqlite.statistics import are_there

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
        yield references(_lost(db, layout))
        yield from _put_aside(db)
        yield _statistics(db)
    yield _disk(path)
    yield _log(path)
    yield files_beside(each for each in path.parent.iterdir() if each.name.startswith(path.name))
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
    ours = schema.VERSION, layout.model.hash
    return schema_and_model((known["schema_version"], str(known["model_hash"])), ours)


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
    return put_aside(dict(db.execute("SELECT kind, count(*) FROM held_row GROUP BY kind").fetchall()))


def _statistics(db: sqlite3.Connection) -> Finding:
    """Without statistics one lookup was 110 times slower: docs/decisions."""
    rows, has = _count(db, "SELECT count(*) FROM (SELECT 1 FROM node LIMIT 1000)"), are_there(db)
    if rows < 1000 or has:
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


def _secret(path: Path, connections: Connections) -> Finding:
    with connections.reading() as db:
        check = meta(db).get("secret_check")
    return secret(path, check)


def _backups(path: Path) -> Iterator[Finding]:
    for copy in backups(path):
        fix = "Remove it once the migrated store has proved itself: it holds personal data."
        yield Finding("migration backup", True, f"{copy.name}, {copy.stat().st_size // _MB:,} MB", fix)


def _count(db: sqlite3.Connection, query: str) -> int:
    return int(db.execute(query).fetchone()[0])
