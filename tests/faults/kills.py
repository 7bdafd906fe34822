"""kill -9 of a loader into Neo4j, and of Neo4j while it is written to, at random moments of a fixed seed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from graph.digest import digest
from graph.ledger import LoadRecord
from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load
from local.server import Neo4j
from tests.loads.kills import Killed, company, golden, one_store, whole_batches
from tests.neo4j import emptied

PATIENT = {"SKILLGRAPH_NEO4J_RETRY_SECONDS": "120", "SKILLGRAPH_NEO4J_ANSWER_SECONDS": "125"}
"""For a machine on which Neo4j takes long to start."""


def kill_loads(server: Neo4j, folder: Path, kills: int) -> Killed:
    """Kill loads one after the other; raises `AssertionError` where the store is torn or does not open."""
    snapshots = _snapshots(folder)
    done, found = one_store(emptied(server.url), 0, snapshots, kills)
    return Killed(done, frozenset([found]), golden(folder, snapshots[0]))


def kill_server(server: Neo4j, folder: Path, kills: int) -> Killed:
    """Kill the server during loads, which go on when it is back; raises `AssertionError` where the store is torn."""
    snapshots, dice = _snapshots(folder), random.Random(0)
    with _patient():
        store = open_store(emptied(server.url))
        for number in range(kills):
            _load_through_a_kill(server, store, snapshots[(number + 1) % 2], dice)
            whole_batches(store)
        load(store, _request(snapshots[0]))
        found = digest(store)
        store.close()
    return Killed(kills, frozenset([found]), golden(folder, snapshots[0]))


def _load_through_a_kill(server: Neo4j, store: Store, snapshot: Path, dice: random.Random) -> None:
    acknowledged = store.number()
    with ThreadPoolExecutor(1) as threads:
        loading: Future[LoadRecord] = threads.submit(load, store, _request(snapshot))
        _until_written(store, acknowledged, loading)
        time.sleep(dice.random() * 0.2)
        acknowledged = store.number()
        server.kill()
        server.start()
        loading.result()
    numbers = [change.number for change in store.changes(0, 10_000)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= acknowledged


def _until_written(store: Store, before: int, loading: Future[LoadRecord]) -> None:
    """Until the load has written its first batch."""
    while store.number() == before and not loading.done():
        time.sleep(0.01)


def _request(snapshot: Path) -> LoadRequest:
    return LoadRequest("tables", (snapshot,), name="hr", allow_shrink=True)


def _snapshots(folder: Path) -> list[Path]:
    return [company(folder / "all", 300), company(folder / "fewer", 150)]


@contextmanager
def _patient() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in PATIENT}
    os.environ.update(PATIENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
