"""What makes schema.org terms of properties and edges: texts, instants, terms in their sets, pointers to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from graph.exports.around import Linked, Reader, Web
from graph.exports.projection import Part, Values, own_text, texts
from graph.store import Node
from ontology.values import OPEN, format_decimal

COURSES = ("course", "bootcamp", "path")
"""Learning objects that are a Course, which is made of several lessons; any other is a LearningResource."""


def said(name: str, term: str) -> Part:
    """A text: plain in the deployment's language, with its tag in others."""

    def make(_: Web, node: Node) -> Values:
        for language, found in texts(node, name):
            for each in found:
                yield term, {"@language": language, "@value": each} if language else each

    return Part((name,), make)


def plain(name: str, term: str, words: Mapping[str, str] | None = None) -> Part:
    """A property as it stands, or as the word that stands for it."""

    def make(_: Web, node: Node) -> Values:
        value = node.properties.get(name)
        yield term, words.get(str(value)) if words is not None else value

    return Part((name,), make)


def instant(name: str, term: str) -> Part:
    """An instant; an open end says nothing."""

    def make(_: Web, node: Node) -> Values:
        value = node.properties.get(name, OPEN)
        if isinstance(value, int) and value != OPEN:
            yield term, datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    return Part((name,), make)


def skills(edge: str, term: str) -> Part:
    """The skills that edges lead to."""
    return Part((edge,), lambda web, node: [(term, [defined(skill, web.reader) for _, skill in web.out(node, edge)])])


def levels(edge: str) -> Part:
    """The levels that edges state, each once."""
    return Part(
        (edge, f"{edge}.level", f"{edge}.scale"),
        lambda web, node: [("educationalLevel", _levels(web.out(node, edge), web.reader))],
    )


def linked(edge: str, term: str, kind: str) -> Part:
    """The nodes that edges lead to, by name and address."""
    return Part((edge,), lambda web, node: [(term, [pointer(to, web.reader, kind) for _, to in web.out(node, edge)])])


def same(edge: str) -> Part:
    """What is the same in another vocabulary."""
    return Part(
        (edge,), lambda web, node: [("sameAs", [web.reader.iri(other.id) for _, other in web.both(node, edge)])]
    )


def defined(node: Node, reader: Reader) -> dict[str, Any]:
    """A node as a DefinedTerm of its set: a skill's is what its source states, a level's is its scale."""
    scale = node.properties.get("scale") if node.type == "Level" else None
    code = node.properties.get("code")
    return {
        **pointer(node, reader, "DefinedTerm"),
        **({"termCode": code} if code else {}),
        "inDefinedTermSet": {"@id": reader.iri(str(scale)) if scale else reader.vocabulary(node)},
    }


def pointer(node: Node, reader: Reader, kind: str) -> dict[str, Any]:
    """A node by its address and name."""
    name = own_text(node)
    return {"@type": kind, "@id": reader.iri(node.id), **({"name": name} if name else {})}


def category(node: Node, reader: Reader) -> dict[str, Any]:
    """A group of roles, or a role in its own vocabulary, as a CategoryCode."""
    code = node.properties.get("code")
    return {
        **pointer(node, reader, "CategoryCode"),
        **({"codeValue": code} if code else {}),
        "inCodeSet": {"@id": reader.vocabulary(node)},
    }


def identified(_: Web, node: Node) -> Values:
    """The id by which everything else of the deployment names the node."""
    yield "identifier", node.id


def categories(web: Web, node: Node) -> Values:
    """The role's own code, and the groups and families it is in."""
    if node.properties.get("code"):
        yield "occupationalCategory", node.properties["code"]
    for _, group in web.out(node, "BROADER", "IN_FAMILY"):
        yield "occupationalCategory", category(group, web.reader)


def offer(_: Web, node: Node) -> Values:
    """What a learning object costs."""
    cost, currency = node.properties.get("cost"), node.properties.get("currency")
    if isinstance(cost, int):
        price = {"@type": "Offer", "category": "Paid" if cost else "Free", "price": format_decimal(cost)}
        yield "offers", price | ({"priceCurrency": currency} if currency else {})


def provider(_: Web, node: Node) -> Values:
    if name := node.properties.get("provider"):
        yield "provider", {"@type": "Organization", "name": name}


def prerequisites(web: Web, node: Node) -> Values:
    """What is needed first; only a Course has prerequisites by name, anything else an alignment."""
    is_course = node.properties.get("type", COURSES[0]) in COURSES
    for _, needed in web.out(node, "PREREQUISITE"):
        if is_course and needed.properties.get("type", COURSES[0]) in COURSES:
            yield "coursePrerequisites", pointer(needed, web.reader, "Course")
        else:
            yield "coursePrerequisites" if is_course else "educationalAlignment", _alignment(needed, web.reader)


def _alignment(needed: Node, reader: Reader) -> dict[str, Any]:
    name = {"targetName": own_text(needed)} if own_text(needed) else {}
    return {"@type": "AlignmentObject", "alignmentType": "requires", **name, "targetUrl": reader.iri(needed.id)}


def assessed(web: Web, node: Node) -> Values:
    """The assessments that belong to a learning object, and what these measure."""
    tests = [test for _, test in web.out(node, "ASSESSED_BY")]
    yield "hasPart", [pointer(test, web.reader, assessment_kind(test)) for test in tests]
    measured = {skill.id: skill for test in tests for _, skill in web.out(test, "MEASURES")}
    yield "assesses", [defined(skill, web.reader) for skill in measured.values()]


def assessment_kind(node: Node) -> str:
    return "Quiz" if node.properties.get("type", "quiz") in ("quiz", "exam") else "LearningResource"


def wanted_skills(web: Web, node: Node) -> Values:
    """What an opening asks for: its own requirements if it has any, which replace the role's, else those."""
    own = web.out(node, "REQUIRES")
    found = own or [link for _, role in web.out(node, "FOR_ROLE") for link in web.out(role, "REQUIRES")]
    yield "skills", [defined(skill, web.reader) for skill in {skill.id: skill for _, skill in found}.values()]


def qualifications(web: Web, node: Node) -> Values:
    """The credentials that an opening asks for, and those of its role, which stay whatever else it asks for."""
    asking = (node, *(role for _, role in web.out(node, "FOR_ROLE")))
    found = {needed.id: needed for each in asking for _, needed in web.out(each, "REQUIRES_CREDENTIAL")}
    kind = "EducationalOccupationalCredential"
    yield "qualifications", [pointer(needed, web.reader, kind) for needed in found.values()]


def organisation(web: Web, node: Node) -> Values:
    """Who publishes, with the org unit as its department; the unit alone where nobody says who publishes."""
    units = [pointer(unit, web.reader, "Organization") for unit in web.of(node, "org_unit")]
    if web.reader.publisher:
        whole = {"@type": "Organization", "name": web.reader.publisher}
        yield "hiringOrganization", whole | ({"department": units[0]} if units else {})
    else:
        yield "hiringOrganization", units


def place(_: Web, node: Node) -> Values:
    if name := node.properties.get("location"):
        yield "jobLocation", {"@type": "Place", "name": name, "address": name}


def openings(_: Web, node: Node) -> Values:
    yield "totalJobOpenings", node.properties.get("openings", 1)


def steps(web: Web, node: Node) -> Values:
    """The levels of a scale, the lowest first."""
    yield "hasDefinedTerm", [pointer(each, web.reader, "DefinedTerm") for each in web.reader.levels(node.id)]


def of_scale(web: Web, node: Node) -> Values:
    yield "termCode", str(node.properties["rank"])
    yield "inDefinedTermSet", {"@id": web.reader.iri(str(node.properties["scale"]))}


def of_source(web: Web, node: Node) -> Values:
    yield "inDefinedTermSet", {"@id": web.reader.vocabulary(node)}


def _levels(links: Iterable[Linked], reader: Reader) -> list[dict[str, Any]]:
    found = (reader.level(edge.properties.get("level"), edge.properties.get("scale")) for edge, _ in links)
    return [defined(each, reader) for each in {each.id: each for each in found if each is not None}.values()]


def of_code_set(web: Web, node: Node) -> Values:
    yield "inCodeSet", {"@id": web.reader.vocabulary(node)}
