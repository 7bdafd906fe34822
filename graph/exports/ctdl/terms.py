"""The terms of CTDL and CTDL-ASN that are said, as the two published contexts read them; nobody has to fetch those.

https://credreg.net/ctdl/schema/context/json and https://credreg.net/ctdlasn/schema/context/json, of August 2026.
"""

from __future__ import annotations

from typing import Any

PREFIXES = {
    "ceterms": "https://purl.org/ctdl/terms/",
    "ceasn": "https://purl.org/ctdlasn/terms/",
    "asn": "http://purl.org/ASN/schema/core/",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "lifeCycle": "https://purl.org/ctdl/vocabs/lifeCycle/",
    "assessMethod": "https://purl.org/ctdl/vocabs/assessMethod/",
    "credentialStat": "https://purl.org/ctdl/vocabs/credentialStat/",
    "publicationStatus": "http://purl.org/ctdlasn/vocabs/publicationStatus/",
}

_LINK = {"@type": "@id"}
_TEXT = {"@container": "@language"}

_ONE: dict[str, dict[str, str]] = {
    "ceterms:targetNode": _LINK,
    "ceterms:framework": _LINK,
    "ceterms:subjectWebpage": _LINK,
    "ceterms:lifeCycleStatusType": _LINK,
    "ceterms:credentialStatusType": _LINK,
    "ceasn:publicationStatusType": _LINK,
    "ceasn:inProgressionModel": _LINK,
    "skos:topConceptOf": _LINK,
    "ceterms:name": _TEXT,
    "ceterms:description": _TEXT,
    "ceterms:alternateName": _TEXT,
    "ceterms:targetNodeName": _TEXT,
    "ceterms:frameworkName": _TEXT,
    "ceasn:name": _TEXT,
    "ceasn:description": _TEXT,
    "ceasn:publisherName": _TEXT,
    "ceasn:competencyText": _TEXT,
    "ceasn:competencyLabel": _TEXT,
    "ceasn:conceptKeyword": _TEXT,
    "ceasn:benchmarkLabel": _TEXT,
    "ceasn:benchmarkText": _TEXT,
    "skos:prefLabel": _TEXT,
    "skos:definition": _TEXT,
    "ceasn:weight": {"@type": "xsd:float"},
    "schema:value": {"@type": "xsd:float"},
    "ceterms:price": {"@type": "xsd:decimal"},
    "ceterms:exactDuration": {"@type": "schema:Duration"},
    "ceterms:renewalFrequency": {"@type": "schema:Duration"},
}
_MANY: dict[str, dict[str, str]] = {
    "ceterms:teaches": _LINK,
    "ceterms:assesses": _LINK,
    "ceterms:requires": _LINK,
    "ceterms:recommends": _LINK,
    "ceterms:atLevel": _LINK,
    "ceterms:targetCompetency": _LINK,
    "ceterms:targetLearningOpportunity": _LINK,
    "ceterms:targetCredential": _LINK,
    "ceterms:targetAssessment": _LINK,
    "ceterms:assessmentMethodType": _LINK,
    "ceterms:estimatedDuration": _LINK,
    "ceterms:estimatedCost": _LINK,
    "ceterms:offeredBy": _LINK,
    "ceterms:hasRubric": _LINK,
    "ceterms:sameAs": _LINK,
    "ceterms:precededBy": _LINK,
    "ceterms:inLanguage": {"@type": "xsd:language"},
    "ceasn:inLanguage": {"@type": "xsd:language"},
    "ceasn:competencyCategory": _TEXT,
    "ceasn:isPartOf": _LINK,
    "ceasn:isChildOf": _LINK,
    "ceasn:isTopChildOf": _LINK,
    "ceasn:broadAlignment": _LINK,
    "ceasn:exactAlignment": _LINK,
    "ceasn:majorAlignment": _LINK,
    "ceasn:minorAlignment": _LINK,
    "ceasn:prerequisiteAlignment": _LINK,
    "ceasn:hasRubricCriterion": _LINK,
    "ceasn:hasCriterionLevel": _LINK,
    "asn:hasProgressionLevel": _LINK,
    "skos:hasTopConcept": _LINK,
}

LISTS = frozenset(_MANY)
"""Terms of which the Credential Registry's readers want a list, be it of one."""

CONTEXT: dict[str, Any] = {**PREFIXES, **_ONE, **_MANY}
