"""Design section 5 and decision 013: which records are one person."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property

from tests.oracle.rows import Row, Tables

OTHER = "OTHER_PERSON"


class Persons(Tables):
    """Persons by brute force."""

    @cached_property
    def persons(self) -> Mapping[str, frozenset[str]]:
        """person's id -> the records it is made of."""
        found: dict[str, frozenset[str]] = {}
        for component in self.whole():
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

    def whole(self) -> list[set[str]]:
        """Connected sets of records, whatever forbids to join them."""
        identities = self.joining()
        shared = [(one["learner"], other["learner"]) for one in identities for other in identities if alike(one, other)]
        return self.components([*shared, *self.decided("SAME_PERSON")])

    def components(self, pairs: Sequence[tuple[str, str]]) -> list[set[str]]:
        """Connected sets of records."""
        components = [{row["id"]} for row in self.table("Learner")]
        for one, other in pairs:
            mine = next(each for each in components if one in each)
            theirs = next(each for each in components if other in each)
            if mine is not theirs:
                components.remove(theirs)
                mine |= theirs
        return components

    def decided(self, name: str) -> list[tuple[str, str]]:
        """Pairs of different records."""
        return [(row["from"], row["to"]) for row in self.table(name) if row["from"] != row["to"]]

    @cached_property
    def unit(self) -> Mapping[str, frozenset[str]]:
        """The records that decisions join with each, unless they contradict each other."""
        found: dict[str, frozenset[str]] = {}
        for members in self.components(self.decided("SAME_PERSON")):
            alone = self.parted(members)
            found |= {member: frozenset({member} if alone else members) for member in members}
        return found

    def parted(self, members: set[str] | frozenset[str]) -> list[tuple[str, str]]:
        """The pairs among these that are not one person by decision."""
        return [pair for pair in self.decided(OTHER) if members.issuperset(pair)]

    def once(self, record: str) -> frozenset[tuple[str, str]]:
        """The identities of which a person has one, of a record and those that decisions join with it."""
        return frozenset(
            (row["system"], form(row))
            for row in self.joining()
            if row["learner"] in self.unit[record] and row["system"] in self.unique and form(row)
        )

    def values(self, component: set[str]) -> dict[str, list[set[str]]]:
        """system -> sets of values; those of one set belong to records that decisions join."""
        found: dict[str, list[set[str]]] = {}
        for record in component:
            for system, value in self.once(record):
                of_unit = {each for name, each in self.once(record) if name == system}
                mine = of_unit if len(self.unit[record]) > 1 else {value}
                sets = found.setdefault(system, [])
                touching = [each for each in sets if each & mine]
                found[system] = [each for each in sets if each not in touching] + [mine.union(*touching)]
        return found

    def same_values(self, component: set[str], record: str) -> frozenset[tuple[str, frozenset[str]]]:
        """The values of a record of which a person has one, each with those that are the same."""
        values = self.values(component)
        return frozenset(
            (system, frozenset(next(each for each in values[system] if value in each)))
            for system, value in self.once(record)
        )

    def contradicted(self, component: set[str]) -> dict[str, frozenset[str]]:
        """system -> its values, where the records state several."""
        several = {system: sets for system, sets in self.values(component).items() if len(sets) > 1}
        return {system: frozenset[str]().union(*sets) for system, sets in several.items()}

    def undisputed(self, component: set[str]) -> list[frozenset[str]]:
        """A contradiction is left open: joined only by decision, and within equal values of what a person has once."""
        if not self.contradicted(component) and not self.parted(component):
            return [frozenset(component)]
        alike: dict[object, set[str]] = {}
        for record in component:
            alike.setdefault(self.same_values(component, record) or self.unit[record], set()).add(record)
        whole = [frozenset(members) for members in alike.values() if not self.parted(members)]
        torn = [members for members in alike.values() if self.parted(members)]
        return [*whole, *{self.unit[record] for members in torn for record in members}]

    def is_decided(self, component: set[str]) -> bool:
        """Whether every two of the persons that are left were parted by decision, and nothing else is amiss."""
        pieces = self.undisputed(component)
        apart = [
            any({one, other} & left and {one, other} & right for one, other in self.parted(left | right))
            for place, left in enumerate(pieces)
            for right in pieces[:place]
        ]
        clashing = [
            record
            for record in component
            if len({system for system, _ in self.same_values(component, record)})
            < len(self.same_values(component, record))
        ]
        void = [
            each for each in self.components(self.decided("SAME_PERSON")) if each <= component and self.parted(each)
        ]
        return len(pieces) > 1 and all(apart) and not clashing and not void

    @cached_property
    def contradictions(self) -> set[tuple[str, frozenset[str], frozenset[str]]]:
        """(system, values, records) of every contradiction."""
        found = set()
        for component in self.whole():
            values = self.contradicted(component)
            if parted := self.parted(component):
                values[OTHER] = frozenset(record for pair in parted for record in pair)
            if values and not self.is_decided(component):
                found |= {(system, each, frozenset(component)) for system, each in values.items()}
        return found

    def precedence(self, record: str) -> tuple[int, str]:
        """The member whose source stands first in the declared order, then the smallest id."""
        order = list(self.source_order)
        source = self.sources.get(record)
        return (order.index(source) if source in order else len(order), record)


def alike(one: Row, other: Row) -> bool:
    """Whether two identities say the same, one of them perhaps hashed."""
    if (one["system"], form(one)) == (other["system"], form(other)):
        return form(one) != ""
    return is_hash_of(one, other) or is_hash_of(other, one)


def is_hash_of(hashed: Row, plain: Row) -> bool:
    """Of the normal form, or of the value as it was stated."""
    if plain["system"] not in ("email", "openid") or not form(plain):
        return False
    said = plain["value"].strip()
    if plain["system"] == "email" and said.lower().startswith("mailto:"):
        said = said[7:].strip()
    digest, _, salt = hashed["value"].partition(" ")
    makers = {"hashed:sha256": hashlib.sha256, "hashed:md5": hashlib.md5}
    if hashed["system"] == "mbox_sha1sum" and plain["system"] == "email":
        digests = {hashlib.sha1(f"mailto:{each}".encode()).hexdigest() for each in (said, form(plain))}
    elif hashed["system"] in makers:
        digests = {makers[hashed["system"]](f"{each}{salt}".encode()).hexdigest() for each in (said, form(plain))}
    else:
        return False
    return digest.strip().lower() in digests


def form(row: Row) -> str:
    """What a value is compared by."""
    value = row["value"].strip()
    if row["system"] == "email":
        value = unicodedata.normalize("NFKC", value)
        value = value[7:].strip() if value.lower().startswith("mailto:") else value
        return unicodedata.normalize("NFKC", value.casefold())
    if row["system"].startswith("hashed:"):
        digest, _, salt = value.partition(" ")
        return f"{digest.lower()} {salt}"
    return value.lower() if row["system"] == "mbox_sha1sum" else value
