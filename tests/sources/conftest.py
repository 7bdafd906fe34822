"""A loader on a fresh store."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.store import Store
from tests.loads.tables import Loader


@pytest.fixture
def loader(store: Store, tmp_path: Path) -> Loader:
    return Loader(store, tmp_path / "loads")
