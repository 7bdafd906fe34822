"""Whom a credential is about, and what it was given for: nothing that tells of anybody else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from graph.alike import EMAIL
from graph.index import Index
from graph.person import IDENTITY
from graph.store import Node, Store
from graph.viewer import Viewer
from ontology.values import format_instant

Thing = dict[str, Any]
Naming = Literal["hashed", "plain", "none"]
"""How e-mail addresses of the holder stand in credentials; by `none` they are known by their id alone."""

_SHOWN_ABOUT = ("completion", "assessment", "credential")
"""Kinds of evidence of which it is told what they came from: an interview would tell for which job."""
_TOLD_OF = ("LearningObject", "Assessment", "Credential")
"""Types of what they came from that are told of: a requisition would tell of an application."""
_LINKED = (*_SHOWN_ABOUT, "work_sample")
_ADDRESS = re.compile(r"https?://[\w.~!$&'()*+,;=:@-](?:[\w.~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}|#(?!.*#))*", re.ASCII)
"""What a reader takes for a URI (RFC 3986); hosts that are IPv6 addresses are not among them."""
_GENRES = {
    "completion": "Completion",
    "assessment": "Assessment",
    "credential": "Credential",
    "interview": "Interview",
    "work_sample": "Work sample",
    "manager_rating": "Rating by a manager",
}


@dataclass(slots=True)
class People:
    """Reads what is said of some holders, all at once."""

    store: Store
    index: Index
    viewer: Viewer
    naming: Naming
    _emails: dict[int, list[str]] = field(default_factory=dict)
    _evidence: dict[int, Thing] = field(default_factory=dict)

    def read(self, persons: Sequence[int], evidence: Iterable[int]) -> None:
        """Have the addresses of persons and pieces of evidence at hand, instead of what was before."""
        self._emails = self._addresses(persons) if self.naming != "none" and self.viewer.names else {}
        ids = self.index.snapshot.base.evidence_ids.of(evidence, partial(self.store.ids, "Evidence"))
        facts = self.store.many([id for id in ids.values() if id], self.viewer)
        about = {str(fact.properties["about"]) for fact in facts.values() if "about" in fact.properties}
        nodes = self.store.many(sorted(about), self.viewer) if about else {}
        self._evidence = {key: _told(facts[id], nodes) for key, id in ids.items() if id in facts}

    def _addresses(self, persons: Sequence[int]) -> dict[int, list[str]]:
        owner = {id: person for person in persons for id in self.index.people.members(person)}
        records = self.store.many(list(owner), self.viewer)
        identities = self.store.facts(IDENTITY, {"learner": list(owner)}, self.viewer)
        pairs = [(owner[id], record.properties.get("email")) for id, record in records.items()]
        pairs += [
            (owner[str(each.properties["learner"])], each.properties.get("value"))
            for each in identities
            if each.properties.get("system") == EMAIL and each.properties.get("verified") is not False
        ]
        found: dict[int, set[str]] = {}
        for person, address in pairs:
            if address:
                found.setdefault(person, set()).add(str(address).strip().removeprefix("mailto:"))
        return {person: sorted(addresses) for person, addresses in found.items()}

    def subject(self, person: int) -> Thing:
        """The holder as credentialSubject: their IRI, and their addresses as identifiers."""
        iri = self.store.model.prefixes.expand(self.index.people.id_of(person))
        identifiers = [self._identifier(address, iri) for address in self._emails.get(person, ())]
        made = {"id": iri, "type": ["AchievementSubject"]}
        return {**made, **({"identifier": identifiers} if identifiers else {})}

    def _identifier(self, address: str, iri: str) -> Thing:
        """IdentityObject; the salt is one a person, since whoever joins people tries every salt on every address."""
        made = {"type": "IdentityObject", "identityType": "emailAddress"}
        if self.naming == "plain":
            return {**made, "hashed": False, "identityHash": address}
        salt = uuid5(NAMESPACE_URL, iri).hex
        digest = hashlib.sha256(f"{address}{salt}".encode()).hexdigest()
        return {**made, "hashed": True, "identityHash": f"sha256${digest}", "salt": salt}

    def evidence(self, keys: Iterable[int]) -> list[Thing]:
        """Evidence of Open Badges."""
        return [self._evidence[key] for key in keys if key in self._evidence]


def _told(fact: Node, nodes: Mapping[str, Node]) -> Thing:
    kind, url = str(fact.properties["kind"]), str(fact.properties.get("url", ""))
    about = nodes.get(str(fact.properties.get("about"))) if kind in _SHOWN_ABOUT else None
    label = str(about.properties.get("label", "")) if about and about.type in _TOLD_OF else ""
    when = fact.properties["shown_at"]
    shown = format_instant(when)[:10] if isinstance(when, int) else ""
    made: Thing = {"id": url} if kind in _LINKED and _ADDRESS.fullmatch(url) else {}
    made |= {"type": ["Evidence"], "genre": _GENRES.get(kind, kind), "narrative": f"Shown on {shown}."}
    return {**made, "name": label} if label else made
