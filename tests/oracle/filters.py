"""Who is ranked: the filters of design section 4, judged at one instant."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.persons import Persons
from tests.oracle.rows import Row, begins, in_force


class Filters(Persons):
    """Filters by brute force; each gives ids of persons."""

    def facts(self, name: str, person: str) -> list[Row]:
        return [row for row in self.table(name) if self.person_of.get(row["learner"]) == person]

    def employed(self, person: str, at: int) -> list[Row]:
        return [row for row in self.facts("Employment", person) if in_force(row, at)]

    def members_of(self, groups: Iterable[str], at: int) -> set[str]:
        """Members of a cohort, or of an org unit with its sub-units, at `at`; an Employment in force counts too."""
        wanted = set(groups)
        while more := {row["id"] for row in self.table("OrgUnit") if row.get("part_of") in wanted} - wanted:
            wanted |= more
        members = {
            self.person_of[edge["from"]]
            for edge in self.table("MEMBER_OF")
            if edge["to"] in wanted and in_force(edge, at) and edge["from"] in self.person_of
        }
        employed = {
            person for person in self.persons if any(row.get("org_unit") in wanted for row in self.employed(person, at))
        }
        return members | employed

    def located(self, place: str, at: int) -> set[str]:
        """The location of an Employment in force, else the Learner's."""
        found = set()
        for person, members in self.persons.items():
            own = [self.node(["Learner"], member).get("location") for member in members]
            jobs = [row["location"] for row in self.employed(person, at) if row.get("location")]
            if place in (jobs or own):
                found.add(person)
        return found

    def internal(self, at: int) -> set[str]:
        """A record of kind internal, or an Employment in force."""
        return {
            person
            for person, members in self.persons.items()
            if any(self.node(["Learner"], member).get("kind") == "internal" for member in members)
            or self.employed(person, at)
        }

    def applied_to(self, requisition: str, at: int) -> set[str]:
        """Who had applied by `at`."""
        return {
            self.person_of[row["learner"]]
            for row in self.table("Application")
            if row["requisition"] == requisition and (begins(row["applied_at"]) or 0) <= at
        }
