"""Locks are leases that their holder renews; who is dead holds none."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise

import pytest

from graph.neo4j import locks, owners
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.locks import hold, is_held, nobody_loads
from graph.neo4j.server import Writer
from graph.store import Busy
from tests.store.ada import held
from tests.store.tiny import nodes

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


def test_who_lost_its_lock_writes_no_further_batch(store: Neo4jStore, hasty: None, nobody_is_seen: None) -> None:
    with ExitStack() as lost:
        lost.enter_context(pytest.raises(Busy, match="taken by another process"))
        with store.hold("hr"):
            nodes(store, "Skill", {"id": "skill:a"})
            store.server.repeatable("MATCH (l:_Lock {name: 'hr'}) SET l.owner = 'another process'")
            time.sleep(0.6)
            with pytest.raises(Busy, match="taken by another process"):
                nodes(store, "Skill", {"id": "skill:b"})
    assert store.types_of(["skill:a", "skill:b"]) == ["Skill", None]


def test_who_could_not_renew_its_lock_writes_on_when_nobody_took_it(
    store: Neo4jStore, hasty: None, nobody_is_seen: None
) -> None:
    with store.hold("hr"):
        time.sleep(0.6)
        nodes(store, "Skill", {"id": "skill:a"})


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
    for name in ("hr", "täg | \u2028", "x" * 300, "`]) DETACH DELETE n //", "\ud800"):
        with hold(store.server, name):
            assert is_held(store.server, name)


def test_what_is_kept_about_loads_may_be_asked_for_by_any_text(store: Neo4jStore) -> None:
    half = "\ud800"
    load = store.ledger.start(half, half, None, complete=True)
    store.ledger.hold_rows([held(load, 1, kind="waiting", refers_to=half)])
    store.ledger.set_last_complete(half, 500)

    assert [record.id for record in store.ledger.loads(half)] == [load]
    assert store.ledger.next_snapshot(half) > 0
    assert [row.row for row in store.ledger.held_rows(name=half)] == [1]
    assert [row.row for row in store.ledger.waiting_for([half, half])] == [1]
    assert store.ledger.last_complete(half) == 500


def test_old_markers_are_forgotten_a_few_at_a_time(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others wait meanwhile."""
    store.server.repeatable("UNWIND range(1, 12000) AS n CREATE (:_Batch {id: 'old ' + n, at: 0})")
    write, left = store.server.write, [12_000]

    def counted(work: Callable[[Writer], object]) -> object:
        done = write(work)
        left.append(store.server.read("MATCH (b:_Batch {at: 0}) RETURN count(b)")[0][0])
        return done

    monkeypatch.setattr(store.server, "write", counted)
    store.optimise()
    assert left[-1] == 0
    assert max(before - after for before, after in pairwise(left)) == 5_000


def test_another_process_with_the_number_of_a_dead_one_is_not_it() -> None:
    machine, process, _, unique = owners.new_owner().split()
    assert not owners.is_dead(owners.new_owner())
    assert owners.is_dead(" ".join([machine, process, "1", unique]))


def test_of_processes_on_other_machines_nothing_is_known() -> None:
    assert not owners.is_dead("elsewhere/boot/namespace 999999999 1 unique")
    assert not owners.is_dead("elsewhere// 1  unique")
