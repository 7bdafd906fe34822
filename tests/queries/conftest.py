"""Asking the tiny company at one instant, and telling it more facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from graph.index import IndexKeeper
from graph.store import Store
from graph.viewer import OPERATOR, Viewer
from loaders.load import load_rows
from ontology.values import parse_instant
from queries.ask import ask
from queries.question import Answer

DAY = "2025-01-01"
NOW = parse_instant(DAY)[0]
LATER = count(parse_instant("2040-01-01")[0])

Ask = Callable[..., Answer]
State = Callable[[Mapping[str, list[dict[str, Any]]]], None]


@pytest.fixture
def asked(company: Store, keeper: IndexKeeper) -> Ask:
    """Asks a question of the tiny company at 2025-01-01, as the operator."""

    def question(name: str, /, viewer: Viewer = OPERATOR, **parameters: Any) -> Answer:
        return ask(company, keeper, viewer, name, parameters, NOW)

    return question


@pytest.fixture
def matches(asked: Ask) -> Ask:
    """Asks who meets the profile of the one role."""

    def question(**parameters: Any) -> Answer:
        return asked("role-matches", **{"role": "role:cloud-engineer", **parameters})

    return question


@pytest.fixture
def state(company: Store) -> State:
    """Tells the store more, as a later partial load of the same name."""

    def told(tables: Mapping[str, list[dict[str, Any]]]) -> None:
        record = load_rows(company, "tables", tables, snapshot_at=next(LATER))
        held = list(company.ledger.held_rows(load=record.id))
        assert not held, held

    return told


def people(answer: Answer) -> list[str]:
    return [row["person"].removeprefix("person:") for row in answer.rows]


def row_of(answer: Answer, person: str) -> Mapping[str, Any]:
    return next(row for row in answer.rows if row["person"] == f"person:{person}")


def requirement(answer: Answer, person: str, skill: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(
        part for part in row_of(answer, person)["requirements"] if part["skill"] == f"skill:{skill}"
    )
    return found
