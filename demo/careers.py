"""The people of the demo company: careers with differing starts, diligence, talent and gaps, all from one seed."""

from __future__ import annotations

from datetime import date, timedelta

from demo.catalogue.roles import FAMILIES, ROLES, Role
from demo.company import DEMO_DAY, SITES, Vocabulary
from demo.learning import ACADEMY_OF, Learning
from demo.lives import WINDOW_START, Person
from demo.people import add_interview, add_person, names
from demo.tables import Tables

EMPLOYEES, CANDIDATES = 230, 70
STORY_EMPLOYEES, STORY_CANDIDATES = 17, 2  # of these, in demo/stories.py
UNIT_OF = {family: f"unit:{family}" for family in FAMILIES}


class Careers(Learning):
    """Rows for everyone who is not a story."""

    def __init__(self, tables: Tables, skills: Vocabulary, seed: int) -> None:
        super().__init__(tables, skills, seed)
        self.names = names()
        self.random.shuffle(self.names)
        self.employees = [self._employee(number) for number in range(101, 101 + EMPLOYEES - STORY_EMPLOYEES)]
        self.candidates = [self._candidate(number) for number in range(101, 101 + CANDIDATES - STORY_CANDIDATES)]

    def add(self) -> None:
        for role in ROLES:
            self._requisition(role)
        for person in self.employees:
            self._work(person)
            self.learn(person)
        for person in self.candidates:
            self._apply(person)
        self._cohorts()

    def _person(self, person_id: str, start: date) -> Person:
        talent = min(1.0, max(0.2, self.random.gauss(0.68, 0.14)))
        return Person(
            person_id,
            self.names.pop(),
            self.random.choice(ROLES),
            start,
            talent,
            self.random.betavariate(3, 2),
        )

    def _employee(self, number: int) -> Person:
        recent = self.chance(0.45)
        start = (
            self.day(WINDOW_START, DEMO_DAY - timedelta(days=60))
            if recent
            else self.day(date(2016, 1, 4), WINDOW_START)
        )
        person = self._person(f"hris:E{number:04d}", start)
        add_person(self.tables, person.id, person.name, "internal", self.random.choice(SITES), f"E{number:04d}")
        self.tables.add("MEMBER_OF", from_=person.id, to=UNIT_OF[person.role.family], since=start)
        return person

    def _candidate(self, number: int) -> Person:
        person = self._person(f"ats:C{number:04d}", self.day(WINDOW_START, DEMO_DAY - timedelta(days=30)))
        add_person(self.tables, person.id, person.name, "external", self.random.choice(SITES), "")
        return person

    def _requisition(self, role: Role) -> None:
        opened = self.day(WINDOW_START, WINDOW_START + timedelta(days=60))
        self.tables.add(
            "Requisition",
            id=f"demo-requisition:{role.slug}",
            label=f"{role.label}, several openings",
            status="open",
            openings=8,
            org_unit=UNIT_OF[role.family],
            location=self.random.choice(SITES),
            opened_at=opened,
            tags="|".join(dict.fromkeys(need.skill.rsplit(":", 1)[-1] for need in role.needs[:3])),
        )
        self.tables.add("FOR_ROLE", from_=f"demo-requisition:{role.slug}", to=f"demo-role:{role.slug}")

    def _work(self, person: Person) -> None:
        location, unit, role = (
            self.random.choice(SITES),
            UNIT_OF[person.role.family],
            f"demo-role:{person.role.slug}",
        )
        moved = (
            self.day(person.start + timedelta(days=200))
            if self.chance(0.2) and person.start < date(2025, 6, 1)
            else None
        )
        manager = "hris:E0101"
        self.tables.add(
            "Employment",
            learner=person.id,
            role=role,
            org_unit=unit,
            manager="" if person.id == manager else manager,
            location=location,
            since=person.start,
            until=moved,
            change="hire",
        )
        if moved:
            self.tables.add(
                "Employment",
                learner=person.id,
                role=role,
                org_unit=unit,
                location=self.random.choice(SITES),
                since=moved,
                change=self.random.choice(("promotion", "move")),
            )
        if person.start >= WINDOW_START:
            self._hire(person, person.start, "external")
        elif moved and moved >= WINDOW_START:
            self._hire(person, moved, "internal")
        self._perform(person)
        self._protect(person)

    def _perform(self, person: Person) -> None:
        """Last year's rating of who was there all of it."""
        if person.start >= DEMO_DAY - timedelta(days=365):
            return
        rating = max(1, min(5, round(self.random.gauss(1 + 3.4 * person.talent, 0.7))))
        self.tables.add(
            "Performance",
            learner=person.id,
            period_start="2025-01-01",
            period_end="2025-12-31",
            rating=rating,
            scale_min=1,
            scale_max=5,
            productivity=round(0.6 + 0.6 * person.talent, 2),
        )

    def _hire(self, person: Person, started: date, kind: str) -> None:
        applied = started - timedelta(days=self.random.randint(25, 80))
        requisition = f"demo-requisition:{person.role.slug}"
        channel = (
            "internal"
            if kind == "internal"
            else self.random.choice(("careers page", "referral", "job board", "agency"))
        )
        application = self.tables.add(
            "Application",
            learner=person.id,
            requisition=requisition,
            channel=channel,
            applied_at=applied,
            closed_at=started - timedelta(days=10),
            outcome="hired",
        )
        for step, stage in enumerate(("screening", "interview", "offer")):
            self.tables.add(
                "StageEvent",
                application=application,
                stage=stage,
                outcome="passed",
                entered_at=applied + timedelta(days=5 + 6 * step),
            )
        left = self.day(started + timedelta(days=60)) if self.chance(0.1) and started < date(2026, 3, 1) else None
        self.tables.add(
            "Hire",
            learner=person.id,
            requisition=requisition,
            application=application,
            kind=kind,
            channel=channel,
            cost=self.random.choice((0, 450, 900, 2500, 6000)),
            currency="EUR",
            started_at=started,
            left_at=left,
        )

    def _apply(self, person: Person) -> None:
        applied = person.start
        closed = applied + timedelta(days=self.random.randint(20, 60))
        open_still = closed > DEMO_DAY
        outcome = "" if open_still else self.random.choice(("rejected", "rejected", "withdrawn"))
        application = self.tables.add(
            "Application",
            learner=person.id,
            requisition=f"demo-requisition:{person.role.slug}",
            channel=self.random.choice(("careers page", "referral", "job board")),
            applied_at=applied,
            closed_at=None if open_still else closed,
            outcome=outcome,
        )
        self.tables.add(
            "StageEvent",
            application=application,
            stage="screening",
            entered_at=applied + timedelta(days=4),
            outcome="passed",
        )
        if self.chance(0.6):
            self._interview(person, application, applied + timedelta(days=12))
        for need in person.role.needs:
            if self.chance(0.5):
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="self_rating",
                    skill=self.skills[need.skill],
                    level=self.random.choice((1, 2, 2, 3)),
                    shown_at=applied,
                )
            if self.chance(0.35):
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="work_sample",
                    skill=self.skills[need.skill],
                    shown_at=applied,
                    level=max(1, min(3, round(self.random.gauss(0.5 + 2 * person.talent, 0.5)))),
                    verification=self.random.choice(("verified", "unverified")),
                )
        self.credentials(person)
        self._protect(person)

    def _interview(self, person: Person, application: str, when: date) -> None:
        if when > DEMO_DAY:
            return
        self.tables.add("StageEvent", application=application, stage="interview", entered_at=when, outcome="passed")
        needs = self.random.sample(person.role.needs, k=min(3, len(person.role.needs)))
        true_level = 0.4 + 2.2 * person.talent
        raters = self.random.sample(self.employees, k=3)
        rated = {rater.id: [(self.skills[n.skill], self._rate(true_level)) for n in needs] for rater in raters}
        add_interview(self.tables, person.id, when, rated)

    def _rate(self, true_level: float) -> int:
        return max(1, min(3, round(self.random.gauss(true_level, 0.7))))

    def _protect(self, person: Person) -> None:
        for attribute, values in (
            ("gender", ("female", "male", "non-binary")),
            ("age_band", ("18-29", "30-44", "45-59", "60+")),
        ):
            if self.chance(0.8):
                self.tables.add(
                    "Protected",
                    learner=person.id,
                    attribute=attribute,
                    basis="self_identified",
                    value=self.random.choice(values),
                )

    def _cohorts(self) -> None:
        cloudy = [p for p in self.employees if ACADEMY_OF[p.role.family] == "cloud" and p.start < date(2025, 9, 1)]
        chosen = self.random.sample(cloudy, k=54)
        for cohort, kind, members in (
            ("pilot", "pilot", chosen[:24]),
            ("comparison", "comparison", chosen[24:]),
        ):
            self.tables.add(
                "Cohort",
                id=f"demo-cohort:{cohort}",
                label=f"Cloud academy {kind} group",
                program="demo-academy:cloud",
                kind=kind,
                assignment="matched",
                starts_at="2025-09-01",
                ends_at="2026-02-28",
            )
            for person in members:
                self.tables.add("MEMBER_OF", from_=person.id, to=f"demo-cohort:{cohort}", since="2025-09-01")
