"""Each story of the demo company is asked for and found."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from typing import Any

from demo import stories
from demo.company import Vocabulary
from demo.generate import COMPANY
from graph.index import Index
from tests.demo.conftest import Ask


def row_of(asked: Ask, role: str, person: str, as_of: str = "2026-06-30") -> Mapping[str, Any]:
    """The person's row among a role's matches."""
    answer = asked("role-matches", as_of=as_of, role=role, people=[person])
    return next(iter(answer.rows))


def table(name: str) -> list[dict[str, str]]:
    with (COMPANY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_someone_rejected_a_year_ago_is_ready_since_march(asked: Ask) -> None:
    person, role = stories.REJECTED_THEN_READY, "demo-role:cloud-engineer"
    applications = [row for row in table("Application") if row["learner"] == person]
    assert [row["outcome"] for row in applications] == ["rejected"]
    assert applications[0]["closed_at"] == "2025-06-02"
    assert not row_of(asked, role, person, "2025-06-02")["ready"]
    assert not row_of(asked, role, person, "2026-03-13T23:59:59Z")["ready"]
    assert row_of(asked, role, person, "2026-03-14")["ready"]
    assert row_of(asked, role, person)["ready"]


def test_a_permit_that_expires_tomorrow_makes_an_operator_not_ready_at_midnight(asked: Ask) -> None:
    person, role = stories.PERMIT_EXPIRES, "demo-role:cnc-operator"
    assert row_of(asked, role, person, "2026-06-30T23:59:59Z")["ready"]
    after = row_of(asked, role, person, "2026-07-01T00:00:00Z")
    assert not after["ready"]
    assert after["points"] == after["of"] - 420, "the skills are all still held, but for the optional CAM software"


def test_a_course_claims_advanced_and_its_finishers_test_at_foundation(asked: Ask, skills: Vocabulary) -> None:
    skill = skills["implement cloud security and compliance"]
    claims = [row for row in table("TEACHES") if row["from"] == stories.OVERCLAIMING_COURSE and row["to"] == skill]
    assert [row["level"] for row in claims] == ["3"]
    finishers = {row["learner"] for row in table("Evidence") if row.get("about") == stories.OVERCLAIMING_COURSE}
    assert len(finishers) >= 12
    profile = [{"skill": skill, "level": 3}]
    shown = asked("role-matches", profile=profile, people=sorted(finishers), evidence_kinds=["assessment"], limit=100)
    levels = Counter(row["requirements"][0]["held"] for row in shown.rows)
    assert set(levels) == {1}, "nobody who finished it shows more than foundation"
    assert levels[1] >= 12


def test_an_essential_skill_that_nothing_teaches(asked: Ask, skills: Vocabulary) -> None:
    skill = skills[stories.UNTAUGHT_SKILL]
    profile = asked("role-profile", role="demo-role:cloud-security-engineer")
    assert [row["kind"] for row in profile.rows if row["skill"] == skill] == ["essential"]
    assert asked("skill-sources", skill=skill).total == 0


def test_a_popular_course_that_no_role_asks_for(asked: Ask) -> None:
    finished = [row for row in table("Evidence") if row.get("about") == stories.POPULAR_UNASKED]
    by_course = Counter(row["about"] for row in table("Evidence") if row["kind"] == "completion")
    assert by_course.most_common(1)[0][0] == stories.POPULAR_UNASKED
    assert len(finished) > 100
    taught = {row["to"] for row in table("TEACHES") if row["from"] == stories.POPULAR_UNASKED}
    asked_for = {row["to"] for row in table("REQUIRES")}
    assert taught
    assert taught.isdisjoint(asked_for)


def test_one_panel_where_the_highest_rating_would_make_ready_and_the_median_does_not(
    asked: Ask, skills: Vocabulary
) -> None:
    row = row_of(asked, "demo-role:customer-success-manager", stories.PANEL_CANDIDATE)
    need = skills["identify customer's needs"]
    requirement = next(item for item in row["requirements"] if item["skill"] == need)
    interview = requirement["evidence"][0]
    ratings = [r["level"] for r in table("Rating") if (r["evidence"], r["skill"]) == (interview, need)]
    assert sorted(ratings) == ["1", "1", "3"]
    assert (requirement["held"], requirement["is_met"], row["ready"]) == (1, False, False)
    highest = [
        {"skill": item["skill"], "level": item["needed"], "weight": item["weight"], "kind": item["kind"]}
        for item in row["requirements"]
        if item["skill"] != need
    ]
    without = asked("role-matches", profile=highest, people=[stories.PANEL_CANDIDATE]).rows[0]
    assert without["ready"], "that rating is all that stands in the way"


def test_k8s_in_the_ats_is_container_orchestration_in_the_lms(asked: Ask) -> None:
    row = row_of(asked, "demo-role:cloud-engineer", stories.K8S_PERSON)
    requirement = next(item for item in row["requirements"] if item["skill"] == "ats-skill:k8s")
    assert requirement["through"] == "lms-skill:container-orchestration"
    assert requirement["is_met"]
    assert row["ready"]


def test_one_person_is_known_by_three_ids(asked: Ask) -> None:
    role, person = "demo-role:data-engineer", min(stories.THREE_RECORDS)
    rows = [row_of(asked, role, record) for record in stories.THREE_RECORDS]
    assert [row["person"] for row in rows] == [person] * 3
    assert all(row["ready"] for row in rows)
    owners = {row["id"]: row["learner"] for row in table("Evidence")}
    used = {owners[evidence] for item in rows[0]["requirements"] for evidence in item["evidence"]}
    assert used == set(stories.THREE_RECORDS), "each system holds a part of the proof"


def test_one_contradiction_is_left_open(index: Index) -> None:
    first, second = (index.people.number_of(record) for record in stories.CONTRADICTION)
    assert first != second, "one address does not join two employee numbers"
    assert any(set(stories.CONTRADICTION) <= set(found.members) for found in index.contradictions)


def test_the_company_has_the_size_it_promises() -> None:
    learners = table("Learner")
    assert Counter(row["id"].split(":")[0] for row in learners if row["id"] != "lms:U4711") == {"hris": 230, "ats": 71}
    assert len([row for row in table("Role") if row["type"] == "job"]) == 20
    assert len([row for row in table("Role") if row["type"] == "group"]) == 5
    assert len(table("LearningObject")) == 60
    assert 110 <= len(table("Hire")) <= 130
    members = Counter(row["to"] for row in table("MEMBER_OF") if row["to"].startswith("demo-cohort:"))
    assert members == {"demo-cohort:pilot": 24, "demo-cohort:comparison": 30}
