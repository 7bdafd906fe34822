"""What is kept about loads, in the store's file."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, islice
from pathlib import Path

from graph.ledger import HeldRow, LoadRecord
from graph.ledger_rows import (
    HELD_COLUMNS,
    LOAD_COLUMNS,
    as_it_is,
    counts_text,
    erasure_hashes,
    held_cells,
    held_row,
    load_record,
    read_cursors,
    sendable,
    snapshot_after,
)  # fmt: skip
from graph.secret import Secret, deployment_secret
from graph.sqlite.connection import Connections
from graph.sqlite.putaside import rows_naming

_LOAD = ", ".join(LOAD_COLUMNS)
_HELD = ", ".join(HELD_COLUMNS)
_HOLD = (
    f"INSERT INTO held_row (name, {_HELD}) "
    "VALUES ((SELECT name FROM load WHERE id = ?1), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
)
_MANY_HASHES = 1000
_PAGE = 1000  # held rows read or written in one transaction


class SqliteLedger:
    """The ledger of one store file. `is_running` tells whether a live process holds a load's name."""

    def __init__(self, connections: Connections, path: Path, is_running: Callable[[str], bool]) -> None:
        self._connections = connections
        self._path = path
        self._is_running = is_running
        self._secret: Secret | None = None

    @property
    def secret(self) -> Secret:
        """The deployment's secret, read when it is first needed."""
        if self._secret is None:
            self._secret = deployment_secret(self._path)
        return self._secret

    def start(self, name: str, source: str, snapshot_at: int | None, complete: bool) -> int:
        """To be called while the load's name is held: a load of it that still says running is of a dead process."""
        now = int(time.time())
        with self._connections.writing() as db:
            db.execute(
                "UPDATE load SET state = 'interrupted', finished_at = ? WHERE name = ? AND state = 'running'",
                (now, name),
            )
            snapshot_at = _next_snapshot(db, name, now) if snapshot_at is None else snapshot_at
            added = db.execute(
                "INSERT INTO load (name, source, state, started_at, snapshot_at, complete) "
                "VALUES (?, ?, 'running', ?, ?, ?)",
                (name, source, now, snapshot_at, complete),
            )
            return int(added.lastrowid or 0)

    def next_snapshot(self, name: str) -> int:
        with self._connections.reading() as db:
            return _next_snapshot(db, name, int(time.time()))

    def finish(self, record: LoadRecord) -> None:
        row = (
            record.state,
            record.finished_at,
            record.snapshot_at,
            record.complete,
            counts_text(record),
            record.id,
        )
        with self._connections.writing() as db:
            db.execute(
                "UPDATE load SET state = ?, finished_at = ?, snapshot_at = ?, complete = ?, counts = ? WHERE id = ?",
                row,
            )

    def load(self, load: int) -> LoadRecord | None:
        with self._connections.reading() as db:
            row = db.execute(f"SELECT {_LOAD} FROM load WHERE id = ?", (load,)).fetchone()
        return as_it_is(load_record(row), self._is_running) if row else None

    def loads(self, name: str | None = None, limit: int = 100) -> list[LoadRecord]:
        with self._connections.reading() as db:
            rows = db.execute(
                f"SELECT {_LOAD} FROM load WHERE ?1 IS NULL OR name = ?1 ORDER BY id DESC LIMIT ?2",
                (name, limit),
            ).fetchall()
        return [as_it_is(load_record(row), self._is_running) for row in rows]

    def hold_rows(self, rows: Iterable[HeldRow]) -> None:
        """Committed in slices: a load keeps its millions of rejects without holding the store's lock for long."""
        waiting = iter(rows)
        while part := list(islice(waiting, _PAGE)):
            with self._connections.writing() as db:
                db.executemany(_HOLD, map(held_cells, part))

    def held_rows(self, load: int | None = None, name: str | None = None, kind: str | None = None) -> Iterator[HeldRow]:
        """In the order they were held; read page by page, so that the caller may write in between."""
        after = 0
        query = (  # +load: pages come in the order of keys, which the index of places has not
            f"SELECT key, {_HELD} FROM held_row WHERE key > ?1 AND (?2 IS NULL OR +load = ?2) "
            f"AND {'?3 IS NULL' if name is None else 'name = ?3'} AND (?4 IS NULL OR kind = ?4) ORDER BY key LIMIT ?5"
        )
        while True:
            with self._connections.reading() as db:
                rows = db.execute(query, (after, load, name, kind, _PAGE)).fetchall()
            for row in rows:
                yield held_row(row[1:])
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def release(self, rows: Iterable[HeldRow], instead: Iterable[HeldRow] = ()) -> None:
        """In one transaction, so that no row is lost in between."""
        keys = ((row.load, sendable(row.file), row.row, row.kind) for row in rows)
        with self._connections.writing() as db:
            db.executemany("DELETE FROM held_row WHERE load = ? AND file = ? AND row = ? AND kind = ?", keys)
            db.executemany(_HOLD, map(held_cells, instead))

    def awaited(self) -> Sequence[str]:
        with self._connections.reading() as db:
            return [id for (id,) in db.execute("SELECT DISTINCT refers_to FROM held_row WHERE refers_to <> ''")]

    def waiting_for(self, ids: Sequence[str], limit: int = 10_000) -> list[HeldRow]:
        query = (
            f"SELECT {_HELD} FROM held_row WHERE kind = 'waiting' AND refers_to <> '' "
            "AND refers_to IN (SELECT value FROM json_each(?)) ORDER BY key LIMIT ?"
        )
        with self._connections.reading() as db:
            return [held_row(row) for row in db.execute(query, (json.dumps(list(ids)), limit)).fetchall()]

    def naming(self, people: Sequence[str], names: Sequence[str], facts: Sequence[str] = ()) -> list[HeldRow]:
        with self._connections.reading() as db:
            keys = json.dumps(rows_naming(db, people, names, facts))
            query = f"SELECT {_HELD} FROM held_row WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key"
            return [held_row(row) for row in db.execute(query, (keys,)).fetchall()]

    def last_complete(self, source: str) -> int | None:
        with self._connections.reading() as db:
            row = db.execute("SELECT last_complete FROM source WHERE name = ?", (source,)).fetchone()
        return row[0] if row else None

    def set_last_complete(self, source: str, at: int) -> None:
        with self._connections.writing() as db:
            db.execute(
                "INSERT INTO source (name, last_complete) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE "
                "SET last_complete = max(coalesce(last_complete, 0), excluded.last_complete)",
                (source, at),
            )

    def cursors(self, source: str) -> Mapping[str, str]:
        with self._connections.reading() as db:
            row = db.execute("SELECT cursors FROM source WHERE name = ?", (source,)).fetchone()
        return read_cursors(row[0] if row else None)

    def erased(self, ids: Sequence[str]) -> Sequence[bool]:
        with self._connections.reading() as db:
            if db.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is None:
                return [False] * len(ids)
            hashes = {id: erasure_hashes(self.secret, id) for id in set(ids)}
            gone = _erased_among(db, set(chain.from_iterable(hashes.values())))
        return [not gone.isdisjoint(hashes[id]) for id in ids]


def _next_snapshot(db: sqlite3.Connection, name: str, now: int) -> int:
    (last,) = db.execute("SELECT max(snapshot_at) FROM load WHERE name = ?", (name,)).fetchone()
    return snapshot_after(last, now)


def _erased_among(db: sqlite3.Connection, hashes: Set[bytes]) -> set[bytes]:
    """Which of the hashes are remembered; of many it is quicker to look through all that are."""
    if len(hashes) > _MANY_HASHES:
        return {hash for (hash,) in db.execute("SELECT hash FROM erased") if hash in hashes}
    one = "SELECT 1 FROM erased WHERE hash = ?"
    return {hash for hash in hashes if db.execute(one, (hash,)).fetchone()}
