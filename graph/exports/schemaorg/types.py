"""What each type of node is in schema.org, and what is said of it there."""

from __future__ import annotations

from graph.exports.around import Hops
from graph.exports.projection import Part, Projection
from graph.exports.schemaorg import parts
from graph.store import Node

_STATUS = {"active": "Published", "draft": "Draft", "archived": "Archived", "retired": "Obsolete"}
"""Status -> a word for creativeWorkStatus, whose description names Draft, Published and Obsolete."""

_NAMED = (Part((), parts.identified), parts.said("label", "name"), parts.said("description", "description"))
_WORK = (*_NAMED, parts.plain("status", "creativeWorkStatus", _STATUS))


def _learning(node: Node) -> str | list[str]:
    is_course = node.properties.get("type", parts.COURSES[0]) in parts.COURSES
    return ["Course", "LearningResource"] if is_course else "LearningResource"


def _role(node: Node) -> str | None:
    return None if node.properties.get("type") == "group" else "Occupation"


def _group(node: Node) -> str | None:
    return "CategoryCode" if node.properties.get("type") == "group" else None


def _opening(node: Node) -> str | None:
    """Nobody is wanted any more, or yet, by an opening that is not open."""
    return "JobPosting" if node.properties.get("status", "open") == "open" else None


LEARNING = Projection(
    "LearningObject",
    _learning,
    (
        *_WORK,
        parts.plain("type", "learningResourceType"),
        Part(("provider",), parts.provider),
        parts.plain("language", "inLanguage"),
        parts.plain("duration", "timeRequired"),
        Part(("cost", "currency"), parts.offer),
        parts.plain("url", "url"),
        parts.skills("TEACHES", "teaches"),
        parts.levels("TEACHES"),
        Part(("ASSESSED_BY", "MEASURES"), parts.assessed),
        Part(("PREREQUISITE",), parts.prerequisites),
    ),
    Hops(out=("TEACHES", "ASSESSED_BY", "PREREQUISITE"), then=("MEASURES",)),
)
ASSESSMENT = Projection(
    "Assessment",
    parts.assessment_kind,
    (*_WORK, parts.plain("type", "learningResourceType"), parts.skills("MEASURES", "assesses")),
    Hops(out=("MEASURES",)),
)
CREDENTIAL = Projection(
    "Credential",
    lambda _: "EducationalOccupationalCredential",
    (
        *_WORK,
        parts.plain("type", "credentialCategory"),
        parts.plain("validity", "validFor"),
        parts.skills("ATTESTS", "competencyRequired"),
        parts.levels("ATTESTS"),
    ),
    Hops(out=("ATTESTS",)),
)
ROLE = Projection(
    "Role",
    _role,
    (
        *_NAMED,
        parts.said("alt_labels", "alternateName"),
        parts.skills("REQUIRES", "skills"),
        parts.linked("REQUIRES_CREDENTIAL", "qualifications", "EducationalOccupationalCredential"),
        Part(("code", "type", "BROADER", "IN_FAMILY"), parts.categories),
        parts.same("EXACT_MATCH"),
    ),
    Hops(
        out=("REQUIRES", "REQUIRES_CREDENTIAL", "BROADER", "IN_FAMILY", "EXACT_MATCH"),
        into=("EXACT_MATCH",),
    ),
)
GROUP = Projection(
    "Role",
    _group,
    (
        *_NAMED,
        parts.said("alt_labels", "alternateName"),
        parts.plain("code", "codeValue"),
        Part((), parts.of_code_set),
        parts.same("EXACT_MATCH"),
    ),
    Hops(out=("EXACT_MATCH",), into=("EXACT_MATCH",)),
)
REQUISITION = Projection(
    "Requisition",
    _opening,
    (
        Part((), parts.identified),
        parts.said("label", "title"),
        parts.said("description", "description"),
        parts.instant("opened_at", "datePosted"),
        parts.instant("closed_at", "validThrough"),
        Part(("openings",), parts.openings),
        Part(("org_unit",), parts.organisation),
        Part(("location",), parts.place),
        Part(("REQUIRES",), parts.wanted_skills),
        Part(("REQUIRES_CREDENTIAL",), parts.qualifications),
        parts.linked("FOR_ROLE", "relevantOccupation", "Occupation"),
    ),
    Hops(out=("FOR_ROLE", "REQUIRES", "REQUIRES_CREDENTIAL"), then=("REQUIRES", "REQUIRES_CREDENTIAL")),
    references=("org_unit",),
)
SKILL = Projection(
    "Skill",
    lambda _: "DefinedTerm",
    (
        *_NAMED,
        parts.said("alt_labels", "alternateName"),
        parts.plain("code", "termCode"),
        Part((), parts.of_source),
        parts.same("EXACT_MATCH"),
    ),
    Hops(out=("EXACT_MATCH",), into=("EXACT_MATCH",)),
)
SCALE = Projection("Scale", lambda _: "DefinedTermSet", (*_WORK, Part((), parts.steps)))
LEVEL = Projection("Level", lambda _: "DefinedTerm", (*_NAMED, Part(("scale", "rank"), parts.of_scale)))

PROJECTIONS = (LEARNING, ASSESSMENT, CREDENTIAL, ROLE, GROUP, REQUISITION, SCALE, LEVEL, SKILL)
"""Every type that is said, in the order in which an export says it."""
