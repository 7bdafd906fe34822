"""CASE (Competencies and Academic Standards Exchange, 1EdTech) 1.1 and 1.0: its things, and what ours are called there.

By the Information Model 1.1 and the REST/JSON Binding 1.1 of https://www.imsglobal.org/spec/case/v1p1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from ontology.model import Model

SPACE = "case"
"""The id space of what came in as CASE: the local part of such an id is its identifier."""

DOCUMENTS, PACKAGES, ITEMS, ASSOCIATIONS, RUBRICS = (
    "CFDocuments",
    "CFPackages",
    "CFItems",
    "CFAssociations",
    "CFRubrics",
)
ITEM_ASSOCIATIONS = "CFItemAssociations"
CRITERIA, LEVELS = "CFRubricCriteria", "CFRubricCriterionLevels"

CHILD, TRANSLATES, REPLACED = "isChildOf", "isTranslationOf", "replacedBy"

ITEM_TYPES: Mapping[str, str] = {
    "skill": "Skill",
    "knowledge": "Knowledge",
    "attitude": "Attitude",
    "language": "Language Skill",
    "transversal": "Transversal Skill",
    "outcome": "Learning Outcome",
    "group": "Group",
    "collection": "Collection",
}
"""Type of a Skill -> CFItemType, which is free text; a word is no item."""

ADOPTION: Mapping[str, str] = {"draft": "Draft", "released": "Adopted", "retired": "Deprecated"}
"""Status of the skills of a framework -> adoptionStatus of its document."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the standard, by what its addresses have and what it lacks."""

    name: str
    path: str  # of its addresses
    absent: frozenset[str] = frozenset()  # properties and types of associations that it does not have


V1P1 = Version("1.1", "v1p1")
V1P0 = Version("1.0", "v1p0", frozenset({"caseVersion", "extensions", "notes", TRANSLATES}))
VERSIONS = {version.path: version for version in (V1P1, V1P0)}


@dataclass(frozen=True, slots=True)
class Names:
    """What things of one deployment are called in CASE."""

    model: Model
    version: Version = V1P1

    def identifier(self, id: str) -> str:
        """The UUID of a node: the one that it came in with, else one made of its IRI (RFC 9562, version 5)."""
        space, _, local = id.partition(":")
        return local if space == SPACE and _UUID.fullmatch(local) else self.made(self.model.prefixes.expand(id))

    def of_edge(self, type: str, start: str, end: str) -> str:
        """The UUID of an association."""
        return self.made(self.model.prefixes.edge_iri(type, start, end))

    def made(self, iri: str) -> str:
        return str(uuid5(NAMESPACE_URL, iri))

    def uri(self, kind: str, identifier: str) -> str:
        """The address at which the deployment answers with the thing."""
        return f"{self.model.prefixes.base}ims/case/{self.version.path}/{kind}/{identifier}"


def is_identifier(text: str) -> bool:
    """Whether the text may be an identifier.

    >>> is_identifier("00000000-0000-4000-8000-000000000001"), is_identifier("skill:linux")
    (True, False)
    """
    return _UUID.fullmatch(text.lower()) is not None
