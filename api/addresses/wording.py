"""Words for people: labels in the language asked for, values as they are read, edges as sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from graph.boundary import cell_text, json_value
from graph.store import Node, Value
from ontology.model import Datatype, EdgeType, NodeType, Property
from ontology.values import format_instant


@dataclass(frozen=True, slots=True)
class Said:
    """A text; `language` is "" where it is the page's own."""

    text: str
    language: str = ""


INVERSES: Final[Mapping[str, str]] = {
    "BROADER": "narrower",
    "REQUIRES_CREDENTIAL": "required by",
    "IN_FAMILY": "in this family",
    "FOR_ROLE": "openings",
    "PREREQUISITE": "prerequisite of",
    "ASSESSED_BY": "assesses",
    "SCORED_WITH": "used to score",
    "HAS_CRITERION": "criterion of",
    "HAS_LEVEL": "level of",
    "ASSESSES": "assessed by",
    "DEPENDS_ON": "needed for",
    "CORRESPONDS_TO": "what corresponds to it",
    "REQUIRES": "required by",
    "TEACHES": "taught by",
    "MEASURES": "measured by",
    "PROBES": "probed by",
    "ATTESTS": "attested by",
    "MEMBER_OF": "members",
    "SAME_PERSON": "same person",
    "OTHER_PERSON": "other person",
    "SUPPORTS": "supported by",
    "HAS_SKILL": "held by",
}
"""What an edge is called from the end it leads to; one that is read both ways has no such end."""

NAMED_BY: Final[Mapping[str, str]] = {
    "Skill.replaced_by": "takes the place of",
    "Level.scale": "levels",
    "CriterionLevel.scale": "criterion levels on it",
    "Cohort.program": "cohorts",
    "OrgUnit.part_of": "parts",
    "Requisition.org_unit": "requisitions",
    "WordDecision.word": "decisions on it",
    "WordDecision.skill": "words decided to mean it",
    "WordDecision.rejected": "words decided not to mean it",
}
"""What nodes are called that name another in a property, seen from there."""

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS: Final = ("year", "month", "week", "day", "hour", "minute", "second")


def text_in(held: Mapping[str, Value], name: str, language: str, own: str) -> tuple[Value | None, str]:
    """A text property in a language, else in the deployment's own, else in any; with the language it is in.

    `language` is "" for the deployment's own, which is `own`.
    """
    for tag in dict.fromkeys((language, language.partition("-")[0])):
        if tag:
            found = next((key for key in held if key.lower() == f"{name}@{tag}".lower()), None)
            if found:
                return held[found], found.partition("@")[2]
    if name in held:
        return held[name], own
    other = next((key for key in sorted(held) if key.startswith(f"{name}@")), None)
    return (held[other], other.partition("@")[2]) if other else (None, "")


def label_of(node: Node, language: str, own: str) -> Said:
    """The node's label; its id where it has none, or none that may be seen."""
    found, tag = text_in(node.properties, "label", language, own)
    return Said(str(found), tag) if found else Said(node.id)


def heading_of(kind: EdgeType, incoming: bool) -> str:
    """What edges of a type are called from one of their ends.

    >>> from ontology.model import load_model
    >>> heading_of(load_model().edges["TEACHES"], incoming=True)
    'taught by'
    """
    if not incoming or kind.symmetric:
        return kind.label
    return INVERSES.get(kind.name, f"{kind.label}, from")


def naming(kind: NodeType, each: Property) -> str:
    """What nodes of a type are called from the node that they name in a property."""
    return NAMED_BY.get(f"{kind.name}.{each.name}", f"{kind.label}, by {each.label}")


def words_of(each: Property, value: Value) -> list[str]:
    """A held value as people read it, a word or sentence for each of its parts."""
    parts = value if isinstance(value, tuple) else (value,)
    one = replace(each, many=False)
    return [_WORDS.get(each.datatype, _as_cell)(one, part) for part in parts]


def _as_cell(each: Property, value: Any) -> str:
    return cell_text(each)(value)


def _enum(_: Property, value: Any) -> str:
    return str(value).replace("_", " ")


def _boolean(_: Property, value: Any) -> str:
    return "yes" if value else "no"


def _instant(_: Property, value: Any) -> str:
    text = format_instant(value)
    return (
        text.removesuffix("T00:00:00Z") if text.endswith("T00:00:00Z") else text.replace("T", " ").replace("Z", " UTC")
    )


def _cut_scores(each: Property, value: Any) -> str:
    """`1:0.5|2:0.7` as `level 1 from 0.5, level 2 from 0.7`."""
    pairs = (part.partition(":") for part in str(json_value(each, value)).split("|"))
    return ", ".join(f"level {level} from {score}" for level, _, score in pairs)


def duration(_: Property, value: Any) -> str:
    """`P1Y6M` as `1 year 6 months`; what is no such duration as it is."""
    found = _DURATION.fullmatch(str(value))
    named = zip(found.groups() if found else (), _UNITS, strict=False)
    return " ".join(f"{count} {unit}{'' if count == '1' else 's'}" for count, unit in named if count) or str(value)


_WORDS: Final = {
    Datatype.ENUM: _enum,
    Datatype.BOOLEAN: _boolean,
    Datatype.INSTANT: _instant,
    Datatype.CUT_SCORES: _cut_scores,
    Datatype.DURATION: duration,
}
