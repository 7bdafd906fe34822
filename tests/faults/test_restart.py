"""A server that is stopped as an operator stops it, in the middle of a load: the load waits for it and goes on."""

from __future__ import annotations

import random
from pathlib import Path

from graph.digest import digest
from graph.open import open_store
from local.server import Neo4j
from tests.faults.kills import load_through, patient
from tests.loads.kills import company, golden


def test_a_load_goes_on_when_the_server_is_back(server: Neo4j, tmp_path: Path) -> None:
    snapshot = company(tmp_path / "all", 300)
    with patient():
        store = open_store(server.url)
    assert load_through(server, store, snapshot, server.stop, random.Random(0)), "the load was done before"
    assert digest(store) == golden(tmp_path, snapshot)
    store.close()
