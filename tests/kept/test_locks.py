"""Locks are leases that their holder renews; who is dead holds none."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from graph.neo4j import locks, owners
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.locks import hold, is_held, nobody_loads
from graph.store import Busy

HOLDER = """
import sys, time
from graph.open import open_store
with open_store(sys.argv[1]).hold("hr"):
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """It holds "hr"; ends with the block, without a word."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases of half a second, not renewed before they end."""
    monkeypatch.setattr(locks, "_LEASE", 500)
    monkeypatch.setattr(locks, "_RENEW_SECONDS", 1.0)


@pytest.fixture
def nobody_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every holder is of another machine."""
    monkeypatch.setattr(locks, "is_dead", lambda _: False)


def test_one_lock_has_one_holder_in_one_process_too(store: Neo4jStore) -> None:
    with store.hold("hr"), store.hold("lms"), pytest.raises(Busy, match="'hr' is in use"), store.hold("hr"):
        pass
    with store.hold("hr"):
        pass


def test_of_many_who_ask_at_once_one_gets_it(store: Neo4jStore) -> None:
    got, start = list[int](), threading.Barrier(8)

    def ask(number: int) -> None:
        start.wait()
        try:
            with store.hold("hr"):
                got.append(number)
                time.sleep(1)
        except Busy:
            pass

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_the_lock_of_a_process_that_was_killed_is_free_at_once(store: Neo4jStore, store_url: str) -> None:
    with another_process(store_url) as process:
        assert is_held(store.server, "hr")
        with pytest.raises(Busy), store.hold("hr"):
            pass
        process.kill()
        process.wait()
        assert not is_held(store.server, "hr")
        with store.hold("hr"):
            pass


def test_a_holder_that_cannot_be_seen_keeps_it_until_the_lease_ends(
    store: Neo4jStore, hasty: None, nobody_is_seen: None
) -> None:
    with ExitStack() as lost:
        lost.enter_context(pytest.raises(Busy, match="taken by another process"))
        with store.hold("hr"):
            with pytest.raises(Busy), store.hold("hr"):
                pass
            time.sleep(0.6)
            with store.hold("hr"):
                time.sleep(0.6)


def test_a_lock_is_renewed_for_as_long_as_it_is_held(
    store: Neo4jStore, nobody_is_seen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_LEASE", 1000)
    monkeypatch.setattr(locks, "_RENEW_SECONDS", 0.1)
    with store.hold("hr"):
        time.sleep(1.5)
        assert is_held(store.server, "hr")
        with pytest.raises(Busy), store.hold("hr"):
            pass


def test_while_nobody_loads_no_load_begins_and_no_two_see_to_that(store: Neo4jStore) -> None:
    with nobody_loads(store.server):
        with pytest.raises(Busy), store.hold("hr"):
            pass
        with pytest.raises(Busy), nobody_loads(store.server):
            pass
        with store.hold("\0derived"):  # no load has such a name
            pass
    with store.hold("hr"), pytest.raises(Busy), nobody_loads(store.server):
        pass
    with store.hold("\0derived"), nobody_loads(store.server):
        pass


def test_a_name_may_be_anything(store: Neo4jStore) -> None:
    for name in ("hr", "täg | \u2028", "x" * 300, "`]) DETACH DELETE n //"):
        with hold(store.server, name):
            assert is_held(store.server, name)


def test_another_process_with_the_number_of_a_dead_one_is_not_it() -> None:
    machine, process, _, unique = owners.new_owner().split()
    assert not owners.is_dead(owners.new_owner())
    assert owners.is_dead(" ".join([machine, process, "1", unique]))


def test_of_processes_on_other_machines_nothing_is_known() -> None:
    assert not owners.is_dead("elsewhere/boot/namespace 999999999 1 unique")
    assert not owners.is_dead("elsewhere// 1  unique")
