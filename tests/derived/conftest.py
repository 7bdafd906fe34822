"""A store in a real Neo4j, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from graph.neo4j.derived import Deriver
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.settings import Settings
from ontology.values import parse_instant
from tests.neo4j import fresh_store


@dataclass
class Clock:
    """Says what it was set to."""

    now: int

    def __call__(self) -> float:
        return float(self.now)

    def set(self, day: str) -> None:
        self.now = parse_instant(day)[0]


@pytest.fixture
def clock() -> Clock:
    return Clock(parse_instant("2024-12-01")[0])


@pytest.fixture
def store() -> Iterator[Neo4jStore]:
    """An empty store: only the seeded home scale and crosswalks are in it."""
    opened = open_neo4j(fresh_store())
    yield opened
    opened.close()


@pytest.fixture
def deriver(store: Neo4jStore, clock: Clock) -> Deriver:
    return Deriver(store, clock)


def open_neo4j(url: str, settings: Settings | None = None) -> Neo4jStore:
    opened = open_store(url, settings)
    assert isinstance(opened, Neo4jStore)
    return opened
