"""Design section 5: which records are one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from tests.oracle.rows import Row, Tables


class Persons(Tables):
    """Persons by brute force."""

    @cached_property
    def persons(self) -> Mapping[str, frozenset[str]]:
        """person's id -> the records it is made of."""
        found: dict[str, frozenset[str]] = {}
        for component in self.components(self.joining()):
            for members in self.undisputed(component):
                found[min(members, key=self.precedence)] = members
        return found

    @cached_property
    def person_of(self) -> Mapping[str, str]:
        """Every member id resolves to the person's."""
        return {member: person for person, members in self.persons.items() for member in members}

    def joining(self) -> list[Row]:
        """An explicitly unverified identity joins nobody."""
        known = {row["id"] for row in self.table("Learner")}
        return [row for row in self.table("Identity") if row.get("verified") != "false" and row["learner"] in known]

    def components(self, identities: Sequence[Row]) -> list[set[str]]:
        """Connected sets of records."""
        components = [{row["id"]} for row in self.table("Learner")]
        for one in identities:
            for other in identities:
                if (one["system"], one["value"]) == (other["system"], other["value"]):
                    mine = next(each for each in components if one["learner"] in each)
                    theirs = next(each for each in components if other["learner"] in each)
                    if mine is not theirs:
                        components.remove(theirs)
                        mine |= theirs
        return components

    def once(self, record: str) -> frozenset[tuple[str, str]]:
        """The identities of a record of which a person has one."""
        return frozenset(
            (row["system"], row["value"])
            for row in self.joining()
            if row["learner"] == record and row["system"] in self.unique
        )

    def contradicted(self, component: set[str]) -> dict[str, frozenset[str]]:
        """system -> its values, where the records state several."""
        stated = {pair for record in component for pair in self.once(record)}
        values = {system: frozenset(value for name, value in stated if name == system) for system, _ in stated}
        return {system: several for system, several in values.items() if len(several) > 1}

    def undisputed(self, component: set[str]) -> list[frozenset[str]]:
        """A contradiction is left open: joined only within equal values of what a person has once."""
        if not self.contradicted(component):
            return [frozenset(component)]
        alike: dict[object, set[str]] = {}
        for record in component:
            alike.setdefault(self.once(record) or record, set()).add(record)
        return [frozenset(members) for members in alike.values()]

    @cached_property
    def contradictions(self) -> set[tuple[str, frozenset[str], frozenset[str]]]:
        """(system, values, records) of every contradiction."""
        return {
            (system, values, frozenset(component))
            for component in self.components(self.joining())
            for system, values in self.contradicted(component).items()
        }

    def precedence(self, record: str) -> tuple[int, str]:
        """The member whose source stands first in the declared order, then the smallest id."""
        order = list(self.source_order)
        source = self.sources.get(record)
        return (order.index(source) if source in order else len(order), record)
