"""What each type of node is in CTDL and CTDL-ASN, and what is said of it there."""

from __future__ import annotations

from functools import partial

from graph.exports.around import Hops
from graph.exports.ctdl import parts
from graph.exports.ctdl.terms import LISTS
from graph.exports.projection import Part, Projection

_said_as = partial(Projection, lists=LISTS)
_ID = Part((), parts.identified)
_BY_CLASS = Part(("type",), lambda *_: ())  # the class says it
_NAMED = (_ID, parts.said("label", "ceterms:name"), parts.said("description", "ceterms:description"))
_ASN = (_ID, parts.said("label", "ceasn:name"), parts.said("description", "ceasn:description"))
_LIFE_CYCLE = parts.concept("status", "ceterms:lifeCycleStatusType", parts.LIFE_CYCLE)
_PUBLISHED = Part(("status",), parts.published)
_IN_LANGUAGE = parts.language("ceasn:inLanguage")

_LEARNING = dict.fromkeys(
    ("module", "activity", "bootcamp", "microlearning", "path"), "ceterms:LearningOpportunityProfile"
)
_CREDENTIALS = {"badge": "Badge", "certificate": "Certificate", "licence": "License", "degree": "Degree"}
_ROLES = {"occupation": "ceterms:Occupation", "job": "ceterms:Job"}

LEARNING = _said_as(
    "LearningObject",
    parts.kind_by({"course": "ceterms:Course"} | _LEARNING, "course"),
    (
        *_NAMED,
        _LIFE_CYCLE,
        _BY_CLASS,
        Part(("provider",), parts.provider),
        parts.plain("language", "ceterms:inLanguage"),
        Part(("duration",), parts.duration),
        Part(("cost", "currency"), parts.cost),
        Part(("url",), parts.webpage),
        parts.aligned("TEACHES", "ceterms:teaches"),
        parts.levels("TEACHES"),
        parts.linked("ASSESSED_BY", "ceterms:targetAssessment"),
        Part(("PREREQUISITE",), parts.prerequisites),
    ),
    Hops(out=("TEACHES", "ASSESSED_BY", "PREREQUISITE")),
)
ASSESSMENT = _said_as(
    "Assessment",
    lambda _: "ceterms:AssessmentProfile",
    (
        *_NAMED,
        _LIFE_CYCLE,
        parts.concept("type", "ceterms:assessmentMethodType", parts.METHODS, "quiz"),
        parts.plain("proctored", "ceterms:isProctored"),
        Part((), parts.webpage),
        parts.aligned("MEASURES", "ceterms:assesses"),
        parts.linked("SCORED_WITH", "ceterms:hasRubric"),
    ),
    Hops(out=("MEASURES", "SCORED_WITH")),
)
CREDENTIAL = _said_as(
    "Credential",
    parts.kind_by({name: f"ceterms:{kind}" for name, kind in _CREDENTIALS.items()}, "certificate"),
    (
        *_NAMED,
        _BY_CLASS,
        parts.concept("status", "ceterms:credentialStatusType", parts.CREDENTIAL_STATUS),
        parts.plain("validity", "ceterms:renewalFrequency"),
        Part((), parts.webpage),
        Part(("ATTESTS",), parts.attested),
        parts.levels("ATTESTS"),
    ),
    Hops(out=("ATTESTS",)),
)
ROLE = _said_as(
    "Role",
    parts.kind_by(_ROLES, "job"),
    (
        *_NAMED,
        _BY_CLASS,
        _LIFE_CYCLE,
        parts.said("alt_labels", "ceterms:alternateName"),
        parts.plain("code", "ceterms:codedNotation"),
        Part(("REQUIRES", "REQUIRES.kind", "REQUIRES_CREDENTIAL"), parts.profile),
        parts.both_ways("EXACT_MATCH", "ceterms:sameAs"),
    ),
    Hops(out=("REQUIRES", "REQUIRES_CREDENTIAL", "EXACT_MATCH"), into=("EXACT_MATCH",)),
)
RUBRIC = _said_as(
    "Rubric",
    lambda _: "ceasn:Rubric",
    (
        *_ASN,
        _IN_LANGUAGE,
        _PUBLISHED,
        parts.linked("HAS_CRITERION", "ceasn:hasRubricCriterion"),
    ),
    Hops(out=("HAS_CRITERION",)),
)
CRITERION = _said_as(
    "Criterion",
    lambda _: "ceasn:RubricCriterion",
    (
        *_ASN,
        parts.number("weight", "ceasn:weight"),
        parts.place("position", "ceasn:listID"),
        parts.aligned("ASSESSES", "ceterms:targetCompetency"),
        parts.linked("HAS_LEVEL", "ceasn:hasCriterionLevel"),
    ),
    Hops(out=("ASSESSES", "HAS_LEVEL")),
)
CRITERION_LEVEL = _said_as(
    "CriterionLevel",
    lambda _: "ceasn:CriterionLevel",
    (
        parts.said("label", "ceasn:benchmarkLabel"),
        parts.said("description", "ceasn:benchmarkText"),
        parts.number("points", "schema:value"),
        parts.place("position", "ceasn:listID"),
        Part(("level", "scale"), parts.reached),
    ),
)
SCALE = _said_as(
    "Scale",
    lambda _: "asn:ProgressionModel",
    (
        *_ASN,
        _IN_LANGUAGE,
        _PUBLISHED,
        Part((), parts.steps),
    ),
)
LEVEL = _said_as(
    "Level",
    lambda _: "asn:ProgressionLevel",
    (
        _ID,
        parts.said("label", "skos:prefLabel"),
        parts.said("description", "skos:definition"),
        Part(("scale", "rank"), parts.of_scale),
    ),
)
SKILL = _said_as(
    "Skill",
    lambda _: "ceasn:Competency",
    (
        _ID,
        Part(("label", "description"), parts.competency_text),
        Part(("type",), parts.category),
        parts.said("alt_labels", "ceasn:conceptKeyword"),
        parts.plain("code", "ceasn:codedNotation"),
        _IN_LANGUAGE,
        _PUBLISHED,
        Part(("BROADER",), parts.broader),
        parts.both_ways("EXACT_MATCH", "ceasn:exactAlignment"),
        parts.both_ways("CLOSE_MATCH", "ceasn:majorAlignment"),
        parts.both_ways("RELATED", "ceasn:minorAlignment"),
        Part(("DEPENDS_ON", "DEPENDS_ON.kind"), parts.needed),
    ),
    Hops(
        out=("BROADER", "EXACT_MATCH", "CLOSE_MATCH", "RELATED", "DEPENDS_ON"),
        into=("EXACT_MATCH", "CLOSE_MATCH", "RELATED"),
    ),
)

PROJECTIONS = (LEARNING, ASSESSMENT, CREDENTIAL, ROLE, RUBRIC, CRITERION, CRITERION_LEVEL, SCALE, LEVEL, SKILL)
"""Every type that is said, in the order in which an export says it."""
