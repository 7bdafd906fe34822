"""API keys in the store's file: hashes of them, never the keys.

A key is 32 random bytes, so a plain SHA-256 of it cannot be guessed back: slow password hashes are for short secrets.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from base64 import urlsafe_b64encode
from hashlib import sha256

import orjson

from graph.keyring import Key
from graph.sqlite.connection import Connections
from graph.viewer import SCOPES

PREFIX = "sg"
_RANDOM_BYTES = 32
_ID_BYTES = 5  # 10 hex digits: enough to tell a deployment's keys apart
_COLUMNS = "id, scopes, org_units, source, created_at, revoked_at, label"


class SqliteKeyring:
    """The keyring of one store file."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def create(
        self,
        scopes: frozenset[str],
        org_units: frozenset[str] | None = None,
        source: str | None = None,
        label: str = "",
    ) -> tuple[Key, str]:
        """See `graph.keyring.Keyring`; raises `ValueError` for no scope, an unknown one, or an empty set of units."""
        _check(scopes, org_units)
        key = Key(secrets.token_hex(_ID_BYTES), scopes, org_units, source, int(time.time()), label=label)
        random = urlsafe_b64encode(secrets.token_bytes(_RANDOM_BYTES)).rstrip(b"=").decode()
        secret = f"{PREFIX}_{key.id}_{random}"
        row = (key.id, _hash(secret), _set(scopes), _set(org_units), source, label, key.created_at)
        with self._connections.writing() as db:
            db.execute(
                "INSERT INTO api_key (id, hash, scopes, org_units, source, label, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return key, secret

    def find(self, secret: str) -> Key | None:
        prefix, _, rest = secret.partition("_")
        id, _, random = rest.partition("_")
        if prefix != PREFIX or not id or not random:
            return None
        with self._connections.reading() as db:
            row = db.execute(f"SELECT hash, {_COLUMNS} FROM api_key WHERE id = ?", (_sendable(id),)).fetchone()
        kept = row[0] if row else b"\x00" * 32
        same = hmac.compare_digest(kept, _hash(secret))
        return _key(row[1:]) if row and same and row[6] is None else None

    def list(self) -> list[Key]:
        with self._connections.reading() as db:
            return [_key(row) for row in db.execute(f"SELECT {_COLUMNS} FROM api_key ORDER BY created_at, id")]

    def revoke(self, id: str) -> bool:
        with self._connections.writing() as db:
            done: sqlite3.Cursor = db.execute(
                "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                (int(time.time()), _sendable(id)),
            )
            return done.rowcount > 0


def _check(scopes: frozenset[str], org_units: frozenset[str] | None) -> None:
    unknown = sorted(scopes - set(SCOPES))
    if unknown:
        raise ValueError(f"no such scope: {', '.join(unknown)}. Use some of: {', '.join(SCOPES)}.")
    if not scopes:
        raise ValueError(f"a key needs a scope. Use some of: {', '.join(SCOPES)}.")
    if org_units is not None and not org_units:
        raise ValueError("a key limited to no org unit sees nobody. Name a unit, or leave the limit out.")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="surrogatepass")).digest()


def _sendable(text: str) -> str:
    """SQLite takes no lone surrogates; a key id with one is simply not there."""
    return text.encode(errors="replace").decode()


def _set(names: frozenset[str] | None) -> str | None:
    return None if names is None else orjson.dumps(sorted(names)).decode()


def _key(row: tuple[str, str, str | None, str | None, int, int | None, str]) -> Key:
    id, scopes, units, source, created, revoked, label = row
    org_units = None if units is None else frozenset(orjson.loads(units))
    return Key(id, frozenset(orjson.loads(scopes)), org_units, source, created, revoked, label)
