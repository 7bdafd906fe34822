"""API keys in the store's file."""

from __future__ import annotations

import sqlite3
import time

import orjson

from graph.keyring import Key, id_in, is_secret_of, new_key, secret_hash, sendable
from graph.sqlite.connection import Connections

_COLUMNS = "id, scopes, org_units, source, created_at, revoked_at, label"


class SqliteKeyring:
    """The keyring of one store file; see `graph.keyring.Keyring`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def create(
        self,
        scopes: frozenset[str],
        org_units: frozenset[str] | None = None,
        source: str | None = None,
        label: str = "",
    ) -> tuple[Key, str]:
        key, secret = new_key(scopes, org_units, source, label)
        row = (key.id, secret_hash(secret), _set(scopes), _set(org_units), source, label, key.created_at)
        with self._connections.writing() as db:
            db.execute(
                "INSERT INTO api_key (id, hash, scopes, org_units, source, label, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return key, secret

    def find(self, secret: str) -> Key | None:
        id = id_in(secret)
        if id is None:
            return None
        with self._connections.reading() as db:
            row = db.execute(f"SELECT hash, {_COLUMNS} FROM api_key WHERE id = ?", (id,)).fetchone()
        key = _key(row[1:]) if row else None
        return key if is_secret_of(secret, row and row[0]) and key and key.revoked_at is None else None

    def list(self) -> list[Key]:
        with self._connections.reading() as db:
            return [_key(row) for row in db.execute(f"SELECT {_COLUMNS} FROM api_key ORDER BY created_at, id")]

    def revoke(self, id: str) -> bool:
        with self._connections.writing() as db:
            done: sqlite3.Cursor = db.execute(
                "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                (int(time.time()), sendable(id)),
            )
            return done.rowcount > 0


def _set(names: frozenset[str] | None) -> str | None:
    return None if names is None else orjson.dumps(sorted(names)).decode()


def _key(row: tuple[str, str, str | None, str | None, int, int | None, str]) -> Key:
    id, scopes, units, source, created, revoked, label = row
    org_units = None if units is None else frozenset(orjson.loads(units))
    return Key(id, frozenset(orjson.loads(scopes)), org_units, source, created, revoked, label)
