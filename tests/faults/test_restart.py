"""A server that is stopped as an operator stops it, in the middle of a load: the load waits for it and goes on."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graph.digest import digest
from graph.open import open_store
from loaders.load import LoadRequest, load
from local.server import Neo4j
from tests.faults.kills import PATIENT
from tests.loads.kills import company, golden, whole_batches


def test_a_load_goes_on_when_the_server_is_back(server: Neo4j, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PATIENT.items():
        monkeypatch.setenv(name, value)
    snapshot = company(tmp_path / "all", 300)
    store = open_store(server.url)
    before = store.number()
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(load, store, LoadRequest("tables", (snapshot,), name="hr"))
        while store.number() == before and not loading.done():
            time.sleep(0.01)
        server.stop()
        server.start()
        record = loading.result()
    assert (record.state, record.rejected, record.waiting) == ("done", 0, 0)
    whole_batches(store)
    assert digest(store) == golden(tmp_path, snapshot)
    store.close()
