"""The file of an embedded store."""

from __future__ import annotations

from pathlib import Path

from graph.store import Store


def path_of(store: Store | str) -> Path:
    """Of a store, or of its address."""
    url = store if isinstance(store, str) else store.url
    return Path(url.removeprefix("sqlite:"))
