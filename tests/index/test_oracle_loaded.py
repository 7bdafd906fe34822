"""Companies that come through the loaders, later loads in any order: held is what the brute force says."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from loaders.load import load_rows
from tests.companies import Company, Load, companies
from tests.index.test_oracle_held import agree


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(companies(below=False), st.data())
def test_loaded_in_any_order(company: Company, data: st.DataObject) -> None:
    order = data.draw(st.permutations(company.later))
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        keeper = IndexKeeper(store, Settings(source_order=company.source_order))
        told: list[Load] = []
        for one in (*company.first, *order):
            loaded(store, one)
            told.append(one)
            if len(told) >= len(company.first):
                agree(keeper.current(), company.oracle(told), store)
        store.close()


def loaded(store: Store, one: Load) -> None:
    """Every row is taken."""
    record = load_rows(store, one.source, one.rows, snapshot_at=one.version)
    held = [(row.field, row.value, row.reason) for row in store.ledger.held_rows(load=record.id)]
    assert (record.rejected, record.waiting, held) == (0, 0, [])
