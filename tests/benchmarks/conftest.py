"""A small population in a store of its own."""

from __future__ import annotations

import pytest

from benchmarks.match.store import Populated
from benchmarks.population import Population
from benchmarks.roles import RARE
from benchmarks.tables import write_tables
from benchmarks.vocabulary import vocabulary
from graph.open import open_store
from loaders.load import LoadRequest, load


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Populated:
    """2,000 people over made up skills, just enough for the rarest that a role asks for."""
    folder, people = tmp_path_factory.mktemp("population"), Population(2_000, max(RARE) + 1)
    skills = vocabulary(people, None)
    tables = write_tables(folder / "tables", people, skills)
    store = open_store(f"sqlite:{folder / 'store.db'}")
    record = load(store, LoadRequest(source="tables", paths=(tables,), name="bench"))
    store.close()
    assert record.rejected == 0
    return Populated(people, skills, folder / "store.db")
