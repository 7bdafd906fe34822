"""Twins answer as the index does of the same company in SQLite, whatever the company, the question and who asks."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Cypher
from tests.companies import Company
from tests.index.telling import tell
from tests.neo4j import fresh_store, need_neo4j
from tests.twins.asking import Both
from tests.twins.companies import questions, rich_companies

FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
ROUND = 40  # questions of each state: a company takes much longer to tell


@FEW
@given(rich_companies(), st.data())
def test_rows_are_those_of_the_index_before_and_after_a_further_load(company: Company, data: st.DataObject) -> None:
    need_neo4j()
    chosen = Settings(source_order=company.source_order)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_HOME", folder)
        embedded, server = open_store(f"sqlite:{Path(folder) / 'company.db'}"), open_store(fresh_store(), chosen)
        assert isinstance(server, Cypher)
        both = Both(embedded, IndexKeeper(embedded, chosen), server)
        oracle = company.oracle()
        for loads in (company.first, company.later):
            for load in loads:
                tell(embedded, load)
                tell(server, load)
            for _ in range(ROUND):
                put = data.draw(questions(oracle))
                both.alike(put.question, put.raw, put.viewer, put.now, put.language)
        embedded.close()
        server.close()
