"""Companies in a real Neo4j, loaded once a module and only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Cypher
from loaders.load import LoadRequest, load
from tests.neo4j import fresh_store
from tests.twins.asking import Both

Loaded = Callable[[Sequence[LoadRequest]], Both]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """Loads into an empty Neo4j."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_HOME", str(tmp_path_factory.mktemp("home")))
        store = open_store(fresh_store())

        def both(requests: Sequence[LoadRequest]) -> Both:
            for request in requests:
                record = load(store, request)
                assert record.rejected == record.waiting == 0, list(store.ledger.held_rows(load=record.id))[:3]
            assert isinstance(store, Cypher)
            return Both(store, IndexKeeper(store, Settings()), store)

        yield both
        store.close()


def tables(*folders: Path) -> list[LoadRequest]:
    """Loads of native tables."""
    return [LoadRequest(source="tables", paths=(folder,), name=folder.name) for folder in folders]
