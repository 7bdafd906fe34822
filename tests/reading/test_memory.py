"""Answers of one state are kept, as many as there is room for; those of an older one never again."""

from __future__ import annotations

from graph.neo4j.memory import Memory, asked_of
from graph.neo4j.server import Rows

ROWS: Rows = [[[1, 2, 3]]]


def asked(number: int) -> tuple[object, ...]:
    return asked_of("MATCH …", {"keys": [number]})


def test_an_answer_is_found_by_its_query_and_parameters() -> None:
    memory = Memory()
    memory.keep(1, {asked(1): ROWS})

    assert memory.find(1, asked(1)) is ROWS
    assert memory.find(1, asked(2)) is None
    assert memory.find(1, asked_of("MATCH …", {"ids": [1]})) is None


def test_an_answer_is_forgotten_when_something_is_written() -> None:
    memory = Memory()
    memory.keep(1, {asked(1): ROWS})
    assert memory.find(2, asked(1)) is None

    memory.keep(2, {asked(2): ROWS})
    assert memory.find(2, asked(1)) is None
    assert memory.find(2, asked(2)) is ROWS


def test_an_answer_is_forgotten_when_a_backup_takes_the_place_of_what_was_written() -> None:
    memory = Memory()
    memory.keep(2, {asked(2): ROWS})
    assert memory.find(1, asked(2)) is None

    assert memory.find(2, asked(2)) is None, "another write may have counted the same"


def test_the_least_recently_used_goes_first() -> None:
    memory = Memory(most=12)  # an answer has three values, and its parameters one
    for number in range(3):
        memory.keep(1, {asked(number): ROWS})
    assert memory.find(1, asked(0)) is ROWS
    memory.keep(1, {asked(3): ROWS})

    assert [memory.find(1, asked(number)) is ROWS for number in range(4)] == [True, False, True, True]


def test_what_is_too_much_is_not_kept() -> None:
    memory = Memory()
    memory.keep(1, {asked(1): [[list(range(100_000))]]})
    assert memory.find(1, asked(1)) is None
