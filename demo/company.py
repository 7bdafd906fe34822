"""The demo company's vocabulary, roles, learning and measures as rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from demo.catalogue.academies import ACADEMIES
from demo.catalogue.measures import ASSESSMENTS, CREDENTIALS, QUESTIONS, RUBRICS
from demo.catalogue.roles import FAMILIES, ROLES
from demo.catalogue.skills import OWN_SKILLS
from demo.tables import Tables

DEMO_DAY = date(2026, 6, 30)
"""The day the demo company is asked about; its history covers the 24 months before."""

SITES = ("Rotterdam", "Leipzig", "Porto")
UNITS = {
    "unit:company": "",
    "unit:technology": "unit:company",
    "unit:customers": "unit:company",
    "unit:works": "unit:company",
    "unit:cloud": "unit:technology",
    "unit:data": "unit:technology",
    "unit:success": "unit:customers",
    "unit:machines": "unit:works",
    "unit:quality": "unit:works",
}


class Vocabulary:
    """Skill ids by label: ESCO's preferred labels, and the company's own ids as they are."""

    def __init__(self, esco: Path) -> None:
        with (esco / "skills_en.csv").open(encoding="utf-8", newline="") as file:
            self._ids = {row["preferredLabel"]: _curie("esco-skill", row) for row in csv.DictReader(file)}
        with (esco / "occupations_en.csv").open(encoding="utf-8", newline="") as file:
            self.occupations = {row["preferredLabel"]: _curie("esco-occupation", row) for row in csv.DictReader(file)}
        self._ids |= {skill.id: skill.id for skill in OWN_SKILLS}

    def __getitem__(self, skill: str) -> str:
        return self._ids[skill]


def _curie(prefix: str, row: Mapping[str, str]) -> str:
    return f"{prefix}:{row['conceptUri'].rsplit('/', 1)[1]}"


def add_company(tables: Tables, skills: Vocabulary) -> None:
    """Everything that is not about people."""
    for skill in OWN_SKILLS:
        tables.add(
            "Skill",
            id=skill.id,
            label=skill.label,
            alt_labels="|".join(skill.alt_labels),
            type="skill",
            status="retired" if skill.replaced_by else "released",
            replaced_by=skill.replaced_by,
        )
        for other in skill.same_as:
            tables.add("EXACT_MATCH", from_=skill.id, to=other)
    for unit, parent in UNITS.items():
        tables.add("OrgUnit", id=unit, label=unit.removeprefix("unit:").capitalize(), part_of=parent)
    _add_roles(tables, skills)
    _add_learning(tables, skills)
    _add_measures(tables, skills)


def _add_roles(tables: Tables, skills: Vocabulary) -> None:
    for family, label in FAMILIES.items():
        tables.add("Role", id=f"demo-family:{family}", label=label, type="group")
    for role in ROLES:
        role_id = f"demo-role:{role.slug}"
        tables.add("Role", id=role_id, label=role.label, code=role.slug.upper(), type="job", threshold=role.threshold)
        tables.add("IN_FAMILY", from_=role_id, to=f"demo-family:{role.family}")
        if role.like:
            tables.add("BROADER", from_=role_id, to=skills.occupations[role.like])
        for need in role.needs:
            tables.add(
                "REQUIRES",
                from_=role_id,
                to=skills[need.skill],
                level=need.level,
                weight=need.weight,
                kind=need.kind,
                reach="" if need.reach == "exact" else need.reach,
                proof="" if need.proof == "any" else need.proof,
            )
        for credential in role.credentials:
            tables.add("REQUIRES_CREDENTIAL", from_=role_id, to=f"demo-credential:{credential}")


def _add_learning(tables: Tables, skills: Vocabulary) -> None:
    for academy, (label, courses) in ACADEMIES.items():
        tables.add("Program", id=f"demo-academy:{academy}", label=label, starts_at="2024-07-01")
        for course in courses:
            course_id = f"demo-course:{course.slug}"
            tables.add(
                "LearningObject",
                id=course_id,
                label=course.label,
                type=course.type,
                provider=label,
                language="en",
                duration=course.duration,
                cost=course.cost,
                currency="EUR" if course.cost else "",
                status="active",
            )
            for skill, level in course.teaches:
                tables.add("TEACHES", from_=course_id, to=skills[skill], level=level)
            if course.after:
                tables.add("PREREQUISITE", from_=course_id, to=f"demo-course:{course.after}")
            if course.assessed_by:
                tables.add("ASSESSED_BY", from_=course_id, to=f"demo-assessment:{course.assessed_by}")


def _add_measures(tables: Tables, skills: Vocabulary) -> None:
    for assessment in ASSESSMENTS:
        assessment_id = f"demo-assessment:{assessment.slug}"
        tables.add(
            "Assessment",
            id=assessment_id,
            label=assessment.label,
            type=assessment.type,
            attempts=assessment.attempts,
            proctored="true" if assessment.type == "simulation" else "",
            validity=assessment.validity,
        )
        for skill, cuts in assessment.measures:
            tables.add("MEASURES", from_=assessment_id, to=skills[skill], cut_scores=cuts)
        if assessment.rubric:
            tables.add("SCORED_WITH", from_=assessment_id, to=f"demo-rubric:{assessment.rubric}")
    for credential in CREDENTIALS:
        credential_id = f"demo-credential:{credential.slug}"
        tables.add(
            "Credential",
            id=credential_id,
            label=credential.label,
            type=credential.type,
            validity=credential.validity,
        )
        for skill, level in credential.attests:
            tables.add("ATTESTS", from_=credential_id, to=skills[skill], level=level)
    for rubric, (label, criteria) in RUBRICS.items():
        tables.add("Rubric", id=f"demo-rubric:{rubric}", label=label)
        for position, (criterion, text, skill) in enumerate(criteria, 1):
            criterion_id = f"demo-criterion:{criterion}"
            tables.add("Criterion", id=criterion_id, label=text, weight=1, position=position)
            tables.add("HAS_CRITERION", from_=f"demo-rubric:{rubric}", to=criterion_id)
            tables.add("ASSESSES", from_=criterion_id, to=skills[skill])
            _add_levels(tables, criterion)
    for question in QUESTIONS:
        question_id = f"demo-question:{question.slug}"
        tables.add("InterviewQuestion", id=question_id, label=question.label)
        tables.add("PROBES", from_=question_id, to=skills[question.skill], level=question.level)
        tables.add("SCORED_WITH", from_=question_id, to=f"demo-rubric:{question.criterion.rsplit('-', 1)[0]}")


DESCRIPTORS = ("No sign of it", "With help", "On their own", "Shows others how")


def _add_levels(tables: Tables, criterion: str) -> None:
    for points, descriptor in enumerate(DESCRIPTORS):
        level_id = f"demo-criterion-level:{criterion}-{points}"
        tables.add(
            "CriterionLevel",
            id=level_id,
            label=descriptor,
            points=points,
            level=points or "",
            position=points + 1,
        )
        tables.add("HAS_LEVEL", from_=f"demo-criterion:{criterion}", to=level_id)
