"""What was read together is of one state, or the reader is told that it is not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import Moved
from graph.steady import steady
from graph.store import Store
from graph.viewer import OPERATOR
from tests.store.writing import put, rows

A, B = {"id": "skill:a", "label": "A"}, {"id": "skill:b", "label": "B"}


def there(store: Store) -> list[str]:
    return [node.id for node in store.page("Skill", OPERATOR)]


def test_a_snapshot_is_of_the_state_whose_number_it_gives(store: Store) -> None:
    put(store, rows("Skill", A))
    with store.snapshot() as number:
        assert there(store) == ["skill:a"]
        assert store.number() == number
    put(store, rows("Skill", B))

    with store.snapshot() as later:
        assert there(store) == ["skill:a", "skill:b"]
    assert later == number + 1


def test_a_snapshot_that_others_write_into_stays_or_says_that_it_moved(store: Store) -> None:
    put(store, rows("Skill", A))
    seen = []
    try:
        with store.snapshot() as number:
            seen.append(there(store))
            write_elsewhere(store)
            seen.append(there(store))
    except Moved:
        assert Moved.transient
    else:
        assert seen == [["skill:a"]] * 2
    assert store.number() == number + 1
    assert there(store) == ["skill:a", "skill:b"]


def test_what_a_snapshot_did_not_read_cannot_move(store: Store) -> None:
    with store.snapshot() as number:
        write_elsewhere(store)
    assert store.number() == number + 1


def test_an_error_inside_a_snapshot_is_the_readers_own(store: Store) -> None:
    with pytest.raises(KeyError, match="skill:none"), store.snapshot():
        _ = store.many(["skill:none"], OPERATOR)["skill:none"]
    assert there(store) == []


def test_snapshots_nest_and_are_one(store: Store) -> None:
    with store.snapshot() as outer, store.snapshot() as inner:
        assert inner == outer
        assert there(store) == []


def test_a_state_that_moves_is_read_again_until_it_stays(store: Store) -> None:
    put(store, rows("Skill", A))
    reads: list[tuple[int, list[str]]] = []

    def read(number: int) -> tuple[int, list[str]]:
        before = there(store)
        if not reads:
            write_elsewhere(store)
        reads.append((number, before))
        return number, there(store)

    number, after = steady(store, read)
    assert after == (["skill:a"] if number == reads[0][0] else ["skill:a", "skill:b"])


def test_nothing_moves_while_the_store_is_held_still(store: Store) -> None:
    put(store, rows("Skill", A))
    with ThreadPoolExecutor(1) as pool:
        with store.still() as number:
            before = there(store)
            writing = pool.submit(put, store, rows("Skill", B))
            assert (there(store), store.number()) == (before, number)
        writing.result()
    assert there(store) == ["skill:a", "skill:b"]


def write_elsewhere(store: Store) -> None:
    """From another thread, as snapshots are a thread's own."""
    writer = threading.Thread(target=put, args=(store, rows("Skill", B)))
    writer.start()
    writer.join()
