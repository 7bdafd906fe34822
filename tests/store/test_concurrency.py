"""Many writers and readers at once: no duplicate, no deadlock shown, readers see whole batches."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from graph.open import open_store
from graph.steady import steady
from graph.store import Busy, Store
from graph.viewer import OPERATOR
from tests.store.writing import put, rows, unsound

WRITERS = 16
LEARNERS = 1000

WORK = """
import random
import sys
from tests.store.writing import put, rows, unsound

def work(store, writer):
    chance = random.Random(writer)
    for turn in range(6):
        chosen = sorted(chance.sample(range(1000), 120))
        learners = [{"id": f"hr:{number}", "kind": "internal"} for number in chosen]
        facts = [{"id": f"ev:{number}-{turn}", "learner": f"hr:{number}", "score": writer} for number in chosen]
        put(store, rows("Learner", *learners, version=turn), rows("Evidence", *facts, version=writer + 1))
        put(store, rows("MEMBER_OF", *({"from": f"hr:{number}", "to": "ou:1"} for number in chosen)))
"""


def run(store: Store, writer: int) -> None:
    names: dict[str, object] = {}
    exec(WORK, names)
    names["work"](store, writer)  # type: ignore[operator]


def assert_sound(store: Store) -> None:
    learners = [node.id for node in store.page("Learner", OPERATOR, limit=5000)]
    assert len(learners) == len(set(learners)) <= LEARNERS
    facts = [node.id for node in store.page("Evidence", OPERATOR, limit=20_000)]
    assert len(facts) == len(set(facts))
    assert len(store.expand(["ou:1"], OPERATOR, incoming=True)) == len(learners)
    numbers = [change.number for change in store.changes(0, limit=10_000)]
    assert all(after == before + 1 for before, after in pairwise(numbers))
    assert unsound(store) == []


def test_sixteen_threads_write_overlapping_learners(store: Store) -> None:
    put(store, rows("OrgUnit", {"id": "ou:1"}))
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: run(store, writer), range(WRITERS)))

    assert_sound(store)
    assert {node.properties["score"] for node in store.page("Evidence", OPERATOR, limit=20)} <= set(range(WRITERS))


def test_sixteen_processes_write_overlapping_learners(store_url: str) -> None:
    store = open_store(store_url)
    put(store, rows("OrgUnit", {"id": "ou:1"}))
    script = WORK + "\nfrom graph.open import open_store\nwork(open_store(sys.argv[1]), int(sys.argv[2]))\n"
    writers = [
        subprocess.Popen([sys.executable, "-c", script, store_url, str(writer)], stderr=subprocess.PIPE, text=True)
        for writer in range(WRITERS)
    ]
    errors = [writer.communicate()[1] for writer in writers]

    assert [error for error in errors if error] == []
    assert_sound(store)
    store.close()


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
