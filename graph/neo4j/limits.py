"""How long the store is waited for, and how many connections it is given; each can be set by the deployment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `from_environment` reads SKILLGRAPH_NEO4J_<NAME>, e.g. SKILLGRAPH_NEO4J_POOL_SIZE."""

    pool_size: int = 50
    connect_seconds: float = 2.0
    acquire_seconds: float = 2.0
    retry_seconds: float = 30.0  # a write is tried again for so long
    lifetime_seconds: float = 1800.0  # of a connection
    idle_seconds: float = 30.0  # after which a connection is tried before it is used
    long_seconds: float = 600.0  # an export's transaction may take so long

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        found = {each.name: environment.get(f"SKILLGRAPH_NEO4J_{each.name.upper()}") for each in fields(cls)}
        return cls(**{name: type(getattr(cls(), name))(text) for name, text in found.items() if text})
