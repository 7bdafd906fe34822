"""A loader of small tables on a fresh store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.open import open_store
from graph.store import Store
from tests.loads.tables import Loader


@pytest.fixture
def loader(store: Store, tmp_path: Path) -> Loader:
    return Loader(store, tmp_path / "loads")


@pytest.fixture
def other_loader(tmp_path: Path) -> Iterator[Loader]:
    """The same on a second store."""
    opened = open_store(f"sqlite:{tmp_path / 'other.db'}")
    yield Loader(opened, tmp_path / "other-loads")
    opened.close()
