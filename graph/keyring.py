"""API keys: who may call, with which scopes. Engines keep hashes of them, never the keys.

A key is 32 random bytes, so a plain SHA-256 of it cannot be guessed back: slow password hashes are for short secrets.
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from graph.viewer import SCOPES
from graph.words.state import WORDS

_PREFIX = "sg"
_RANDOM_BYTES = 32
_ID_BYTES = 5  # 10 hex digits: enough to tell a deployment's keys apart
_NO_HASH = bytes(32)  # compared with when there is no such key, so that it takes as long


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept: never its secret, only a hash of it."""

    id: str
    scopes: frozenset[str]
    org_units: frozenset[str] | None
    source: str | None  # the source name that evidence and loads of this key are stated by
    created_at: int
    revoked_at: int | None = None
    label: str = ""


class Keyring(Protocol):
    def create(
        self,
        scopes: frozenset[str],
        org_units: frozenset[str] | None = None,
        source: str | None = None,
        label: str = "",
    ) -> tuple[Key, str]:
        """A new key and its secret text (`sg_<id>_<32 random bytes, base64url>`), shown this once; see `new_key`."""
        ...

    def find(self, secret: str) -> Key | None:
        """The live key of a secret, compared by hash; None for an unknown, malformed or revoked one."""
        ...

    def list(self) -> list[Key]: ...

    def revoke(self, id: str) -> bool:
        """True when there was such a live key."""
        ...


def new_key(
    scopes: frozenset[str], org_units: frozenset[str] | None, source: str | None, label: str
) -> tuple[Key, str]:
    """A key and its secret; raises `ValueError` for no scope, an unknown one, an empty set of units, or a source name
    that is not to be had."""
    _check(scopes, org_units)
    if source == WORDS:
        raise ValueError(f"{WORDS!r} is the name that states what words mean. Give the key another source name.")
    key = Key(secrets.token_hex(_ID_BYTES), scopes, org_units, source, int(time.time()), label=label)
    random = urlsafe_b64encode(secrets.token_bytes(_RANDOM_BYTES)).rstrip(b"=").decode()
    return key, f"{_PREFIX}_{key.id}_{random}"


def id_in(secret: str) -> str | None:
    """The id that a secret's text names; None for a malformed one. Half characters, which no store takes, are replaced:
    there is no such id."""
    prefix, _, rest = secret.partition("_")
    id, _, random = rest.partition("_")
    return sendable(id) if prefix == _PREFIX and id and random else None


def sendable(id: str) -> str:
    """A key's id as a store can be asked for it."""
    return id.encode(errors="replace").decode()


def secret_hash(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode(errors="surrogatepass")).digest()


def is_secret_of(secret: str, kept: bytes | None) -> bool:
    """Whether the kept hash is the secret's, told in the same time whatever the answer."""
    return hmac.compare_digest(_NO_HASH if kept is None else kept, secret_hash(secret))


def _check(scopes: frozenset[str], org_units: frozenset[str] | None) -> None:
    unknown = sorted(scopes - set(SCOPES))
    if unknown:
        raise ValueError(f"no such scope: {', '.join(unknown)}. Use some of: {', '.join(SCOPES)}.")
    if not scopes:
        raise ValueError(f"a key needs a scope. Use some of: {', '.join(SCOPES)}.")
    if org_units is not None and not org_units:
        raise ValueError("a key limited to no org unit sees nobody. Name a unit, or leave the limit out.")
