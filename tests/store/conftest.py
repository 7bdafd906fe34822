"""The contract suite: every test that takes `store` runs against every engine named here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.neo4j import fresh_store

ENGINES: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: f"sqlite:{folder / 'store.db'}",
    "neo4j": lambda _: fresh_store(),
}
"""Engine -> the address of a fresh store below a folder."""


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))  # what a server's store keeps on this machine
    return ENGINES[request.param](tmp_path)
