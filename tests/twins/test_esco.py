"""On full ESCO, with people who hold its skills, twins answer as the index."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load_rows
from tests.twins.asking import Both
from tests.twins.conftest import Loaded

PEOPLE, ROLES, DAY = 200, 12, "2025-07-01"


@pytest.fixture(scope="module")
def both(loaded: Loaded, esco_folder: Path) -> Both:
    found = loaded([LoadRequest(source="esco", paths=(esco_folder,))])
    record = load_rows(found.indexed, "tables", tables(found, Random(7)))
    assert record.rejected == record.waiting == 0
    return found


def roles(both: Both) -> list[str]:
    """Some occupations, always the same."""
    nodes = both.indexed.page("Role", OPERATOR, limit=10_000)
    return Random(5).sample([node.id for node in nodes if node.properties.get("type") == "occupation"], ROLES)


def required(both: Both, role: str) -> list[str]:
    return [edge.end for edge in both.indexed.expand([role], OPERATOR, ("REQUIRES",))]


def tables(both: Both, chance: Random) -> dict[str, list[dict[str, str]]]:
    """People, each with some of what one of the occupations requires."""
    people = [{"id": f"person:{number}", "kind": chance.choice(("internal", "external"))} for number in range(PEOPLE)]
    asked = [required(both, role) for role in roles(both)]
    evidence = [
        {
            "id": f"evidence:{place}",
            "learner": person["id"],
            "kind": chance.choice(("work_sample", "manager_rating", "self_rating", "interview")),
            "skill": skill,
            "level": chance.choice("123"),
            "shown_at": chance.choice(("2023-01-01", "2024-01-01", "2025-06-01")),
            "expires_at": chance.choice(("", "", "2025-12-31")),
            "verification": chance.choice(("", "verified", "unverified")),
        }
        for place, (person, skill) in enumerate(
            (person, chance.choice(chance.choice(asked))) for person in people for _ in range(chance.randint(3, 20))
        )
    ]
    return {"Learner": people, "Evidence": evidence}


def test_roles(both: Both) -> None:
    for role in roles(both):
        for raw in ({}, {"threshold": 0.1, "limit": 5}, {"verified_only": True, "explain": False}):
            answer = both.alike("role-matches", {"role": role, "as_of": DAY, **raw})
            assert answer is not None
            assert answer.rows
        both.alike("role-profile", {"role": role, "as_of": DAY})


def test_reaching_for_all_that_is_narrower(both: Both) -> None:
    groups = [node.id for node in both.indexed.page("Skill", OPERATOR, limit=50_000) if is_group(node.properties)]
    for group in Random(3).sample(groups, 6):
        profile = [{"skill": group, "level": 2, "reach": "narrower", "kind": "must"}]
        both.alike("role-matches", {"profile": profile, "as_of": DAY})
        both.alike("skill-sources", {"skill": group, "reach": "narrower"})


def is_group(properties: object) -> bool:
    return isinstance(properties, dict) and properties.get("type") == "group"


def test_people(both: Both) -> None:
    for number, role in enumerate(roles(both)):
        person = f"person:{number}"
        both.alike("person-skills", {"person": person, "as_of": DAY})
        both.alike("person-roles", {"person": person, "as_of": DAY})
        both.alike("person-gap", {"person": person, "role": role, "as_of": DAY})
