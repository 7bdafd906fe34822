"""One demo store for all stories: loaded once, only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from demo.company import DEMO_DAY, Vocabulary
from demo.generate import COMPANY, ESCO
from graph.index import Index, IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load
from queries.ask import ask
from queries.question import Answer

Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(f"sqlite:{tmp_path_factory.mktemp('demo') / 'skillgraph.db'}")
    for request in (
        LoadRequest(source="esco", paths=(ESCO,)),
        LoadRequest(source="tables", paths=(COMPANY,), name="demo"),
    ):
        record = load(store, request)
        assert (record.rejected, record.waiting) == (0, 0), list(store.ledger.held_rows(load=record.id))[:3]
    yield store
    store.close()


@pytest.fixture(scope="session")
def demo_keeper(demo_store: Store) -> IndexKeeper:
    return IndexKeeper(demo_store, Settings())


@pytest.fixture(scope="session")
def index(demo_keeper: IndexKeeper) -> Index:
    return demo_keeper.current()


@pytest.fixture(scope="session")
def asked(demo_store: Store, demo_keeper: IndexKeeper) -> Ask:
    """Asks a question of the demo company on its day, or at another instant."""

    def answer(question: str, /, as_of: str = DEMO_DAY.isoformat(), **parameters: Any) -> Answer:
        given: Mapping[str, Any] = {"as_of": as_of} | parameters
        return ask(demo_store, demo_keeper, OPERATOR, question, given)

    return answer


@pytest.fixture(scope="session")
def skills() -> Vocabulary:
    return Vocabulary(ESCO)
