"""A store told a few rows, and what its index says is held."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from graph.index import Index, IndexKeeper
from graph.settings import Settings
from graph.store import Batch, Store
from ontology.values import parse_instant
from tests.companies import Load
from tests.index.telling import block, levels_of, tell
from tests.oracle import Row

Say = Callable[..., None]
Held = Callable[..., int]


@pytest.fixture
def say(store: Store) -> Say:
    """Tells the store rows, later ones with higher versions: say(Skill=[{"id": "skill:a"}])."""
    versions = count(1)

    def told(source: str = "hr", removed: bool = False, **tables: list[Row]) -> None:
        version = next(versions)
        rows = {name: [{"version": str(version), **row} for row in table] for name, table in tables.items()}
        if removed:
            blocks = [block(store.model, name, table, removed=True) for name, table in rows.items()]
            store.write(Batch(source, None, blocks))
        else:
            tell(store, Load(source, version, rows))

    return told


@pytest.fixture
def academy(store: Store, say: Say) -> Store:
    """Four skills, what teaches, measures, attests and judges them, and two people of whom nothing is known."""
    say(
        Skill=[{"id": f"skill:{name}", "label": name} for name in ("helm", "pods", "linux", "talk")],
        LearningObject=[{"id": "course:pods", "label": "pods", "validity": "P1Y"}],
        Assessment=[
            {"id": "lab:best", "label": "lab", "attempts": "best"},
            {"id": "lab:latest", "label": "lab", "attempts": "latest"},
        ],
        Credential=[{"id": "permit:crane", "label": "permit"}],
        Criterion=[{"id": "criterion:clear", "label": "clear"}],
        CriterionLevel=[
            {"id": "clear:some", "label": "some", "points": "1", "level": "1"},
            {"id": "clear:very", "label": "very", "points": "4", "level": "3"},
        ],
        Learner=[{"id": "person:ann", "label": "Ann"}, {"id": "person:ben", "label": "Ben"}],
        TEACHES=[{"from": "course:pods", "to": "skill:pods", "level": "2"}],
        MEASURES=[
            {"from": "lab:best", "to": "skill:pods", "cut_scores": "1:0.5|2:0.7|3:0.9"},
            {"from": "lab:latest", "to": "skill:linux", "cut_scores": "1:0.5|3:0.9"},
        ],
        ATTESTS=[{"from": "permit:crane", "to": "skill:linux", "level": "3"}],
        ASSESSES=[{"from": "criterion:clear", "to": "skill:talk"}],
        HAS_LEVEL=[{"from": "criterion:clear", "to": "clear:some"}, {"from": "criterion:clear", "to": "clear:very"}],
    )
    return store


@pytest.fixture
def academy_keeper(academy: Store) -> IndexKeeper:
    return IndexKeeper(academy, Settings())


@pytest.fixture
def held(academy_keeper: IndexKeeper) -> Held:
    """The level that a person holds: held("ann", "pods", "2025-01-01")."""

    def level(person: str, skill: str, at: str = "2025-01-01") -> int:
        index = academy_keeper.current()
        levels = levels_of(index, [f"skill:{skill}"], parse_instant(at)[0], range(1, 20))
        return levels.get((person_named(index, f"person:{person}"), f"skill:{skill}"), 0)

    return level


def person_named(index: Index, id: str) -> str:
    number = index.people.number_of(id)
    assert number is not None
    return index.people.id_of(number)


def evidence(id: str, kind: str, shown_at: str = "2024-06-01", **cells: str) -> Row:
    """A row of Evidence about Ann unless another learner is named."""
    return {"id": f"evidence:{id}", "learner": "person:ann", "kind": kind, "shown_at": shown_at, **cells}
