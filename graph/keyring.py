"""API keys: who may call, with which scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
        """A new key and its secret text (`sg_<id>_<32 random bytes, base64url>`), shown this once."""
        ...

    def find(self, secret: str) -> Key | None:
        """The live key of a secret, compared by hash; None for an unknown, malformed or revoked one."""
        ...

    def list(self) -> list[Key]: ...

    def revoke(self, id: str) -> bool:
        """True when there was such a live key."""
        ...
