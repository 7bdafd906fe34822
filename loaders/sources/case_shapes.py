"""What is read of a CASE package (1.0 and 1.1): the keys of each kind of thing, and how one leads to another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from loaders.rows import shown
from loaders.source import Config
from loaders.sources.objects import Object, Shape, single
from loaders.strict import Unreadable
from ontology.ids import make_curie

PREFIX = "case"

CHANGED = "lastChangeDateTime"
_OWN = ("identifier", "uri", CHANGED)
DOCUMENT = Shape("document", (*_OWN, "title", "description", "language", "adoptionStatus"))
ITEM = Shape(
    "items",
    (
        *(*_OWN, "fullStatement", "abbreviatedStatement", "alternativeLabel", "humanCodingScheme", "CFItemType"),
        *("language", "statusEndDate"),
    ),
    lists=("conceptKeywords",),
    made=("adoptionStatus", "replacedBy", "_skip"),
)
ENDS = ("originNodeURI", "destinationNodeURI")
ASSOCIATION = Shape("associations", (*_OWN, "associationType"), made=(*ENDS, "_skip"))
RUBRIC = Shape("rubrics", (*_OWN, "title", "description"), made=("language",))
CRITERION = Shape(
    "criteria",
    (*_OWN, "category", "description", "weight", "position", "rubricId"),
    made=("language",),
)
ASSESSED = Shape("assessed", (), made=("identifier", "CFItemURI", CHANGED))
LEVEL = Shape(
    "levels",
    (*_OWN, "quality", "description", "feedback", "score", "position", "rubricCriterionId"),
    made=("language",),
)
SHAPES = (DOCUMENT, ITEM, ASSOCIATION, RUBRIC, CRITERION, ASSESSED, LEVEL)

TRANSLATES, REPLACED = "isTranslationOf", "replacedBy"
TYPES = (
    *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo", REPLACED, "exemplar"),
    *("hasSkillLevel", TRANSLATES),
)
"""Types of associations; 1.1 lets others begin with `ext:`."""

FLAGS = {
    "bare-link": "a link is only its address, where the standard has an object",
    "education-level-key": "`educationLevel` is written `educationalLevel`",
    "no-statement": "an item has no full statement; its short one stands for it",
}

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(rf"/(?:CF(?:Items|Documents|Packages)|uri)/({_UUID.pattern})/?$", re.IGNORECASE)


def key(identifier: str) -> str:
    """An identifier in the one spelling that ids are made of."""
    return identifier.lower() if _UUID.fullmatch(identifier) else identifier


class Links:
    """Finds the ids of what links (LinkURI, LinkGenURI) lead to, within a package and outside."""

    def __init__(self, nodes: list[Object], config: Config) -> None:
        named = [(each.get("identifier"), each.get("uri")) for each in nodes]
        self._here = {key(each): id for each, _ in named if isinstance(each, str) and (id := _id(each))}
        self._by_uri = {uri: each for each, uri in named if isinstance(each, str) and isinstance(uri, str)}
        self._config = config

    def are_here(self, *ids: str) -> bool:
        """Whether all are ids of the package's document or items."""
        return all(self._here.get(id.removeprefix(f"{PREFIX}:")) == id for id in ids)

    def node(self, value: Object, name: str) -> str:
        """The id, or the address that is one, of what a link leads to; raises `Unreadable`."""
        link = value.get(name)
        if isinstance(link, str):
            identifier, uri = self._by_uri.get(link) or _named_in(link), link
        elif isinstance(link, Mapping):
            uri = str(single(link, "uri") or "")
            identifier = str(single(link, "identifier") or "") or self._by_uri.get(uri) or _named_in(uri)
        else:
            raise Unreadable(name, "is missing or no link: give its identifier and uri", shown(link or ""))
        found = self._here.get(key(identifier)) or self._outside(identifier, uri)
        if not found:
            reason = "has neither a UUID as identifier nor a whole address as uri: give one"
            raise Unreadable(name, reason, shown(link))
        return found

    def _outside(self, identifier: str, uri: str) -> str:
        """The id of what is not in the package: by its address where that is of a vocabulary that is known here."""
        try:
            by_uri = self._config.model.prefixes.curie(uri) if uri else ""
        except ValueError:
            by_uri = ""
        if by_uri and not by_uri.startswith("iri:"):
            return by_uri
        return _id(identifier) if _UUID.fullmatch(identifier) else by_uri


def _id(identifier: str) -> str:
    """The id of an identifier; nothing for what can't be one, which its own row tells."""
    with suppress(ValueError):
        return make_curie(PREFIX, key(identifier))
    return ""


def _named_in(link: str) -> str:
    """The identifier in the address of a CASE thing."""
    found = _ADDRESS.search(link)
    return found[1] if found else ""
