"""API keys in the database: `(:_Key {id, hash, scopes, org_units, source, label, created_at, revoked_at})`."""

from __future__ import annotations

import time
from typing import Any

from graph.keyring import Key, id_in, is_secret_of, new_key, secret_hash, sendable
from graph.neo4j.server import Server, Writer

_COLUMNS = "k.id, k.scopes, k.org_units, k.source, k.created_at, k.revoked_at, k.label"
_CREATE = "CREATE (k:_Key) SET k = $key"
_FIND = f"MATCH (k:_Key {{id: $id}}) RETURN k.hash, {_COLUMNS}"
_LIST = f"MATCH (k:_Key) RETURN {_COLUMNS} ORDER BY k.created_at, k.id"
_REVOKE = "MATCH (k:_Key {id: $id}) WHERE k.revoked_at IS NULL SET k.revoked_at = $now RETURN k.id"


class Neo4jKeyring:
    """See `graph.keyring.Keyring`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def create(
        self,
        scopes: frozenset[str],
        org_units: frozenset[str] | None = None,
        source: str | None = None,
        label: str = "",
    ) -> tuple[Key, str]:
        key, secret = new_key(scopes, org_units, source, label)
        kept = {
            "id": key.id,
            "hash": secret_hash(secret).hex(),
            "scopes": sorted(scopes),
            "org_units": None if org_units is None else sorted(org_units),
            "source": source,
            "label": label,
            "created_at": key.created_at,
        }
        self._server.write(lambda writer: writer.run(_CREATE, key=kept))
        return key, secret

    def find(self, secret: str) -> Key | None:
        id = id_in(secret)
        if id is None:
            return None
        rows = self._server.read(_FIND, id=id)
        kept = bytes.fromhex(rows[0][0]) if rows else None
        key = _key(rows[0][1:]) if rows else None
        return key if is_secret_of(secret, kept) and key and key.revoked_at is None else None

    def list(self) -> list[Key]:
        return [_key(row) for row in self._server.read(_LIST)]

    def revoke(self, id: str) -> bool:
        def work(writer: Writer) -> bool:
            return bool(writer.run(_REVOKE, id=sendable(id), now=int(time.time())))

        return self._server.write(work)


def _key(row: list[Any]) -> Key:
    id, scopes, units, source, created, revoked, label = row
    return Key(id, frozenset(scopes), None if units is None else frozenset(units), source, created, revoked, label)
