"""What is kept beside the graph in a real Neo4j, on a machine of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from tests.neo4j import fresh_store


def opened(url: str) -> Neo4jStore:
    store = open_store(url)
    assert isinstance(store, Neo4jStore)
    return store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("SKILLGRAPH_HOME", str(folder))
    return folder


@pytest.fixture
def store_url(home: Path) -> str:
    return fresh_store()


@pytest.fixture
def store(store_url: str) -> Iterator[Neo4jStore]:
    """An empty store: only the seeded home scale and crosswalks are in it."""
    found = opened(store_url)
    yield found
    found.close()
