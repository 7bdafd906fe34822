"""A real Neo4j, seen past the store with the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from tests.neo4j import driver, fresh_store

Ask = Callable[..., list[list[Any]]]


def opened(url: str) -> Neo4jStore:
    store = open_store(url)
    assert isinstance(store, Neo4jStore)
    return store


@pytest.fixture
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    return fresh_store()


@pytest.fixture
def store(store_url: str) -> Iterator[Neo4jStore]:
    """An empty store: only the seeded home scale and crosswalks are in it."""
    found = opened(store_url)
    yield found
    found.close()


@pytest.fixture
def ask(store_url: str) -> Iterator[Ask]:
    """The rows of any statement."""
    with driver(store_url) as there, there.session() as session:
        yield lambda query, **parameters: session.run(query, parameters).values()
