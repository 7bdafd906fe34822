"""On the tiny company twins answer as the index: whoever asks, of whichever instant, with whichever parameters."""

from __future__ import annotations

import time
from typing import Any

import pytest

from graph.viewer import OPERATOR, Viewer
from queries.question import Answer
from tests.conftest import COMPANY
from tests.twins.asking import Both
from tests.twins.conftest import Loaded, tables

ROLE, OPENING = "role:cloud-engineer", "requisition:berlin"
PLATFORM = Viewer(frozenset({"match", "graph"}), org_units=frozenset({"unit:platform"}))
ENGINEERING = Viewer(frozenset({"match", "graph"}), org_units=frozenset({"unit:engineering", "unit:nowhere"}))
NOBODY = Viewer(frozenset({"match", "graph"}), org_units=frozenset())
UNNAMED = Viewer(frozenset({"match", "graph"}))
PUBLISHER = Viewer(frozenset({"publish"}))
VIEWERS = (OPERATOR, UNNAMED, PLATFORM, ENGINEERING, NOBODY, PUBLISHER)
NAMING = frozenset({"match", "graph", "people"})
DAY = "2025-01-01"
DAYS = (None, "2024-03-15", "2024-07-15", "2025-05-31T23:59:59Z", "2025-06-01")
PEOPLE = ("ada", "ben", "cleo", "dan", "eve", "nobody")

PROFILE: list[dict[str, Any]] = [
    {"skill": "skill:linux", "level": 3, "weight": 2, "kind": "must", "reach": "narrower"},
    {"skill": "skill:unix", "level": 1},
    {"skill": "skill:communication", "level": 1, "kind": "preferred", "proof": "shown"},
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"limit": 1},
    {"limit": 2, "ready_only": True},
    {"explain": False},
    {"threshold": 0.5},
    {"cohort": ["cohort:spring"]},
    {"org_unit": ["unit:engineering"]},
    {"org_unit": ["unit:platform"], "cohort": ["cohort:spring"], "location": "Berlin"},
    {"location": "Berlin"},
    {"location": "Leeds"},
    {"kind": "internal"},
    {"kind": "external"},
    {"applied_to": OPENING},
    {"people": ["person:dan", "recruit:cleo"]},
    {"exclude": ["recruit:cleo"], "kind": "internal"},
    {"evidence_kinds": ["self_rating", "work_sample"]},
    {"max_age": "P9M"},
    {"max_age": "P1M", "evidence_kinds": ["assessment"]},
    {"verified_only": True},
]
COUNTED: list[dict[str, Any]] = [{}, {"max_age": "P9M"}, {"evidence_kinds": ["self_rating"], "verified_only": True}]
PERSON_QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("person-skills", {}),
    ("person-roles", {}),
    ("person-gap", {"role": ROLE}),
    ("person-gap", {"role": OPENING}),
    ("person-gap", {"role": "role:nobody"}),
]
REFUSED: list[dict[str, Any]] = [
    {},
    {"role": "role:nobody"},
    {"role": "no id"},
    {"role": "skill:linux"},
    {"role": ROLE, "profile": PROFILE},
    {"role": ROLE, "nonsense": 1},
    {"role": ROLE, "threshold": 1.2},
    {"role": ROLE, "cohort": ["cohort:spring", "unit:platform", "no id"]},
    {"role": ROLE, "org_unit": ["no id", "unit:nowhere"]},
    {"role": ROLE, "applied_to": ROLE},
    {"role": ROLE, "people": ["person:ada", "person:nobody"]},
    {"role": ROLE, "exclude": ["skill:linux"], "people": ["person:nobody"], "cohort": ["cohort:none"]},
    {"profile": [*PROFILE, PROFILE[0]]},
    {"profile": [{"skill": "skill:linux", "level": 4}]},
    {"profile": [{"skill": "skill:linux", "level": 10**30}]},
    {"profile": [{"skill": "skill:linux", "level": 4}, {"skill": "skill:nothing", "level": 1}]},
]


@pytest.fixture(scope="module")
def both(loaded: Loaded) -> Both:
    return loaded(tables(COMPANY))


def asked_by_all(both: Both, question: str, raw: dict[str, Any]) -> list[Answer | None]:
    """The answers of both, for every viewer, and for the operator at every day."""
    asked = [(viewer, DAY) for viewer in VIEWERS] + [(OPERATOR, day) for day in DAYS]
    return [both.alike(question, raw if day is None else {**raw, "as_of": day}, viewer) for viewer, day in asked]


@pytest.mark.parametrize("subject", [{"role": ROLE}, {"role": OPENING}, {"profile": PROFILE}], ids=str)
@pytest.mark.parametrize("parameters", FILTERS, ids=str)
def test_who_meets_a_profile(both: Both, subject: dict[str, Any], parameters: dict[str, Any]) -> None:
    assert any(asked_by_all(both, "role-matches", subject | parameters))


@pytest.mark.parametrize("parameters", REFUSED, ids=str)
def test_what_is_refused(both: Both, parameters: dict[str, Any]) -> None:
    assert not any(asked_by_all(both, "role-matches", parameters))


@pytest.mark.parametrize("person", [*(f"person:{name}" for name in PEOPLE), "recruit:cleo", "no id"])
@pytest.mark.parametrize("counted", COUNTED, ids=str)
def test_the_questions_about_one_person(both: Both, person: str, counted: dict[str, Any]) -> None:
    for question, more in PERSON_QUESTIONS:
        asked_by_all(both, question, {"person": person, **more, **counted})


@pytest.mark.parametrize(
    ("unit", "named"),
    [("unit:platform", {"Ada Lovelace", "Cleo Marsh"}), ("cohort:spring", {"Ada Lovelace", "Ben Ford"})],
)
def test_names_of_those_in_some_units(both: Both, unit: str, named: set[str]) -> None:
    """The store tells by its own clock whose names are seen."""
    viewer, now = Viewer(NAMING, org_units=frozenset({unit})), int(time.time())
    for parameters in FILTERS:
        both.alike("role-matches", {"role": ROLE, "as_of": DAY, **parameters}, viewer, now)
        both.alike("role-matches", {"role": ROLE, **parameters}, viewer, now)
    for person in PEOPLE:
        for question, more in PERSON_QUESTIONS:
            both.alike(question, {"person": f"person:{person}", **more}, viewer, now)

    seen = both.alike("role-matches", {"role": ROLE, "as_of": DAY}, viewer, now)
    assert seen is not None
    assert {row["label"] for row in seen.rows} == named


@pytest.mark.parametrize("role", [ROLE, OPENING, "role:nobody", "skill:linux"])
def test_what_is_required(both: Both, role: str) -> None:
    asked_by_all(both, "role-profile", {"role": role})


@pytest.mark.parametrize("skill", ["linux", "unix", "shell", "k8s", "incident", "communication", "nothing"])
def test_where_a_skill_comes_from(both: Both, skill: str) -> None:
    for more in ({}, {"level": 2}, {"level": 9}, {"level": 10**30}, {"reach": "narrower"}):
        asked_by_all(both, "skill-sources", {"skill": f"skill:{skill}", **more})
