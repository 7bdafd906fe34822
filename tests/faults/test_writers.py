"""Sixteen writers on a thousand overlapping learners, over connections that break at random: every batch is written
once, whole and in its place, and no writer sees an error."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.digest import digest
from graph.open import open_store
from graph.store import Block, Receipt, Store
from tests.proxy import Proxy, after_commit, before_commit
from tests.store.writing import became, put, rows

STORES, WRITERS = 4, 16  # each store has a pool and a turnstile of its own, as a process would
BATCHES, LEARNERS, ROWS = 3, 1_000, 80

Written = list[tuple[list[str], Receipt]]


def batch(writer: int, number: int) -> list[Block]:
    """Newer and older records of learners whom other writers write too, and evidence of this writer's own."""
    dice = random.Random(writer * 1_000 + number)
    chosen = dice.sample(range(LEARNERS), ROWS)
    versions = [dice.randint(1, 50) for _ in chosen]
    learners = [
        {"id": f"person:{person}", "label": f"Person {person} as of {version}", "version": version}
        for person, version in zip(chosen, versions, strict=True)
    ]
    shown = {"kind": "interview", "level": 2, "shown_at": 1_700_000_000}
    evidence = [
        {"id": f"ev:{writer}-{number}-{person}", "learner": f"person:{person}", "skill": "skill:sql", **shown}
        for person in chosen[:20]
    ]
    return [rows("Learner", *learners), rows("Evidence", *evidence)]


def write_all(store: Store, writer: int) -> Written:
    """The ids that each batch changed, with its receipt."""
    done: Written = []
    for number in range(BATCHES):
        blocks = batch(writer, number)
        receipt = put(store, *blocks)
        changed = [
            id
            for block, outcomes in zip(blocks, became(receipt), strict=True)
            for id, outcome in zip(block.columns["id"], outcomes, strict=True)
            if outcome in ("ADDED", "CHANGED")
        ]
        done.append((changed, receipt))
    return done


@contextmanager
def disturbed(proxy: Proxy) -> Iterator[list[int]]:
    """Connections are cut at random until the block ends, some of them at a commit; counts the cuts."""
    over, dice, cuts = threading.Event(), random.Random(4), [0]

    def disturb() -> None:
        while not over.wait(dice.uniform(0.2, 1.0)):
            kind = dice.choice(["one", "one", "before", "after", "all"])
            if kind == "one":
                proxy.cut_one(dice)
            elif kind == "all":
                proxy.cut()
                over.wait(3.0)  # with all of them cut all the time nobody could write at all
            else:
                proxy.faults.at_commit = before_commit if kind == "before" else after_commit
            cuts[0] += 1

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield cuts
    finally:
        over.set()
        thread.join()
        proxy.mend()


def test_no_batch_is_lost_doubled_or_torn(
    url: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLGRAPH_NEO4J_RETRY_SECONDS", "60")  # for a slow machine
    monkeypatch.setenv("SKILLGRAPH_NEO4J_ANSWER_SECONDS", "65")
    stores = [open_store(url) for _ in range(STORES)]
    put(stores[0], rows("Skill", {"id": "skill:sql", "label": "SQL"}))
    before = stores[0].number()
    with disturbed(proxy) as cuts, ThreadPoolExecutor(WRITERS) as threads:
        writers = range(WRITERS)
        done = list(threads.map(write_all, [stores[writer % STORES] for writer in writers], writers))
    assert cuts[0] > 3
    _told_once_and_in_order(stores[0], before, done)
    assert digest(stores[0]) == _alone(tmp_path)
    for store in stores:
        store.close()


def _told_once_and_in_order(store: Store, before: int, done: list[Written]) -> None:
    """Change records are dense, each is one batch's, and a writer's own batches come in the order it wrote them."""
    told = {change.number: {id for item in change.items for id in item.ids} for change in store.changes(before, 10_000)}
    assert list(told) == list(range(before + 1, store.number() + 1))
    for written in done:
        numbers = [receipt.number for _, receipt in written]
        assert numbers == sorted(numbers, key=lambda number: number or 0)
    wanted = {receipt.number: set(changed) for written in done for changed, receipt in written}
    assert told == wanted


def _alone(folder: Path) -> str:
    """The digest of all batches written one after the other by one writer, into a file."""
    store = open_store(f"sqlite:{folder / 'alone.db'}")
    put(store, rows("Skill", {"id": "skill:sql", "label": "SQL"}))
    for writer in range(WRITERS):
        write_all(store, writer)
    found = digest(store)
    store.close()
    return found
