"""The contract suite: every test that takes `engine`, `store` or `store_url` runs against every engine named here."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY
from tests.store.engine_neo4j import NEO4J
from tests.store.engine_sqlite import SQLITE
from tests.store.engines import Engine, Fresh

ENGINES: dict[str, Engine] = {"sqlite": SQLITE, "neo4j": NEO4J}
"""Engine -> what the suite has to know of it; called with a folder, the address of a fresh store."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))  # what a server's store keeps on this machine
    return ENGINES[request.param]


@pytest.fixture
def store_url(engine: Engine, tmp_path: Path) -> str:
    return engine.fresh(tmp_path)


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fresh]:
    number, opened = count(), list[Store]()

    def close() -> None:
        while opened:
            opened.pop().close()

    def new() -> Store:
        close()
        folder = tmp_path / f"fresh-{next(number)}"
        folder.mkdir()
        monkeypatch.setenv("SKILLGRAPH_HOME", str(folder))
        opened.append(open_store(engine.fresh(folder)))
        return opened[0]

    yield new
    close()


@pytest.fixture
def company(store: Store) -> Store:
    """A store with the tiny company of tests/company in it."""
    record = load(store, LoadRequest(source="tables", paths=(COMPANY,)))
    assert (record.rejected, record.waiting) == (0, 0)
    return store
