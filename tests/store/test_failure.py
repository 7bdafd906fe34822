"""A batch is in the store whole or not at all, whatever fails: a call, the disk, the process."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.errors import StoreError, StoreFull
from graph.open import open_store
from graph.sqlite import connection
from graph.store import Block, Store
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


class Failing(sqlite3.Connection):
    """Fails its `at`-th call, and every later one when `for_good`; counts the calls of all connections."""

    calls = 0
    at = 0
    for_good = False
    error: type[BaseException] = sqlite3.OperationalError

    def _count(self) -> None:
        Failing.calls += 1
        if Failing.at and (Failing.calls == Failing.at or (Failing.for_good and Failing.calls > Failing.at)):
            raise Failing.error("disk I/O error")

    def execute(self, *given: Any) -> sqlite3.Cursor:
        self._count()
        return super().execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        self._count()
        return super().executemany(*given)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Failing]]:
    monkeypatch.setattr(connection, "FACTORY", Failing)
    Failing.calls, Failing.at, Failing.for_good, Failing.error = 0, 0, False, sqlite3.OperationalError
    yield Failing
    Failing.at = 0


def write_all(store: Store) -> None:
    for blocks in SCRIPT:
        put(store, *blocks)


@pytest.fixture
def seeded(tmp_path: Path) -> Path:
    """A store file that holds the seed only, to be copied."""
    open_store(f"sqlite:{tmp_path / 'seeded.db'}").close()
    return tmp_path / "seeded.db"


def copied(seeded: Path, name: str) -> Store:
    shutil.copy(seeded, seeded.with_name(name))
    shutil.copy(f"{seeded}.secret", seeded.with_name(f"{name}.secret"))
    return open_store(f"sqlite:{seeded.with_name(name)}")


def states(seeded: Path) -> list[str]:
    """The digest after no batch, after the first, and so on."""
    store = copied(seeded, "golden.db")
    digests = [digest(store)]
    for blocks in SCRIPT:
        put(store, *blocks)
        digests.append(digest(store))
    store.close()
    return digests


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whichever_call_fails_no_part_of_a_batch_is_left(seeded: Path, failing: type[Failing], for_good: bool) -> None:
    golden = states(seeded)
    store = copied(seeded, "counted.db")
    first, failing.calls = store.number(), 0
    write_all(store)
    calls = failing.calls
    store.close()

    for at in range(1, calls + 1):
        store = copied(seeded, "failing.db")
        failing.calls, failing.at, failing.for_good = 0, at, for_good
        with suppress(StoreError):  # a connection that cannot end its reading is closed, and nobody need know
            write_all(store)
        failing.at = 0
        assert digest(store) == golden[store.number() - first]
        write_all(store)
        assert digest(store) == golden[-1]
        store.close()


def test_an_interrupt_in_the_middle_of_a_batch_leaves_nothing_of_it(seeded: Path, failing: type[Failing]) -> None:
    store = copied(seeded, "interrupted.db")
    before = digest(store)
    for at in range(1, 60, 7):
        failing.calls, failing.at, failing.error = 0, at, KeyboardInterrupt
        with pytest.raises(KeyboardInterrupt):
            put(store, *SCRIPT[0])
        failing.at = 0
        assert digest(store) == before
    store.close()


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    store_url = f"sqlite:{tmp_path / 'small.db'}"
    store = open_store(store_url)
    put(store, *SCRIPT[0])
    before, many = digest(store), rows("Skill", *({"id": f"s:{n}", "label": "x" * 200} for n in range(3000)))
    with store.connections.maintaining() as db:  # type: ignore[attr-defined]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreFull, match="Free some space"):
        put(store, many)
    assert digest(store) == before
    store.close()
    again = open_store(store_url)
    assert digest(again) == before
    put(again, many)
    assert digest(again) != before
    again.close()


def test_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    code = (
        "import sys, graph.open as o; store = o.open_store(sys.argv[1])\n"
        "for how in (store.connections.reading, store.connections.maintaining):\n"
        "    with how() as db: print(*[db.execute(f'PRAGMA {name}').fetchone()[0] for name in sys.argv[2:]])"
    )
    names = ["synchronous", "journal_mode", "secure_delete"]
    command = [sys.executable, "-c", code, f"sqlite:{tmp_path / 'new.db'}", *names]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == ["2 wal 1"] * 2


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
