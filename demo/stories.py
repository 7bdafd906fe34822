"""The stories a visitor can find in the demo company, written by hand; each is held by a test."""

from __future__ import annotations

from datetime import date

from demo.company import Vocabulary
from demo.people import add_interview, add_person
from demo.tables import Tables

REJECTED_THEN_READY = "ats:C0001"
PERMIT_EXPIRES = "hris:E0007"
PANEL_CANDIDATE = "ats:C0002"
K8S_PERSON = "hris:E0010"
THREE_RECORDS = ("ats:C0003", "hris:E0011", "lms:U4711")
CONTRADICTION = ("hris:E0020", "hris:E0021")
OVERCLAIMING_COURSE = "demo-course:cloud-security-advanced"
POPULAR_UNASKED = "demo-course:quantum-roadshow"
SECURITY_CLASS = (
    "Adaeze Nwosu",
    "Bo Halvorsen",
    "Clara Duarte",
    "Dimitri Papas",
    "Esra Aydin",
    "Femi Balogun",
    "Greta Olsson",
    "Hugo Martins",
    "Ilse Brandt",
    "Jakub Zielinski",
    "Kim Verhoeven",
    "Lia Conti",
)
UNTAUGHT_SKILL = "manage keys for data protection"


def add_stories(tables: Tables, skills: Vocabulary) -> None:
    """Every story in turn; each function says one."""
    _rejected_a_year_ago_ready_since_march(tables, skills)
    _permit_expires_tomorrow(tables, skills)
    _course_claims_more_than_its_finishers_show(tables)
    _panel_median(tables, skills)
    _two_words_for_one_skill(tables, skills)
    _one_person_three_ids(tables, skills)
    _contradiction_left_open(tables)


def _shows(tables: Tables, person: str, day: str, **levels: int) -> None:
    for skill, level in levels.items():
        tables.add(
            "Evidence",
            learner=person,
            kind="work_sample",
            skill=skill,
            level=level,
            shown_at=day,
            verification="verified",
        )


def _rejected_a_year_ago_ready_since_march(tables: Tables, skills: Vocabulary) -> None:
    person = REJECTED_THEN_READY
    add_person(tables, person, "Mira Okafor", "external", "Porto", "")
    application = tables.add(
        "Application",
        learner=person,
        requisition="demo-requisition:cloud-engineer",
        channel="careers page",
        applied_at="2025-05-12",
        closed_at="2025-06-02",
        outcome="rejected",
    )
    tables.add(
        "StageEvent",
        application=application,
        stage="interview",
        entered_at="2025-05-22",
        outcome="rejected",
        reason="no experience with containers in production",
    )
    _knew_some_and_learnt_the_rest(tables, skills, person)


def _knew_some_and_learnt_the_rest(tables: Tables, skills: Vocabulary, person: str) -> None:
    known = {
        skills[name]: 2
        for name in (
            "cloud technologies",
            "deploy cloud resource",
            "automate cloud tasks",
            "operating systems",
        )
    }
    _shows(tables, person, "2025-05-20", **known)
    tables.add("Evidence", learner=person, kind="completion", about="demo-course:iac-workshop", shown_at="2025-11-28")
    tables.add(
        "Evidence",
        learner=person,
        kind="completion",
        about="demo-course:containers-at-scale",
        shown_at="2026-02-20",
    )
    tables.add(
        "Evidence",
        learner=person,
        kind="assessment",
        about="demo-assessment:cluster-simulation",
        score="0.58",
        shown_at="2026-02-24",
    )
    tables.add(
        "Evidence",
        learner=person,
        kind="assessment",
        about="demo-assessment:cluster-simulation",
        score="0.81",
        shown_at="2026-03-14",
    )
    tables.add(
        "Evidence",
        learner=person,
        kind="completion",
        about="demo-course:security-basics",
        shown_at="2025-12-01",
    )


def _permit_expires_tomorrow(tables: Tables, skills: Vocabulary) -> None:
    person = PERMIT_EXPIRES
    add_person(tables, person, "Tomas Wielinga", "internal", "Leipzig", "E0007")
    tables.add("MEMBER_OF", from_=person, to="unit:machines", since="2021-03-01")
    tables.add(
        "Employment",
        learner=person,
        role="demo-role:cnc-operator",
        org_unit="unit:machines",
        location="Leipzig",
        since="2021-03-01",
        change="hire",
    )
    names = (
        "program a CNC controller",
        "set up the controller of a machine",
        "operate precision measuring equipment",
        "read standard blueprints",
        "perform test run",
        "lms-skill:lockout-tagout",
    )
    _shows(tables, person, "2024-10-01", **{skills[name]: 2 for name in names})
    tables.add(
        "Evidence",
        learner=person,
        kind="credential",
        about="demo-credential:machine-permit",
        shown_at="2025-07-01",
        expires_at="2026-07-01T00:00:00Z",
        verification="verified",
    )


def _course_claims_more_than_its_finishers_show(tables: Tables) -> None:
    """Twelve people finish the "advanced" course; every test afterwards is at foundation."""
    for number, name in enumerate(SECURITY_CLASS):
        person = f"hris:E{31 + number:04d}"
        add_person(tables, person, name, "internal", "Rotterdam", f"E{31 + number:04d}")
        tables.add("MEMBER_OF", from_=person, to="unit:cloud", since="2024-01-01")
        tables.add("Evidence", learner=person, kind="completion", about=OVERCLAIMING_COURSE, shown_at="2026-01-16")
        tables.add(
            "Evidence",
            learner=person,
            kind="assessment",
            about="demo-assessment:security-simulation",
            score=f"0.{51 + number}",
            shown_at="2026-01-30",
        )


def _panel_median(tables: Tables, skills: Vocabulary) -> None:
    person, need = PANEL_CANDIDATE, skills["identify customer's needs"]
    add_person(tables, person, "Lorenz Albrecht", "external", "Leipzig", "")
    tables.add(
        "Application",
        learner=person,
        requisition="demo-requisition:customer-success-manager",
        channel="referral",
        applied_at="2026-05-04",
    )
    names = (
        "communicate with customers",
        "build business relationships",
        "measure customer feedback",
        "manage accounts",
    )
    _shows(tables, person, "2026-05-06", **{skills[name]: 2 for name in names})
    talk = skills["communicate with customers"]
    rated = {
        "hris:E0101": [(need, 1), (talk, 2)],
        "hris:E0102": [(need, 1), (talk, 2)],
        "hris:E0103": [(need, 3), (talk, 3)],
    }
    add_interview(tables, person, date(2026, 5, 19), rated)


def _two_words_for_one_skill(tables: Tables, skills: Vocabulary) -> None:
    """The role asks for K8s, as the ATS says; the proof is of container orchestration, as the LMS says."""
    person = K8S_PERSON
    add_person(tables, person, "Sunniva Brekke", "internal", "Rotterdam", "E0010")
    tables.add("MEMBER_OF", from_=person, to="unit:cloud", since="2023-02-01")
    names = (
        "cloud technologies",
        "deploy cloud resource",
        "automate cloud tasks",
        "operating systems",
        "cyber security",
    )
    _shows(tables, person, "2025-02-03", **{skills[name]: 2 for name in names})
    tables.add(
        "Evidence",
        learner=person,
        kind="assessment",
        about="demo-assessment:cluster-simulation",
        score="0.92",
        shown_at="2025-04-11",
    )
    tables.add(
        "Evidence",
        learner=person,
        kind="assessment",
        about="demo-assessment:automation-task",
        score="0.88",
        shown_at="2025-09-19",
    )


def _one_person_three_ids(tables: Tables, skills: Vocabulary) -> None:
    """HRIS and LMS share an employee number, ATS and HRIS an address; only together are they ready."""
    ats, hris, lms = THREE_RECORDS
    add_person(tables, hris, "Noemi Castellanos", "internal", "Porto", "E0011")
    add_person(tables, ats, "Noemi Castellanos", "external", "Porto", "")
    tables.add("Learner", id=lms, label="Castellanos, N.", kind="internal", status="active")
    tables.add("Identity", learner=lms, system="employee-number", value="E0011", verified="true")
    tables.add("MEMBER_OF", from_=hris, to="unit:data", since="2025-01-07")
    _shows(tables, hris, "2025-03-03", **{skills["data models"]: 2, skills["process data"]: 2})
    tables.add("Evidence", learner=lms, kind="completion", about="demo-course:warehouse", shown_at="2025-06-20")
    tables.add(
        "Evidence",
        learner=ats,
        kind="work_sample",
        skill=skills["database management systems"],
        level=3,
        shown_at="2024-11-30",
        verification="verified",
    )


def _contradiction_left_open(tables: Tables) -> None:
    """One address, two employee numbers: not joined, but listed."""
    for person, number in zip(CONTRADICTION, ("E0020", "E0021"), strict=True):
        add_person(tables, person, "Joaquim Prado", "internal", "Porto", number)
        tables.add("MEMBER_OF", from_=person, to="unit:success", since="2022-05-01")
