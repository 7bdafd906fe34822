"""Stores of one engine, to be moved to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph.open import open_store
from graph.store import Store
from tests.moving.lived import Lived, lived
from tests.neo4j import fresh_store

PAIRS = {
    "sqlite-to-sqlite": ("sqlite", "sqlite"),
    "sqlite-to-neo4j": ("sqlite", "neo4j"),
    "neo4j-to-sqlite": ("neo4j", "sqlite"),
}
"""From which engine to which; the Neo4j of the tests has one database, so none from it to itself."""


@dataclass(frozen=True)
class Places:
    """The address of a fresh store, and one where none is."""

    origin: str
    target: str


def fresh_places(engines: tuple[str, str], folder: Path) -> Places:
    """Both below a folder, or in the Neo4j of the tests, which is emptied."""
    addresses = [
        f"sqlite:{folder / f'{name}.db'}" if engine == "sqlite" else fresh_store()
        for name, engine in zip(("origin", "target"), engines, strict=True)
    ]
    return Places(*addresses)


@pytest.fixture(params=list(PAIRS.values()), ids=list(PAIRS))
def places(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    return fresh_places(request.param, tmp_path)


@pytest.fixture
def life(places: Places) -> Iterator[Lived]:
    """A store that has lived."""
    store = open_store(places.origin)
    yield lived(store)
    store.close()


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    """Opens stores, and closes them at the end."""
    stores: list[Store] = []

    def open_there(url: str) -> Store:
        stores.append(open_store(url, create=False))
        return stores[-1]

    yield open_there
    for store in stores:
        store.close()
