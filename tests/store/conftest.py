"""The contract suite: every test that takes `store` runs against every engine named here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

ENGINES: dict[str, Callable[[Path], str]] = {"sqlite": lambda folder: f"sqlite:{folder / 'store.db'}"}
"""Engine -> the address of a fresh store below a folder."""


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return ENGINES[request.param](tmp_path)
