"""A store in a real Neo4j, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from graph.neo4j.derived import Deriver
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.settings import Settings
from graph.store import Batch
from ontology.values import parse_instant
from tests.companies import Load
from tests.derived.told import held
from tests.index.telling import block, tell
from tests.neo4j import fresh_store
from tests.oracle import Row

Say = Callable[..., None]
Holds = Callable[..., int]


@dataclass
class Clock:
    """Says what it was set to."""

    now: int = 0

    def __call__(self) -> float:
        return float(self.now)

    def set(self, day: str) -> None:
        self.now = parse_instant(day)[0]


def open_neo4j(url: str, settings: Settings | None = None) -> Neo4jStore:
    opened = open_store(url, settings)
    assert isinstance(opened, Neo4jStore)
    return opened


@pytest.fixture
def clock() -> Clock:
    return Clock(parse_instant("2024-12-01")[0])


@pytest.fixture
def url() -> str:
    return fresh_store()


@pytest.fixture
def store(url: str) -> Iterator[Neo4jStore]:
    """An empty store: only the seeded home scale and crosswalks are in it."""
    opened = open_neo4j(url)
    yield opened
    opened.close()


@pytest.fixture
def deriver(store: Neo4jStore, clock: Clock) -> Deriver:
    return Deriver(store, clock)


@pytest.fixture
def say(store: Neo4jStore) -> Say:
    """Tells the store rows, later ones with higher versions: say(Skill=[{"id": "skill:a"}])."""
    versions = count(1)

    def told(removed: bool = False, **tables: list[Row]) -> None:
        version = next(versions)
        rows = {name: [{"version": str(version), **row} for row in table] for name, table in tables.items()}
        if removed:
            store.write(Batch("hr", None, [block(store.model, name, table, True) for name, table in rows.items()]))
        else:
            tell(store, Load("hr", version, rows))

    return told


@pytest.fixture
def academy(say: Say) -> None:
    """Two skills, a course, a lab of which the latest attempt counts, a permit, and two records of people."""
    say(
        Skill=[{"id": "skill:pods", "label": "pods"}, {"id": "skill:talk", "label": "talk"}],
        LearningObject=[{"id": "course:pods", "label": "pods", "validity": "P1Y"}],
        Assessment=[{"id": "lab:pods", "label": "lab", "attempts": "latest"}],
        Criterion=[{"id": "criterion:clear", "label": "clear"}],
        CriterionLevel=[{"id": "clear:very", "label": "very", "points": "4", "level": "3"}],
        Learner=[{"id": "person:ann", "label": "Ann"}, {"id": "person:ben", "label": "Ben"}],
        TEACHES=[{"from": "course:pods", "to": "skill:pods", "level": "2"}],
        MEASURES=[{"from": "lab:pods", "to": "skill:pods", "cut_scores": "1:0.5|3:0.9"}],
        ASSESSES=[{"from": "criterion:clear", "to": "skill:talk"}],
        HAS_LEVEL=[{"from": "criterion:clear", "to": "clear:very"}],
    )


@pytest.fixture
def holds(academy: None, store: Neo4jStore, deriver: Deriver) -> Holds:
    """The level of HAS_SKILL once all is derived: holds("ann", "pods")."""

    def level(person: str, skill: str) -> int:
        deriver.catch_up()
        return held(store).get((f"person:{person}", f"skill:{skill}"), 0)

    return level


def evidence(id: str, kind: str, shown_at: str = "2024-06-01", **cells: str) -> Row:
    """A row of Evidence about Ann unless another learner is named."""
    return {"id": f"evidence:{id}", "learner": "person:ann", "kind": kind, "shown_at": shown_at, **cells}


def same_person(*names: str, value: str = "a") -> list[Row]:
    """An Identity of each that joins them."""
    return [
        {"id": f"identity:{name}", "learner": f"person:{name}", "system": "email", "value": value} for name in names
    ]
