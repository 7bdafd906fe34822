"""Many writers and readers at once: no duplicate, no deadlock shown, readers see whole batches."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.open import open_store
from graph.steady import steady
from graph.store import Busy, Store
from graph.viewer import OPERATOR
from tests.store.crowd import UNITS, WRITERS, left, work
from tests.store.writing import put, rows, unsound


def assert_nothing_is_lost(store: Store) -> None:
    """Every record stands as who wrote its highest version said, once."""
    expected = left()
    learners = [(node.id, node.version) for node in store.page("Learner", OPERATOR, limit=5000)]
    assert learners == sorted(expected.learners.items())
    facts = [
        (node.id, (node.version, node.properties["learner"], node.properties["score"]))
        for node in store.page("Evidence", OPERATOR, limit=20_000)
    ]
    assert facts == sorted(expected.facts.items())
    edges = store.expand(UNITS, OPERATOR, incoming=True)
    memberships = [((edge.start, edge.end), edge.properties["since"]) for edge in edges]
    assert sorted(memberships) == sorted(expected.memberships.items())
    assert [change.number for change in store.changes(0, limit=10_000)] == list(range(1, store.number() + 1))
    assert unsound(store) == []


def test_sixteen_threads_write_overlapping_learners(store: Store) -> None:
    put(store, rows("OrgUnit", *({"id": unit} for unit in UNITS)))
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: work(store, writer), range(WRITERS)))

    assert_nothing_is_lost(store)


def test_sixteen_processes_write_overlapping_learners(store: Store, store_url: str) -> None:
    put(store, rows("OrgUnit", *({"id": unit} for unit in UNITS)))
    command = [sys.executable, "-m", "tests.store.crowd", store_url]
    writers = [
        subprocess.Popen([*command, str(writer)], stderr=subprocess.PIPE, text=True) for writer in range(WRITERS)
    ]
    errors = [writer.communicate()[1] for writer in writers]

    assert [error for error in errors if error] == []
    assert_nothing_is_lost(store)


def test_readers_see_whole_batches_while_loading(store: Store) -> None:
    done = threading.Event()
    seen: list[int] = []

    def counted(_: int) -> tuple[int, int]:
        skills = len(store.page("Skill", OPERATOR, limit=5000))
        return skills, sum(len(batch.arrays["from"]) for batch in store.scan("BROADER", ["from"]))

    def read() -> None:
        while not done.is_set():
            skills, edges = steady(store, counted)
            assert skills == edges + (edges // 49)
            seen.append(skills)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for turn in range(25):
            skills = [{"id": f"s:{turn}-{part}"} for part in range(50)]
            edges = [{"from": f"s:{turn}-{part}", "to": f"s:{turn}-0"} for part in range(1, 50)]
            put(store, rows("Skill", *skills), rows("BROADER", *edges))
        done.set()
        for reader in readers:
            reader.result()
    assert len(set(seen)) > 1


def test_a_held_name_is_refused_to_others_until_it_is_let_go(store: Store, store_url: str) -> None:
    other = open_store(store_url)
    with store.hold("esco"):
        with pytest.raises(Busy, match="esco"), other.hold("esco"):
            pass
        with other.hold("hr"):
            pass
    with other.hold("esco"):
        pass
    other.close()


def test_a_dead_process_holds_nothing(store: Store, store_url: str) -> None:
    code = "import sys, os, graph.open as o; o.open_store(sys.argv[1]).hold('esco').__enter__(); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code, store_url], check=False).returncode == 9

    with store.hold("esco"):
        pass
