"""What makes CTDL and CTDL-ASN terms of properties and edges: language maps, alignments, conditions, concepts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from graph.exports.around import Reader, Web
from graph.exports.projection import Part, Values, own_text, texts
from graph.store import Node
from ontology.values import MILLION, format_decimal

LIFE_CYCLE = {
    "active": "lifeCycle:Active",
    "released": "lifeCycle:Active",
    "draft": "lifeCycle:Developing",
    "archived": "lifeCycle:Ceased",
    "retired": "lifeCycle:Ceased",
}
CREDENTIAL_STATUS = {"active": "credentialStat:Active", "retired": "credentialStat:Deprecated"}
PUBLICATION = {
    "active": "publicationStatus:Published",
    "released": "publicationStatus:Published",
    "draft": "publicationStatus:Draft",
    "retired": "publicationStatus:Deprecated",
}
METHODS = {
    "quiz": "assessMethod:Exam",
    "exam": "assessMethod:Exam",
    "portfolio": "assessMethod:PortfolioEvaluation",
    "task_exercise": "assessMethod:Performance",
    "simulation": "assessMethod:Performance",
    "interview": "assessMethod:Performance",
}


def ctid(address: str) -> str:
    """The CTID of an address, always the same one.

    `ce-` and a UUID, which its grammar wants to be of version 4 (https://credreg.net/ctdl/ctid): its bits are those of
    the address's SHA-256.

    >>> ctid("http://localhost:8000/id/course:linux")
    'ce-cac8143b-d3c7-4276-88fa-0b61288e1e4d'
    """
    return f"ce-{UUID(bytes=sha256(address.encode()).digest()[:16], version=4)}"


def identified(web: Web, node: Node) -> Values:
    yield "ceterms:ctid", ctid(web.reader.iri(node.id))


def said(name: str, term: str) -> Part:
    """A text as a language map."""
    return Part((name,), lambda web, node: [(term, language_map(web.reader, node, name))])


def language_map(reader: Reader, node: Node, name: str) -> dict[str, Any]:
    """Language -> text, or texts of a property that holds many."""
    found: dict[str, Any] = {}
    for language, some in texts(node, name):
        found.setdefault(language or reader.language, some if len(some) > 1 else some[0])
    return found


def named(reader: Reader, text: str) -> dict[str, str]:
    """A text in the deployment's language."""
    return {reader.language: text} if text else {}


def plain(name: str, term: str) -> Part:
    """A property as it stands."""
    return Part((name,), lambda _, node: [(term, node.properties.get(name))])


def number(name: str, term: str) -> Part:
    """A number of millionths, or a whole one, as a number."""

    def make(web: Web, node: Node) -> Values:
        value = node.properties.get(name)
        if isinstance(value, int):
            is_decimal = web.reader.model.nodes[node.type].properties[name].datatype == "decimal"
            yield term, value / MILLION if is_decimal else float(value)

    return Part((name,), make)


def place(name: str, term: str) -> Part:
    """A place in an order, which CTDL-ASN writes as a text."""

    def make(_: Web, node: Node) -> Values:
        yield term, str(node.properties[name]) if name in node.properties else None

    return Part((name,), make)


def language(term: str) -> Part:
    """The language of what has none of its own: the deployment's."""
    return Part((), lambda web, _: [(term, [web.reader.language])])


def linked(edge: str, term: str) -> Part:
    """The addresses that edges lead to."""
    return Part((edge,), lambda web, node: [(term, [web.reader.iri(other.id) for _, other in web.out(node, edge)])])


def both_ways(edge: str, term: str) -> Part:
    """The addresses of the other ends of edges that are read both ways."""
    return Part((edge,), lambda web, node: [(term, [web.reader.iri(other.id) for _, other in web.both(node, edge)])])


def aligned(edge: str, term: str) -> Part:
    """The skills that edges lead to."""
    return Part((edge,), lambda web, node: [(term, alignments(web.reader, (to for _, to in web.out(node, edge))))])


def alignments(reader: Reader, skills: Iterable[Node]) -> list[dict[str, Any]]:
    """Each skill once, as a CredentialAlignmentObject."""
    return [alignment(reader, skill) for skill in {skill.id: skill for skill in skills}.values()]


def alignment(reader: Reader, node: Node) -> dict[str, Any]:
    """A node of a framework: a skill of what its source states, a level of its scale."""
    scale = node.properties.get("scale") if node.type == "Level" else None
    made = {
        "@type": "ceterms:CredentialAlignmentObject",
        "ceterms:targetNode": reader.iri(node.id),
        "ceterms:targetNodeName": named(reader, own_text(node)),
        "ceterms:framework": reader.iri(str(scale)) if scale else reader.vocabulary(node),
        "ceterms:frameworkName": {} if scale else named(reader, node.source),
        "ceterms:codedNotation": node.properties.get("code"),
    }
    return {term: value for term, value in made.items() if value}


def levels(edge: str) -> Part:
    """The levels that edges state, each once."""

    def make(web: Web, node: Node) -> Values:
        stated = [edge.properties for edge, _ in web.out(node, edge)]
        found = [web.reader.level(each.get("level"), each.get("scale")) for each in stated]
        yield "ceterms:atLevel", alignments(web.reader, (each for each in found if each is not None))

    return Part((edge, f"{edge}.level", f"{edge}.scale"), make)


def concept(name: str, term: str, words: Mapping[str, str], default: str = "active") -> Part:
    """A property as a concept of CTDL's own, in an alignment; `default` is what is meant where nothing is stated."""

    def make(_: Web, node: Node) -> Values:
        if found := words.get(str(node.properties.get(name, default))):
            yield term, {"@type": "ceterms:CredentialAlignmentObject", "ceterms:targetNode": found}

    return Part((name,), make)


def published(_: Web, node: Node) -> Values:
    """The status, as the concept that CTDL-ASN wants as it is."""
    yield "ceasn:publicationStatusType", PUBLICATION.get(str(node.properties.get("status", "active")))


def condition(name: str, term: str, **targets: list[Any]) -> Values:
    """A ConditionProfile; nothing where no target is."""
    found = {f"ceterms:{target}": values for target, values in targets.items() if values}
    if found:
        yield term, {"@type": "ceterms:ConditionProfile", "ceterms:name": {"en": name}, **found}


def prerequisites(web: Web, node: Node) -> Values:
    needed = [web.reader.iri(other.id) for _, other in web.out(node, "PREREQUISITE")]
    yield from condition("Prerequisites", "ceterms:requires", targetLearningOpportunity=needed)


def attested(web: Web, node: Node) -> Values:
    skills = alignments(web.reader, (skill for _, skill in web.out(node, "ATTESTS")))
    yield from condition("Competencies", "ceterms:requires", targetCompetency=skills)


def profile(web: Web, node: Node) -> Values:
    """What a role requires: what is only preferred is recommended."""
    links = web.out(node, "REQUIRES")
    preferred = [skill for edge, skill in links if edge.properties.get("kind") == "preferred"]
    core = [skill for edge, skill in links if edge.properties.get("kind") != "preferred"]
    held = [web.reader.iri(other.id) for _, other in web.out(node, "REQUIRES_CREDENTIAL")]
    required = alignments(web.reader, core)
    yield from condition("Required", "ceterms:requires", targetCompetency=required, targetCredential=held)
    yield from condition("Preferred", "ceterms:recommends", targetCompetency=alignments(web.reader, preferred))


def duration(_: Web, node: Node) -> Values:
    if stated := node.properties.get("duration"):
        yield "ceterms:estimatedDuration", {"@type": "ceterms:DurationProfile", "ceterms:exactDuration": stated}


def cost(_: Web, node: Node) -> Values:
    stated, currency = node.properties.get("cost"), node.properties.get("currency")
    if isinstance(stated, int):
        made = {"@type": "ceterms:CostProfile", "ceterms:price": format_decimal(stated)}
        yield "ceterms:estimatedCost", made | ({"ceterms:currency": currency} if currency else {})


def provider(web: Web, node: Node) -> Values:
    if name := node.properties.get("provider"):
        made = {"@type": "ceterms:Organization", "ceterms:name": named(web.reader, str(name))}
        yield "ceterms:offeredBy", made


def webpage(web: Web, node: Node) -> Values:
    """Where it can be seen, else its own address."""
    yield "ceterms:subjectWebpage", node.properties.get("url") or web.reader.iri(node.id)


def broader(web: Web, node: Node) -> Values:
    """In its own framework a child, in another one broad; what is nobody's child is the framework's."""
    is_child = False
    for _, other in web.out(node, "BROADER"):
        is_own = other.source == node.source
        is_child = is_child or is_own
        yield "ceasn:isChildOf" if is_own else "ceasn:broadAlignment", web.reader.iri(other.id)
    framework = web.reader.vocabulary(node)
    yield "ceasn:isPartOf", framework
    if not is_child:
        yield "ceasn:isTopChildOf", framework


def competency_text(web: Web, node: Node) -> Values:
    """What the competency is, in every language that has a label: its description, else the label."""
    labels, described = (language_map(web.reader, node, name) for name in ("label", "description"))
    yield "ceasn:competencyText", labels | described
    yield "ceasn:competencyLabel", labels


def category(_: Web, node: Node) -> Values:
    yield "ceasn:competencyCategory", {"en": node.properties.get("type", "skill")}


def needed(web: Web, node: Node) -> Values:
    """What one cannot do without; what only helps is no prerequisite."""
    links = web.out(node, "DEPENDS_ON")
    found = [other for edge, other in links if edge.properties.get("kind", "essential") == "essential"]
    yield "ceasn:prerequisiteAlignment", [web.reader.iri(other.id) for other in found]


def steps(web: Web, node: Node) -> Values:
    yield "skos:hasTopConcept", [web.reader.iri(each.id) for each in web.reader.levels(node.id)]


def of_scale(web: Web, node: Node) -> Values:
    """Its model, and the level before it."""
    scale = str(node.properties["scale"])
    for term in ("ceasn:inProgressionModel", "skos:topConceptOf"):
        yield term, web.reader.iri(scale)
    yield "skos:notation", str(node.properties["rank"])
    order = [each.id for each in web.reader.levels(scale)]
    if order.index(node.id) > 0:
        yield "ceterms:precededBy", web.reader.iri(order[order.index(node.id) - 1])


def reached(web: Web, node: Node) -> Values:
    """The level of a scale that a level of a criterion stands for."""
    level = web.reader.level(node.properties.get("level"), node.properties.get("scale"))
    yield "asn:hasProgressionLevel", web.reader.iri(level.id) if level is not None else None


def kind_by(words: Mapping[str, str], default: str) -> Callable[[Node], str | None]:
    """The class that a node's type stands for; None for a type that is none."""
    return lambda node: words.get(str(node.properties.get("type", default)))
