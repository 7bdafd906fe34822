"""Where the index of a store is kept."""

from __future__ import annotations

from pathlib import Path


def index_folder(url: str) -> Path | None:
    """The folder beside an embedded store; None for stores without a place on this machine: in memory only."""
    scheme, _, path = url.partition(":")
    return Path(f"{path}.index") if scheme == "sqlite" else None
