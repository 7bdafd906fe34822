"""What the people of the demo company learn and show: courses, assessments, credentials, ratings."""

from __future__ import annotations

from datetime import date, timedelta

from demo.catalogue.academies import ACADEMIES
from demo.catalogue.course import Course
from demo.catalogue.skills import same_skills
from demo.company import DEMO_DAY
from demo.lives import WINDOW_START, Lives, Person

ACADEMY_OF = {
    "cloud": "cloud",
    "data": "cloud",
    "success": "success",
    "machines": "machines",
    "quality": "machines",
}


class Learning(Lives):
    """Rows about learning."""

    def learn(self, person: Person) -> None:
        """Their role's courses in a sensible order, as far as diligence carries them, with gaps between."""
        wanted = {self.skills[need.skill] for need in person.role.needs}
        wanted |= {
            "lms-skill:container-orchestration",
            "lms-skill:infrastructure-as-code",
            "lms-skill:lockout-tagout",
        } & same_skills(wanted)
        courses = [
            c for c in ACADEMIES[ACADEMY_OF[person.role.family]][1] if {self.skills[s] for s, _ in c.teaches} & wanted
        ]
        when = max(person.start, WINDOW_START) + timedelta(days=self.random.randint(3, 60))
        for course in courses:
            if not self.chance(0.35 + 0.6 * person.diligence):
                continue
            if when >= DEMO_DAY:
                break
            self._take(person, course, when)
            when += timedelta(days=self.random.choice((20, 30, 45, 60, 150)))
        self.credentials(person)
        self._ratings(person)
        if self.chance(0.6):
            taken = self.day(max(person.start, date(2025, 9, 1)), DEMO_DAY)
            self._take(person, ACADEMIES["cloud"][1][-1], taken)

    def _take(self, person: Person, course: Course, when: date) -> None:
        course_id = f"demo-course:{course.slug}"
        ended = when + timedelta(days=self.random.randint(1, 40))
        if ended > DEMO_DAY:
            self.tables.add(
                "Enrolment", learner=person.id, learning_object=course_id, status="in_progress", enrolled_at=when
            )
            return
        outcome = "passed" if self.chance(0.86) else self.random.choice(("failed", "withdrawn"))
        self.tables.add(
            "Enrolment",
            learner=person.id,
            learning_object=course_id,
            enrolled_at=when,
            ended_at=ended,
            status={"passed": "completed"}.get(outcome, outcome),
        )
        if outcome == "withdrawn":
            return
        self.tables.add(
            "Evidence", learner=person.id, kind="completion", about=course_id, outcome=outcome, shown_at=ended
        )
        if course.assessed_by and self.chance(0.8):
            self._sit(person, course.assessed_by, ended + timedelta(days=self.random.randint(1, 20)))

    def _sit(self, person: Person, assessment: str, when: date) -> None:
        """Sit an assessment, and again after a poor result; nobody gets past the lower levels of the security one."""
        easier = 0.1 if assessment == "security-simulation" else 0.0
        for attempt in range(2):
            if when > DEMO_DAY:
                return
            score = min(1.0, max(0.0, self.random.gauss(person.talent + 0.08 + 0.06 * attempt - easier, 0.09)))
            if assessment == "security-simulation":
                score = min(score, 0.68)
            self.tables.add(
                "Evidence",
                learner=person.id,
                kind="assessment",
                about=f"demo-assessment:{assessment}",
                score=f"{score:.2f}",
                shown_at=when,
            )
            if score >= 0.7 or not self.chance(0.6):
                return
            when += timedelta(days=self.random.randint(20, 90))

    def credentials(self, person: Person) -> None:
        for credential in person.role.credentials:
            if self.chance(0.85):
                shown = self.day(max(person.start, DEMO_DAY - timedelta(days=420)))
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="credential",
                    about=f"demo-credential:{credential}",
                    shown_at=shown,
                    verification="verified" if self.chance(0.9) else "unverified",
                )

    def _ratings(self, person: Person) -> None:
        for need in person.role.needs:
            skill = self.skills[need.skill]
            if self.chance(0.3):
                level = max(1, min(3, round(self.random.gauss(0.6 + 2 * person.talent, 0.6))))
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="manager_rating",
                    skill=skill,
                    level=level,
                    shown_at=self.day(max(person.start, WINDOW_START)),
                )
            if self.chance(0.25):
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="self_rating",
                    skill=skill,
                    level=self.random.choice((2, 2, 3)),
                    shown_at=self.day(max(person.start, WINDOW_START)),
                )
            if self.chance(0.08):
                self.tables.add(
                    "Evidence",
                    learner=person.id,
                    kind="work_sample",
                    skill=skill,
                    level=need.level,
                    shown_at=self.day(max(person.start, WINDOW_START)),
                    verification="verified",
                )
