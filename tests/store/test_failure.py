"""A batch is in the store whole or not at all, whatever fails: a call, the caller, the process."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest

from graph.digest import digest
from graph.errors import StoreError
from graph.open import open_store
from graph.store import Block, Store
from tests.store.engines import Engine, Faults, Fresh
from tests.store.writing import gone, put, rows, unsound

SCRIPT: list[list[Block]] = [
    [
        rows("Skill", {"id": "s:a", "label": "A"}, {"id": "s:b", "label": "B"}),
        rows("Learner", {"id": "p:1", "label": "Ada"}),
        rows("RELATED", {"from": "s:a", "to": "s:b"}),
        rows("Evidence", {"id": "e:1", "learner": "p:1", "skill": "s:a"}),
    ],
    [
        rows("Skill", {"id": "s:a", "label": "C"}, version=2),
        rows("Evidence", {"id": "e:1", "learner": "p:1"}, version=2),
    ],
    [gone("RELATED", {"from": "s:a", "to": "s:b"}), gone("Skill", {"id": "s:b"})],
]


def write_all(store: Store) -> None:
    for blocks in SCRIPT:
        put(store, *blocks)


def golden(store: Store) -> list[str]:
    """The digest after no batch, after the first, and so on."""
    digests = [digest(store)]
    for blocks in SCRIPT:
        put(store, *blocks)
        digests.append(digest(store))
    return digests


@pytest.fixture
def faults(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    """Of the stores that are opened from now on."""
    found = engine.failing(monkeypatch)
    yield found
    found.at = 0


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whichever_call_fails_no_part_of_a_batch_is_left(faults: Faults, fresh: Fresh, for_good: bool) -> None:
    states = golden(fresh())
    store = fresh()
    first, faults.calls = store.number(), 0
    write_all(store)
    calls = faults.calls

    for at in range(1, calls + 1):
        store = fresh()
        faults.calls, faults.at, faults.for_good = 0, at, for_good
        with suppress(StoreError):  # what can be tried again is, and then nobody need know
            write_all(store)
        assert faults.calls >= at
        faults.at = 0
        assert digest(store) == states[store.number() - first]
        write_all(store)
        assert digest(store) == states[-1]


def test_an_interrupt_in_the_middle_of_a_batch_leaves_nothing_of_it(faults: Faults, fresh: Fresh) -> None:
    states = golden(fresh())
    store = fresh()
    first, faults.error = store.number(), KeyboardInterrupt()
    interrupted = 0
    for at in count(1, 3):
        faults.calls, faults.at = 0, at
        try:
            put(store, *SCRIPT[0])
        except KeyboardInterrupt:
            interrupted += 1
        else:
            break
        faults.at = 0
        assert digest(store) == states[store.number() - first]
    faults.at = 0
    assert digest(store) == states[1]
    assert interrupted > 1


WRITER = """
import sys
from graph.open import open_store
from tests.store.writing import put, rows
store = open_store(sys.argv[1])
start = int(sys.argv[2])
for number in range(start, start + 400):
    skills = [{"id": f"s:{number}-{part}", "label": f"Skill {number} {part}"} for part in range(40)]
    edges = [{"from": f"s:{number}-{part}", "to": f"s:{number}-0"} for part in range(1, 40)]
    put(store, rows("Skill", *skills), rows("BROADER", *edges))
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_whole_batches_and_all_it_acknowledged(store_url: str) -> None:
    """Twenty times kill -9 at random moments; `benchmarks/` does it two hundred times."""
    open_store(store_url).close()
    chance, start = random.Random(20), 0
    for _ in range(20):
        start += 400
        command = [sys.executable, "-c", WRITER, store_url, str(start)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline())]  # it is under way
            time.sleep(chance.random() * 0.1)
            writer.send_signal(signal.SIGKILL)
            acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]

        store = open_store(store_url)
        assert_whole(store, start, acknowledged)
        store.close()


def assert_whole(store: Store, start: int, acknowledged: list[int]) -> None:
    numbers = range(start, acknowledged[-1] + 3)
    skills = store.types_of([f"s:{number}-{part}" for number in numbers for part in range(40)])
    there = [skills[place : place + 40].count("Skill") for place in range(0, len(skills), 40)]
    assert set(there) <= {0, 40}
    written = [number for number, count in zip(numbers, there, strict=True) if count]
    assert written[: len(acknowledged)] == acknowledged
    assert len(written) <= len(acknowledged) + 1
    ends = store.keys("nodes", [f"s:{number}-0" for number in written]).tolist()
    edges = sum(len(batch.arrays["from"]) for batch in store.scan("BROADER", ["from"], ("to", ends)))
    assert edges == 39 * len(written)
    assert unsound(store) == []
