"""What lies beside a store on this machine: its index, what is staged, its secret, the keys it signs with.

Beside a file they are files whose names begin with its own. A database on a server has a name in the deployment's
folder, the same by whichever scheme and as whichever user it is reached.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from graph.errors import BadStoreUrl
from graph.neo4j.address import SCHEMES, parse_address

VARIABLE = "SKILLGRAPH_HOME"
_DATA = "XDG_DATA_HOME"
_FOLDER = "skillgraph"
_READABLE = 60  # characters of the address in a name; what makes it unique follows
_HASH_DIGITS = 12


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """SKILLGRAPH_HOME, else `skillgraph` in the user's folder for data."""
    given, data = environment.get(VARIABLE), environment.get(_DATA)
    return Path(given) if given else Path(data or Path.home() / ".local" / "share") / _FOLDER


def local_name(url: str) -> Path | None:
    """What the names of all that lies beside a store begin with; None for what is no store's address."""
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite":
        return Path(rest) if rest else None
    if scheme.lower() not in SCHEMES:
        return None
    try:
        server = parse_address(scheme, rest).shown.partition("://")[2]
    except BadStoreUrl:
        return None
    readable = re.sub(r"[^A-Za-z0-9]+", "-", server).strip("-")[:_READABLE]
    return home() / f"{readable}-{sha256(server.encode()).hexdigest()[:_HASH_DIGITS]}"


def made_place(url: str) -> Path:
    """`local_name`, in a folder that is there: one that was not is for this user alone. Raises `BadStoreUrl`."""
    name = local_name(url)
    if name is None:
        raise BadStoreUrl("store address", "this is no store's address", "Write sqlite:PATH or neo4j://HOST.")
    name.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return name


def index_folder(url: str) -> Path | None:
    """Where the index of a store lies; None: it is kept in memory."""
    return _beside(url, "index")


def staging_folder(url: str) -> Path | None:
    """Where loads and uploads of a store are staged."""
    return _beside(url, "staging")


def _beside(url: str, what: str) -> Path | None:
    name = local_name(url)
    return name and name.with_name(f"{name.name}.{what}")
