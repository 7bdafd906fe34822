"""Twins answer as the index of what was taken back, replaced, or stated in circles."""

from __future__ import annotations

from typing import Any

import pytest

from graph.viewer import OPERATOR, Viewer
from queries.question import Answer
from tests.conftest import COMPANY
from tests.store.writing import Row, gone, rows, tell
from tests.twins.asking import Both
from tests.twins.conftest import Loaded, tables

LATER = 2**40
"""A version after the load's."""

OLD_ROLE, NEW_ROLE = "role:cloud-engineer", "role:operator"
DAY = "2025-01-01"
PLATFORM = Viewer(frozenset({"match", "graph"}), org_units=frozenset({"unit:platform"}))

REMOVED: list[tuple[str, str]] = [
    ("Application", "application:dan"),
    *(("Evidence", f"evidence:dan-{what}") for what in ("unix", "drill", "permit")),
    ("Learner", "person:dan"),
]
RETIRED = [
    ("Role", OLD_ROLE), ("Skill", "skill:containers"), ("LearningObject", "course:linux"), ("Learner", "person:ben"),
]  # fmt: skip
"""Taken back, while others refer to them."""

CIRCLE = ("course:linux-basics", "course:containers")
"""Closes containers -> linux -> basics."""

NEW: list[tuple[str, list[Row]]] = [
    ("Skill", [{"id": "skill:cron", "label": "cron", "replaced_by": ("skill:shell", "skill:linux", "skill:shell")}]),
    ("Role", [{"id": NEW_ROLE, "label": "operator"}]),
    ("LearningObject", [{"id": "course:itself", "label": "Itself"}]),
    ("TEACHES", [{"from": "course:itself", "to": "skill:linux", "level": 3_000_000}]),
    (
        "PREREQUISITE",
        [
            {"from": CIRCLE[0], "to": CIRCLE[1]},
            {"from": "course:itself", "to": "course:itself"},
            {"from": "course:itself", "to": CIRCLE[0]},
        ],
    ),
    (
        "REQUIRES",
        [
            {"from": NEW_ROLE, "to": skill, "level": level * 1_000_000, "reach": "narrower"}
            for skill, level in (("skill:linux", 3), ("skill:k8s", 2), ("skill:cron", 1), ("skill:containers", 1))
        ],
    ),
]


@pytest.fixture(scope="module")
def both(loaded: Loaded) -> Both:
    """The tiny company after all that."""
    found = loaded(tables(COMPANY))
    for name, id in REMOVED:
        assert tell(found.indexed, gone(name, {"id": id}, version=LATER), source=COMPANY.name) == ["REMOVED"]
    for name, id in RETIRED:
        assert tell(found.indexed, gone(name, {"id": id}, version=LATER), source=COMPANY.name) == ["RETIRED"]
    for name, stated in NEW:
        assert set(tell(found.indexed, rows(name, *stated))) == {"ADDED"}
    return found


def asked(both: Both, question: str, raw: dict[str, Any]) -> Answer | None:
    """What the operator is told of `DAY`; the index and the twin tell others, and of now, the same too."""
    for viewer in (OPERATOR, PLATFORM):
        both.alike(question, raw, viewer)
    return both.alike(question, {**raw, "as_of": DAY})


@pytest.mark.parametrize("role", [OLD_ROLE, NEW_ROLE, "requisition:berlin"])
def test_whoever_is_left_is_matched_with_a_retired_role_too(both: Both, role: str) -> None:
    found = asked(both, "role-matches", {"role": role})
    assert found is not None
    assert found.rows
    assert "person:dan" not in {row["person"] for row in found.rows}
    asked(both, "role-profile", {"role": role})


def test_a_retired_role_is_not_recommended(both: Both) -> None:
    found = asked(both, "person-roles", {"person": "person:ada"})
    assert found is not None
    assert [row["role"] for row in found.rows] == [NEW_ROLE]


@pytest.mark.parametrize("skill", ["containers", "k8s", "cron", "shell", "linux", "unix"])
def test_where_a_skill_comes_from_when_a_course_is_retired(both: Both, skill: str) -> None:
    for reach in ("exact", "narrower"):
        found = asked(both, "skill-sources", {"skill": f"skill:{skill}", "reach": reach})
        assert found is not None
        assert "course:linux" not in {row["id"] for row in found.rows}


@pytest.mark.parametrize("skill", ["cron", "unix", "containers"])
def test_what_replaces_a_skill_is_told_in_order(both: Both, skill: str) -> None:
    found = asked(both, "role-matches", {"profile": [{"skill": f"skill:{skill}", "level": 1}]})
    assert found is not None
    if skill == "cron":
        assert "skill:cron is replaced by skill:linux, skill:shell: ask" in found.notes[0]


@pytest.mark.parametrize("person", ["ada", "ben", "cleo", "dan", "eve"])
@pytest.mark.parametrize("role", [OLD_ROLE, NEW_ROLE, "requisition:berlin"])
def test_what_a_person_holds_and_misses(both: Both, person: str, role: str) -> None:
    found = [
        asked(both, question, {"person": f"person:{person}", **more})
        for question, more in (("person-skills", {}), ("person-roles", {}), ("person-gap", {"role": role}))
    ]
    assert all(each is None for each in found) == (person == "dan")


def test_courses_in_a_circle_are_told_once_each(both: Both) -> None:
    found = asked(both, "person-gap", {"person": "person:eve", "role": NEW_ROLE})
    assert found is not None
    ways = {row["skill"]: [step["learning_object"] for step in row["closed_by"]] for row in found.rows}
    assert ways["skill:k8s"] == ["course:linux-basics", "course:linux", "course:containers"]
    assert ways["skill:linux"] == ["course:linux", "course:containers", "course:linux-basics", "course:itself"]
