"""A server that goes silent without a word: nobody waits for it for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import StoreUnreachable
from graph.neo4j.address import parse_address
from graph.neo4j.limits import Limits
from graph.neo4j.server import Server
from graph.open import open_store
from graph.store import Store
from graph.viewer import OPERATOR
from tests.proxy import Proxy
from tests.store.writing import put, rows

MOST_SECONDS = 35.0
LARGE = [{"id": f"skill:{n}", "label": f"Skill {n}", "description": "x" * 2000} for n in range(3000)]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def read(store: Store) -> object:
    return store.page("Skill", OPERATOR)


def write(store: Store) -> object:
    return put(store, rows("Skill", {"id": "skill:sql", "label": "SQL"}))


def write_much(store: Store) -> object:
    """More than the system's buffers hold: the writer is held up while it sends."""
    return put(store, rows("Skill", *LARGE))


def hold(store: Store) -> object:
    with store.hold("a load"):
        return store.number()


def number(store: Store) -> object:
    return store.number()


def test_nothing_waits_longer_than_it_may(store: Store, proxy: Proxy) -> None:
    """With the limits that a deployment has when it sets none."""
    calls: list[Callable[[Store], object]] = [read, write, write_much, hold, number]
    proxy.faults.silent = True
    started = time.monotonic()
    with ThreadPoolExecutor(len(calls)) as threads:
        for call in [threads.submit(call, store) for call in calls]:
            with pytest.raises(StoreUnreachable):
                call.result()
    assert time.monotonic() - started < MOST_SECONDS


def test_work_under_way_goes_on_when_the_server_speaks_again(
    url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that were silent for longer than is looked on are given up; what they were for is done again."""
    monkeypatch.setenv("SKILLGRAPH_NEO4J_SILENT_SECONDS", "0.5")
    calls: list[Callable[[Store], object]] = [read, write, write_much]
    stores = [open_store(url) for _ in calls]
    proxy.faults.silent = True
    with ThreadPoolExecutor(len(calls)) as threads:
        under_way = [threads.submit(call, store) for call, store in zip(calls, stores, strict=True)]
        time.sleep(6)
        proxy.cut()  # as a firewall that has forgotten them, so that nothing of theirs arrives late
        proxy.mend()
        for each in under_way:
            each.result(20)
    for store in stores:
        store.close()


def test_a_read_that_only_takes_long_is_left_alone(url: str) -> None:
    """The server answers others meanwhile: it is there."""
    limits = Limits(silent_seconds=0.3, retry_seconds=0.01)
    server = Server(parse_address(*url.split(":", 1)), limits)
    started = time.monotonic()
    assert server.read("UNWIND range(1, 10000000) AS n RETURN sum(n * n % 7)")
    assert time.monotonic() - started > 2 * limits.silent_seconds
    server.close()
