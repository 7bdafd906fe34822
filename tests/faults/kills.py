"""kill -9 of a loader into Neo4j, and of Neo4j while it is written to, at random moments of a fixed seed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from graph.digest import digest
from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load
from local.server import Neo4j
from tests.loads.kills import Killed, company, golden, one_store, small_batches, whole_batches
from tests.neo4j import emptied

PATIENT = {"SKILLGRAPH_NEO4J_RETRY_SECONDS": "120", "SKILLGRAPH_NEO4J_ANSWER_SECONDS": "125"}
"""For a machine on which Neo4j takes long to start."""

_ROWS = 20  # a batch: a load takes half a second or more
_PAUSE = 0.1  # seconds after the first batch, at most
_TRIES = 3  # for each kill that was to be in the middle of a load


def kill_loads(server: Neo4j, folder: Path, kills: int) -> Killed:
    """Kill loads one after the other; raises `AssertionError` where the store is torn or does not open."""
    snapshots = _snapshots(folder)
    done, found = one_store(emptied(server.url), 0, snapshots, kills)
    return Killed(done, frozenset([found]), golden(folder, snapshots[0]))


def kill_server(server: Neo4j, folder: Path, kills: int) -> Killed:
    """Kill the server in the middle of so many loads, which go on when it is back; raises `AssertionError` where the
    store is torn."""
    snapshots, dice = _snapshots(folder), random.Random(0)
    done = tries = 0
    with patient():
        store = open_store(emptied(server.url))
        while done < kills:
            tries += 1
            assert tries <= _TRIES * kills, "the loads are done before the server can be killed"
            done += load_through(server, store, snapshots[tries % 2], server.kill, dice)
        load(store, _request(snapshots[0]))
        found = digest(store)
        store.close()
    return Killed(done, frozenset([found]), golden(folder, snapshots[0]))


def load_through(server: Neo4j, store: Store, snapshot: Path, end: Callable[[], None], dice: random.Random) -> bool:
    """A load during which the server ends, and is started again; whether that was between its first batch and its
    last. Raises `AssertionError` where the store is torn."""
    batches: list[int] = []

    def told(phase: str, done: int, total: int | None) -> None:
        if phase == "write":
            batches.append(done)

    with small_batches(_ROWS), ThreadPoolExecutor(1) as threads:
        loading = threads.submit(load, store, _request(snapshot), progress=told)
        before = acknowledged = store.number()
        while acknowledged == before and not loading.done():
            time.sleep(0.01)
            acknowledged = store.number()
        time.sleep(dice.random() * _PAUSE)
        acknowledged = store.number()
        end()
        written = len(batches)
        server.start()
        record = loading.result()
    assert (record.state, record.rejected, record.waiting) == ("done", 0, 0)
    numbers = [change.number for change in store.changes(0, 10_000)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= acknowledged
    whole_batches(store)
    return len(batches) > written


def _request(snapshot: Path) -> LoadRequest:
    return LoadRequest("tables", (snapshot,), name="hr", allow_shrink=True)


def _snapshots(folder: Path) -> list[Path]:
    return [company(folder / "all", 300), company(folder / "fewer", 150)]


@contextmanager
def patient() -> Iterator[None]:
    """Stores that are opened meanwhile wait long for their server."""
    before = {name: os.environ.get(name) for name in PATIENT}
    os.environ.update(PATIENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
