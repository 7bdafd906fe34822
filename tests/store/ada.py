"""A store in which Ada is named everywhere a person can be named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graph.ledger import HeldRow
from graph.store import Store
from tests.store.tiny import edges, nodes

ADA = "person:ada"
TRACES = [
    "person:ada", "recruit:ada", "Ada Lovelace", "A. Lovelace", "Lovelace", "lovelace",
    "ada@example.org", "ada@home.example", "E-1001-X",
]  # fmt: skip


def fill(store: Store) -> Store:
    """Ada, known by two ids and named everywhere a person can be named; Ben beside her."""
    nodes(store, "OrgUnit", {"id": "unit:platform", "label": "Platform"})
    nodes(store, "Skill", {"id": "skill:linux", "label": "Linux"})
    nodes(store, "Role", {"id": "role:admin", "label": "Administrator"})
    nodes(store, "Requisition", {"id": "req:1", "label": "Administrator wanted"})
    nodes(
        store, "Learner",
        {"id": ADA, "label": "Ada Lovelace", "label@de": "A. Lovelace", "email": "ada@example.org"},
        {"id": "recruit:ada", "label": "A. Lovelace", "email": "ada@home.example"},
        {"id": "person:ben", "label": "Ben Ford", "email": "ben@example.org"},
    )  # fmt: skip
    nodes(
        store, "Identity",
        {"id": "identity:1", "learner": ADA, "system": "employee-number", "value": "E-1001-X"},
        {"id": "identity:2", "learner": "recruit:ada", "system": "employee-number", "value": "E-1001-X"},
        {"id": "identity:3", "learner": "person:ben", "system": "employee-number", "value": "E-2002-X"},
    )  # fmt: skip
    facts(store)
    edges(
        store,
        "MEMBER_OF",
        {"from": ADA, "to": "unit:platform"},
        {"from": "person:ben", "to": "unit:platform"},
    )
    nodes(store, "Evidence", evidence("evidence:1", ADA, 900_000), version=2)
    nodes(store, "Rating", rating("rating:2", "evidence:2", ADA, 3), version=2)
    nodes(store, "Learner", {"id": ADA, "label": "Ada Lovelace", "email": "ada@example.org"}, version=2)
    return store


def facts(store: Store) -> None:
    nodes(store, "Evidence", evidence("evidence:1", ADA), evidence("evidence:2", "person:ben"))
    nodes(
        store, "Rating",
        rating("rating:1", "evidence:1", "person:ben", 2),
        rating("rating:2", "evidence:2", ADA, 2),
        rating("rating:3", "evidence:2", "ada@example.org", 2),
        rating("rating:4", "evidence:2", "person:eve", 2),
    )  # fmt: skip
    nodes(
        store, "Employment",
        {"id": "job:1", "learner": ADA, "org_unit": "unit:platform", "since": 0},
        {"id": "job:2", "learner": "person:ben", "manager": ADA, "since": 0},
    )  # fmt: skip
    nodes(
        store,
        "Application",
        {"id": "app:1", "learner": "recruit:ada", "requisition": "req:1", "applied_at": 0},
    )
    nodes(store, "StageEvent", {"id": "stage:1", "application": "app:1", "stage": "interview", "entered_at": 0})
    nodes(store, "Hire", {"id": "hire:1", "learner": ADA, "application": "app:1", "started_at": 0})
    nodes(store, "Protected", {"id": "protected:1", "learner": ADA, "attribute": "age band", "value": "30-39"})
    nodes(
        store, "Performance",
        {"id": "perf:1", "learner": "person:ben", "period_start": 0, "period_end": 9, "rater": "E-1001-X"},
    )  # fmt: skip


def evidence(id: str, learner: str, score: int = 500_000) -> dict[str, Any]:
    return {"id": id, "learner": learner, "kind": "interview", "score": score, "shown_at": 1_700_000_000}


def rating(id: str, of: str, rater: str, points: int) -> dict[str, Any]:
    return {"id": id, "evidence": of, "rater": rater, "skill": "skill:linux", "points": points * 1_000_000}


def held(load: int, row: int, **changes: Any) -> HeldRow:
    plain = HeldRow(load, "Rating.csv", row, "rejected", "points", "x", "x is no number.", "points", {"points": "x"})
    return replace(plain, **changes)
