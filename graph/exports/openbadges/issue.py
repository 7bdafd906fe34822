"""Credentials of Open Badges 3.0 for what people hold, and these as signed tokens (section 8.2, VC-JWT)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from graph.exports import Wanted
from graph.exports.openbadges.achievements import Achieved, Achievements
from graph.exports.openbadges.held import Holding
from graph.exports.openbadges.people import Naming, People
from graph.exports.openbadges.terms import CONTEXTS, SCHEMA, Issuer
from graph.index import Index
from graph.signing import SigningKey
from graph.store import Store
from ontology.values import OPEN, format_instant, parse_instant

Thing = dict[str, Any]
Held = tuple[int, Sequence[Holding]]
"""A person's number, and what they hold."""

AT_ONCE = 200
"""People who are read about at once."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """Makes credentials of one state of a store, for a viewer who may see whom they are about."""

    store: Store
    index: Index
    wanted: Wanted
    naming: Naming = "hashed"

    @property
    def issuer(self) -> Issuer:
        """Who issues."""
        return Issuer.of(self.store.model.prefixes.base, self.wanted.settings)

    def credentials(self, held: Iterable[Held]) -> Iterator[tuple[int, list[Thing]]]:
        """Every person's credentials, in the order of what they hold."""
        achievements = Achievements(self.store, self.index, self.wanted.viewer, self.issuer)
        people = People(self.store, self.index, self.wanted.viewer, self.naming)
        remaining = iter(held)
        while some := list(islice(remaining, AT_ONCE)):
            every = [each for _, holdings in some for each in holdings]
            achievements.read(each.id for each in every)
            people.read([number for number, _ in some], (key for each in every for key in each.evidence))
            for person, holdings in some:
                yield person, list(self._of_person(person, holdings, achievements, people))

    def _of_person(
        self, person: int, holdings: Sequence[Holding], achievements: Achievements, people: People
    ) -> Iterator[Thing]:
        subject = people.subject(person)
        for holding in holdings:
            achieved = achievements.of(holding.id, holding.level, holding.since)
            if achieved is not None:
                yield self._credential(holding, achieved, subject, people.evidence(holding.evidence))

    def _credential(self, holding: Holding, achieved: Achieved, subject: Thing, evidence: list[Thing]) -> Thing:
        key = f"{achieved.achievement['id']} {subject['id']}"
        result = {"result": achieved.results} if achieved.results else {}
        until = {"validUntil": format_instant(holding.until)} if holding.until != OPEN else {}
        return {
            "@context": list(CONTEXTS),
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, key)}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": achieved.achievement["name"],
            "issuer": self.issuer.profile(),
            "validFrom": format_instant(holding.since),
            **until,
            "credentialSubject": {**subject, "achievement": achieved.achievement, **result},
            **({"evidence": evidence} if evidence else {}),
            "credentialSchema": [SCHEMA],
        }


def signer(key: SigningKey, issuer: Issuer) -> Callable[[Thing], str]:
    """What signs credentials: a compact token whose claims are the credential, with the registered ones beside."""
    kid = issuer.kid(key.name)

    def signed(credential: Thing) -> str:
        claims = {
            **credential,
            "iss": credential["issuer"]["id"],
            "jti": credential["id"],
            "sub": credential["credentialSubject"]["id"],
            "nbf": parse_instant(credential["validFrom"])[0],
        }
        if "validUntil" in credential:
            claims["exp"] = parse_instant(credential["validUntil"])[0]
        return key.sign(claims, kid)

    return signed
