"""What a twin is told is of one state, with what is derived brought up to it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Moved
from graph.open import open_store
from graph.store import Cypher, Store
from graph.viewer import OPERATOR
from ontology.ids import Prefixes
from queries.twin import ask_twin
from tests.companies import Load
from tests.index.telling import tell
from tests.neo4j import fresh_store
from tests.twins.asking import NOW

SKILLS = 20
PAUSE = 0.1  # seconds between two writes, so that some answers find a state that stays


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """One person, who holds nothing yet."""
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    opened = open_store(fresh_store())
    skills = [{"id": f"skill:{number}", "label": f"skill {number}", "version": "1"} for number in range(SKILLS)]
    tell(opened, Load("hr", 1, {"Skill": skills, "Learner": [{"id": "person:a", "label": "A", "version": "1"}]}))
    yield opened
    opened.close()


def show(store: Store, number: int) -> None:
    """The person shows one more skill."""
    row = {"id": f"evidence:{number}", "learner": "person:a", "kind": "work_sample", "skill": f"skill:{number}"}
    tell(store, Load("hr", 1, {"Evidence": [{**row, "level": "1", "shown_at": "2024-01-01", "version": "1"}]}))


def held(store: Store) -> tuple[int, int]:
    """The change number of an answer, and how many skills are in it."""
    assert isinstance(store, Cypher)
    answer = ask_twin(store, OPERATOR, "person-skills", {"person": "person:a"}, NOW)
    return answer.version, answer.total


def test_what_was_just_written_counts(store: Store) -> None:
    before, _ = held(store)
    for number in range(3):
        show(store, number)
        assert held(store) == (before + number + 1, number + 1)


def test_an_answer_is_of_one_state_while_others_write(store: Store) -> None:
    before, _ = held(store)
    other = open_store(store.url)
    numbers = count()

    def write() -> None:
        for _ in range(SKILLS):
            show(other, next(numbers))
            sleep(PAUSE)

    answers: list[tuple[int, int]] = []
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        while not writing.done():
            with suppress(Moved):  # on a machine with more to do no state may stay long enough
                answers.append(held(store))
        writing.result()
    answers.append(held(store))
    assert {version - before - total for version, total in answers} == {0}
    assert answers[-1][1] == SKILLS
    other.close()


def test_ids_stand_in_the_order_of_code_points(store: Store) -> None:
    """Neo4j orders texts by UTF-16; ids hold no character that makes a difference."""
    assert isinstance(store, Cypher)
    ids = [chr(code) for code in range(0x20, 0x7F)] + ["a:b", "a:b~", "a:B", "a:b.c", "a-b:c", "A:b", "a:b_c"]
    _, rows = store.run_cypher("UNWIND $ids AS id RETURN id ORDER BY id", {"ids": ids})
    assert [id for (id,) in rows] == sorted(ids)


@given(st.text())
def test_no_id_holds_other_characters(text: str) -> None:
    with suppress(ValueError):
        assert Prefixes().curie(text).isascii()
