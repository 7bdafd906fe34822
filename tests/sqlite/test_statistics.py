"""Statistics are made when there are none and once much was written, not after every few records."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from graph.open import open_store
from graph.sqlite import connection
from graph.store import Store
from tests.store.writing import put, rows


class Counting(sqlite3.Connection):
    """Counts how often statistics are made."""

    made = 0
    meanwhile: ClassVar[list[Callable[[], None]]] = []  # what others do before they are made

    def execute(self, query: str, *given: Any) -> sqlite3.Cursor:
        if query == "ANALYZE":
            Counting.made += 1
            while Counting.meanwhile:
                Counting.meanwhile.pop()()
        return super().execute(query, *given)


@pytest.fixture
def counted(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store of 300 people that has statistics."""
    monkeypatch.setattr(connection, "FACTORY", Counting)
    store = open_store(store_url)
    people(store, 0, 300)
    Counting.made = 0
    store.optimise()
    assert Counting.made == 1
    yield store
    store.close()


def people(store: Store, start: int, stop: int) -> None:
    put(store, rows("Learner", *({"id": f"p:{n}", "label": f"P {n}"} for n in range(start, stop))))


def test_a_few_records_more_leave_them_as_they_are(counted: Store) -> None:
    people(counted, 300, 320)
    counted.optimise()
    assert Counting.made == 1


def test_a_tenth_more_makes_them_again_once(counted: Store) -> None:
    people(counted, 300, 340)
    counted.optimise()
    counted.optimise()
    assert Counting.made == 2


def test_small_loads_add_up_even_over_processes(counted: Store, store_url: str) -> None:
    people(counted, 300, 320)
    counted.optimise()
    again = open_store(store_url)
    people(again, 320, 340)
    again.optimise()
    again.close()
    assert Counting.made == 2


def test_what_two_processes_look_at_together_counts_once(counted: Store, store_url: str) -> None:
    again = open_store(store_url)
    people(counted, 300, 340)
    Counting.meanwhile.append(again.optimise)
    counted.optimise()
    again.close()
    assert Counting.made == 3
    people(counted, 340, 400)
    counted.optimise()
    assert Counting.made == 4


def test_a_store_that_has_lost_them_gets_them_at_the_next_load(counted: Store) -> None:
    with counted.connections.maintaining() as db:  # type: ignore[attr-defined]
        db.execute("DELETE FROM sqlite_stat1")
    people(counted, 300, 301)
    counted.optimise()
    assert Counting.made == 2
