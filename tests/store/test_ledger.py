"""What is kept about loads: counts, rows put aside, and what became of a process that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

from graph.ledger import HeldRow
from graph.open import open_store
from graph.store import Store

DYING = """
import sys, time
from graph.open import open_store
store = open_store(sys.argv[1])
with store.hold("hr"):
    print(store.ledger.start("hr", "hr", 1000, True), flush=True)
    time.sleep(60)
"""


def rejected(load: int, row: int, file: str = "Role.csv", **changes: object) -> HeldRow:
    plain = HeldRow(
        load,
        file,
        row,
        "rejected",
        "level",
        "9",
        "9 is above 3: use 1 to 3.",
        "REQUIRES-level",
        {"level": "9"},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_load_is_kept_with_its_counts(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1000, complete=True)
    started = store.ledger.load(load)
    assert started is not None

    done = replace(
        started, state="done", finished_at=2000, read=10, written=7, rejected=2, skipped=1, seconds=0.5,
        message="half of it", skips={"draft": 1}, flags={"no-zone": 3},
    )  # fmt: skip
    store.ledger.finish(done)

    assert store.ledger.load(load) == done
    assert store.ledger.load(load + 1) is None


def test_loads_are_listed_newest_first_and_by_name(store: Store) -> None:
    first, second, other = (store.ledger.start(name, name, 1, complete=False) for name in ("hr", "hr", "lms"))

    assert [record.id for record in store.ledger.loads()] == [other, second, first]
    assert [record.id for record in store.ledger.loads("hr")] == [second, first]
    assert [record.id for record in store.ledger.loads(limit=1)] == [other]


def test_a_load_whose_process_was_killed_is_interrupted(store: Store, store_url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", DYING, store_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    load = int(process.stdout.readline())
    alive = store.ledger.load(load)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    dead = store.ledger.load(load)

    assert alive is not None
    assert alive.state == "running"
    assert dead is not None
    assert dead.state == "interrupted"


def test_starting_a_load_again_closes_the_one_that_died(store: Store) -> None:
    died = store.ledger.start("hr", "hr", 1, complete=True)
    with store.hold("hr"):
        again = store.ledger.start("hr", "hr", 2, complete=True)

        assert [(record.id, record.state) for record in store.ledger.loads("hr")] == [
            (again, "running"),
            (died, "interrupted"),
        ]


def test_held_rows_come_back_as_the_source_gave_them(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    odd = rejected(
        load,
        2,
        value="a\x00b",
        raw={"täg": "K8s | \u2028 \x00", "n": 1, "list": ["a", None]},
        people=("person:ada",),
    )
    waiting = rejected(load, 3, kind="waiting", refers_to="skill:new")
    store.ledger.hold_rows([odd, waiting])

    assert list(store.ledger.held_rows(load)) == [odd, waiting]
    assert list(store.ledger.held_rows(name="hr", kind="waiting")) == [waiting]
    assert list(store.ledger.held_rows(name="lms")) == []


def test_half_a_character_is_kept_as_its_escape(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows([rejected(load, 1, value="\ud800", raw={"level": "\ud800"})])

    (held,) = store.ledger.held_rows(load)
    assert held.value == "\\ud800"


def test_more_rows_than_a_page_are_read_while_others_are_written(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows(rejected(load, row) for row in range(2500))

    seen = 0
    for held in store.ledger.held_rows(load):
        seen += 1
        if held.row == 10:
            store.ledger.hold_rows([rejected(load, 9999)])
    assert seen == 2501


def test_single_rows_are_released_when_they_were_mended(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows([rejected(load, 1), rejected(load, 2)])

    store.ledger.release([rejected(load, 1)])
    assert [held.row for held in store.ledger.held_rows()] == [2]


def test_waiting_rows_are_found_by_what_they_wait_for(store: Store) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows(
        [
            rejected(load, 1, kind="waiting", refers_to="skill:a"),
            rejected(load, 2, kind="waiting", refers_to="skill:b"),
            rejected(load, 3, kind="waiting", refers_to="skill:a"),
        ]
    )

    assert sorted(store.ledger.awaited()) == ["skill:a", "skill:b"]
    assert [held.row for held in store.ledger.waiting_for(["skill:a", "skill:z"])] == [1, 3]
    assert len(store.ledger.waiting_for(["skill:a"], limit=1)) == 1


def test_the_last_complete_snapshot_never_goes_back(store: Store) -> None:
    assert store.ledger.last_complete("hr") is None
    store.ledger.set_last_complete("hr", 500)
    store.ledger.set_last_complete("hr", 400)
    assert store.ledger.last_complete("hr") == 500


def test_the_ledger_outlives_the_process(store: Store, store_url: str) -> None:
    load = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows([rejected(load, 1)])
    store.close()

    again = open_store(store_url)
    try:
        assert [held.row for held in again.ledger.held_rows(load)] == [1]
    finally:
        again.close()


def test_nobody_is_erased_in_a_new_store(store: Store) -> None:
    assert list(store.ledger.erased(["person:ada", "email ada@example.org"])) == [False, False]
