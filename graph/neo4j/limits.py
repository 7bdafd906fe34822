"""How long the store is waited for, and how many connections it is given; each can be set by the deployment."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from graph.errors import BadSetting

PREFIX = "SKILLGRAPH_NEO4J_"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `from_environment` reads SKILLGRAPH_NEO4J_<NAME>, e.g. SKILLGRAPH_NEO4J_POOL_SIZE."""

    pool_size: int = 50
    connect_seconds: float = 2.0  # for the TCP connection
    acquire_seconds: float = 2.0  # for a connection from the pool, a new one and its greeting included
    silent_seconds: float = 5.0  # a statement that takes longer makes us look whether the server is still there
    answer_seconds: float = 25.0  # a read or a write may take so long, all its tries together
    retry_seconds: float = 20.0  # it is tried again for so long
    long_seconds: float = 600.0  # a transaction of many reads may take so long, and a change of the schema
    lifetime_seconds: float = 1800.0  # of a connection
    idle_seconds: float = 30.0  # after which a connection is tried before it is used

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Raises `BadSetting` for a value that is no positive number."""
        found = {each.name: environment.get(PREFIX + each.name.upper(), "").strip() for each in fields(cls)}
        return cls(**{name: _number(name, text) for name, text in found.items() if text})  # type: ignore[arg-type]


def _number(name: str, text: str) -> float:
    kind = type(getattr(Limits(), name))
    try:
        number: float = kind(text)
    except ValueError:
        number = -1
    if not 0 < number < math.inf:
        what = "a whole number, 1 or more" if kind is int else "a number of seconds above 0"
        raise BadSetting(PREFIX + name.upper(), f"this is not {what}", "Set such a number, or unset it.", text)
    return number
