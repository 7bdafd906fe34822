"""What lies beside a store on this machine: its index, what is staged, its locks."""

from __future__ import annotations

from pathlib import Path


def index_folder(url: str) -> Path | None:
    """Where the index of a store lies; None for a store that is no file: its index is kept in memory."""
    return _beside(url, "index")


def staging_folder(url: str) -> Path | None:
    """Where loads and uploads of a store are staged; None for a store that is no file."""
    return _beside(url, "staging")


def _beside(url: str, ending: str) -> Path | None:
    scheme, _, path = url.partition(":")
    return Path(f"{path}.{ending}") if scheme == "sqlite" and path else None
