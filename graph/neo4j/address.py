"""The address of a Neo4j database: `neo4j://user:password@host:7687/database`, and its sisters."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from graph.errors import BadStoreUrl

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
DEFAULT_PORT = 7687
_FIX = "Write neo4j://USER:PASSWORD@HOST:7687, or add /DATABASE."


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks; `repr` tells no password."""

    scheme: str
    host: str
    port: int
    database: str | None  # None: the user's home database
    user: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """What the driver connects to."""
        return f"{self.scheme}://{self._host}:{self.port}"

    @property
    def shown(self) -> str:
        """As it may be shown, logged, and used to name what is kept beside the store: no user, no password."""
        return f"{self.url}/{self.database}" if self.database else self.url

    @property
    def _host(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_address(scheme: str, rest: str) -> Address:
    """`rest` is what follows `scheme:`; raises `BadStoreUrl`."""
    try:
        parts = urlsplit(f"{scheme}:{rest}")
        port, host = parts.port or DEFAULT_PORT, parts.hostname
    except ValueError as error:
        raise BadStoreUrl("store address", f"this is no Neo4j address: {error}", _FIX) from None
    database = unquote(parts.path.strip("/"))
    if not rest.startswith("//") or not host or "/" in database or parts.query or parts.fragment:
        raise BadStoreUrl("store address", "this is no Neo4j address", _FIX)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Address(scheme.lower(), host, port, database or None, user, password)
