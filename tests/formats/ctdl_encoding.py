"""What CTDL and CTDL-ASN let be said of what, of the terms that we say.

Written down from Credential Engine's schema encodings (schema:domainIncludes, schema:rangeIncludes), as they were on
2026-08-06: https://credreg.net/ctdl/schema/encoding/json and https://credreg.net/ctdlasn/schema/encoding/json.
"""

from __future__ import annotations

CREDENTIALS = ("ceterms:Badge", "ceterms:Certificate", "ceterms:Degree", "ceterms:License")
LEARNING = ("ceterms:Course", "ceterms:LearningOpportunityProfile")
WORK = ("ceterms:Job", "ceterms:Occupation")
ASSESSMENT = ("ceterms:AssessmentProfile",)
PROGRESSION = ("asn:ProgressionLevel", "asn:ProgressionModel")
RUBRICS = ("ceasn:Rubric", "ceasn:RubricCriterion")
STATEMENTS = ("ceasn:Competency", "ceasn:CompetencyFramework")
ORGANISATION = ("ceterms:Organization",)

COMPETENCY = ("ceasn:Competency",)
TARGET = ("ceasn:Competency", "ceterms:CredentialAlignmentObject")
ALIGNMENT = ("ceterms:CredentialAlignmentObject",)
CONDITION = ("ceterms:ConditionProfile",)
TEXT, STRING, ADDRESS = ("rdf:langString",), ("xsd:string",), ("xsd:anyURI",)

TERMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ceterms:ctid": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT, *PROGRESSION, *RUBRICS, *STATEMENTS), STRING),
    "ceterms:name": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT, *CONDITION, *ORGANISATION), TEXT),
    "ceterms:description": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT, *CONDITION), TEXT),
    "ceterms:alternateName": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT), TEXT),
    "ceterms:codedNotation": ((*LEARNING, *WORK, *ALIGNMENT), STRING),
    "ceterms:subjectWebpage": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT, *CONDITION, "ceasn:Rubric"), ADDRESS),
    "ceterms:sameAs": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT, *PROGRESSION), ADDRESS),
    "ceterms:inLanguage": ((*CREDENTIALS, *LEARNING, *ASSESSMENT), ("xsd:language",)),
    "ceterms:lifeCycleStatusType": ((*LEARNING, *WORK, *ASSESSMENT, "ceasn:Rubric"), ALIGNMENT),
    "ceterms:credentialStatusType": (CREDENTIALS, ALIGNMENT),
    "ceterms:assessmentMethodType": ((*LEARNING, *ASSESSMENT), ALIGNMENT),
    "ceterms:atLevel": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT), ALIGNMENT),
    "ceterms:offeredBy": ((*CREDENTIALS, *LEARNING, *ASSESSMENT, "ceterms:Job"), ORGANISATION),
    "ceterms:estimatedDuration": ((*CREDENTIALS, *LEARNING, *ASSESSMENT), ("ceterms:DurationProfile",)),
    "ceterms:exactDuration": (("ceterms:DurationProfile",), ("schema:Duration",)),
    "ceterms:renewalFrequency": (CREDENTIALS, ("schema:Duration",)),
    "ceterms:estimatedCost": ((*CREDENTIALS, *LEARNING, *ASSESSMENT, *CONDITION), ("ceterms:CostProfile",)),
    "ceterms:price": (("ceterms:CostProfile",), ("xsd:decimal",)),
    "ceterms:currency": (("ceterms:CostProfile",), STRING),
    "ceterms:teaches": (LEARNING, TARGET),
    "ceterms:assesses": ((*LEARNING, *ASSESSMENT), TARGET),
    "ceterms:isProctored": (ASSESSMENT, ("xsd:boolean",)),
    "ceterms:hasRubric": ((*CREDENTIALS, *LEARNING, *ASSESSMENT, "ceterms:Job"), ("ceasn:Rubric",)),
    "ceterms:requires": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT), CONDITION),
    "ceterms:recommends": ((*CREDENTIALS, *LEARNING, *WORK, *ASSESSMENT), CONDITION),
    "ceterms:targetCompetency": ((*CONDITION, *WORK, "ceasn:RubricCriterion"), TARGET),
    "ceterms:targetCredential": ((*CONDITION, *LEARNING), CREDENTIALS),
    "ceterms:targetLearningOpportunity": ((*CONDITION, *LEARNING), LEARNING),
    "ceterms:targetAssessment": ((*CONDITION, *LEARNING, *ASSESSMENT), ASSESSMENT),
    "ceterms:targetNode": (ALIGNMENT, ADDRESS),
    "ceterms:targetNodeName": (ALIGNMENT, TEXT),
    "ceterms:framework": (ALIGNMENT, ADDRESS),
    "ceterms:frameworkName": (ALIGNMENT, TEXT),
    "ceterms:precededBy": (("asn:ProgressionLevel",), ("asn:ProgressionLevel",)),
    "ceasn:name": (("ceasn:CompetencyFramework", "asn:ProgressionModel", *RUBRICS), TEXT),
    "ceasn:description": (("ceasn:CompetencyFramework", "asn:ProgressionModel", *RUBRICS), TEXT),
    "ceasn:publisherName": (("ceasn:CompetencyFramework", "asn:ProgressionModel", "ceasn:Rubric"), TEXT),
    "ceasn:inLanguage": ((*STATEMENTS, "asn:ProgressionModel", "ceasn:Rubric"), ("xsd:language",)),
    "ceasn:publicationStatusType": ((*STATEMENTS, "asn:ProgressionModel", "ceasn:Rubric"), ("skos:Concept",)),
    "ceasn:competencyText": (COMPETENCY, TEXT),
    "ceasn:competencyLabel": (COMPETENCY, TEXT),
    "ceasn:competencyCategory": (COMPETENCY, TEXT),
    "ceasn:conceptKeyword": ((*STATEMENTS, "asn:ProgressionModel", "ceasn:Rubric"), TEXT),
    "ceasn:codedNotation": ((*STATEMENTS, *RUBRICS, "ceasn:CriterionLevel"), STRING),
    "ceasn:isPartOf": (COMPETENCY, ("ceasn:CompetencyFramework",)),
    "ceasn:isTopChildOf": (COMPETENCY, ("ceasn:CompetencyFramework",)),
    "ceasn:isChildOf": (COMPETENCY, COMPETENCY),
    "ceasn:broadAlignment": (COMPETENCY, COMPETENCY),
    "ceasn:exactAlignment": (COMPETENCY, COMPETENCY),
    "ceasn:majorAlignment": (COMPETENCY, COMPETENCY),
    "ceasn:minorAlignment": (COMPETENCY, COMPETENCY),
    "ceasn:prerequisiteAlignment": (COMPETENCY, COMPETENCY),
    "ceasn:hasRubricCriterion": (("ceasn:Rubric", "ceasn:Competency"), ("ceasn:RubricCriterion",)),
    "ceasn:hasCriterionLevel": (("ceasn:RubricCriterion", "ceasn:CriterionLevel"), ("ceasn:CriterionLevel",)),
    "ceasn:benchmarkLabel": (("ceasn:CriterionLevel",), TEXT),
    "ceasn:benchmarkText": (("ceasn:CriterionLevel",), TEXT),
    "ceasn:listID": (("ceasn:Competency", "ceasn:CriterionLevel", "ceasn:RubricCriterion"), STRING),
    "ceasn:weight": (("ceasn:Competency", "ceasn:RubricCriterion"), ("xsd:float",)),
    "schema:value": (("ceasn:CriterionLevel",), ("xsd:float",)),
    "asn:hasProgressionLevel": (("ceasn:CriterionLevel", "ceasn:Competency", *RUBRICS), ("asn:ProgressionLevel",)),
    "ceasn:inProgressionModel": (("asn:ProgressionLevel",), ("asn:ProgressionModel",)),
    "skos:prefLabel": (("asn:ProgressionLevel",), TEXT),
    "skos:definition": (("asn:ProgressionLevel",), TEXT),
    "skos:notation": (("asn:ProgressionLevel",), STRING),
    "skos:topConceptOf": (("asn:ProgressionLevel",), ("asn:ProgressionModel",)),
    "skos:hasTopConcept": (("asn:ProgressionModel",), ("asn:ProgressionLevel",)),
}
"""Term -> the classes it is said of, and what it holds; where the encodings allow more, what we need of it."""

CONCEPTS = {
    "lifeCycle": {"Active", "Ceased", "Ceasing", "Developing", "Suspended", "TeachOut"},
    "credentialStat": {"Active", "Ceasing", "Deprecated", "Probationary", "Suspended", "TeachOut"},
    "publicationStatus": {"Deprecated", "Draft", "Published"},
    "assessMethod": {"Artifact", "Exam", "Performance", "PortfolioEvaluation"},
}
"""The concepts of CTDL's own schemes, by prefix."""

REQUIRED = {
    "ceasn:CompetencyFramework": {"ceterms:ctid", "ceasn:name", "ceasn:description", "ceasn:inLanguage"},
    "ceasn:Competency": {"ceterms:ctid", "ceasn:competencyText", "ceasn:inLanguage", "ceasn:isPartOf"},
    "ceterms:Badge": {"ceterms:ctid", "ceterms:name", "ceterms:credentialStatusType", "ceterms:subjectWebpage"},
}
"""What the Credential Registry's schemas require of a class, save descriptions, which a graph may not have.

https://github.com/CredentialEngine/CredentialRegistry, fixtures/schemas/ce_registry.
"""
