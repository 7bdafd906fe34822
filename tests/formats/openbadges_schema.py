"""Open Badges 3.0 as facts: the JSON Schema of AchievementCredential, and the terms of the contexts of revision 3.0.3.

By https://www.imsglobal.org/spec/ob/v3p0, appendices B and E, and https://www.w3.org/TR/vc-data-model-2.0: a `!` marks
what must be there. What is not named is not allowed here, so that only terms that a context defines are ever written.
"""

from __future__ import annotations

from typing import Any

from tests.formats.schemas import ref, schema_of

TEXT = {"type": "string", "minLength": 1}
URI = {"type": "string", "format": "uri"}
TIME = {"type": "string", "format": "date-time", "pattern": "Z$"}
EXT = {"type": "string", "pattern": "^ext:[A-Za-z0-9._-]+$"}
LOGIC = {"type": "boolean"}
CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]


def several(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1}


def typed(*names: str) -> dict[str, Any]:
    return {"type": "array", "items": TEXT, "allOf": [{"contains": {"const": name}} for name in names]}


def one_of(*values: str) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(values)}, EXT]}


CLASSES: dict[str, dict[str, Any]] = {
    "AchievementCredential": {
        "@context!": {"const": CONTEXT},
        "id!": URI,
        "type!": typed("VerifiableCredential", "OpenBadgeCredential"),
        "name": TEXT,
        "description": TEXT,
        "issuer!": ref("Profile"),
        "validFrom!": TIME,
        "validUntil": TIME,
        "awardedDate": TIME,
        "credentialSubject!": ref("AchievementSubject"),
        "evidence": several(ref("Evidence")),
        "credentialSchema": several(ref("CredentialSchema")),
    },
    "Profile": {"id!": URI, "type!": typed("Profile"), "name": TEXT, "url": URI, "description": TEXT, "email": TEXT},
    "AchievementSubject": {
        "id": URI,
        "type!": typed("AchievementSubject"),
        "achievement!": ref("Achievement"),
        "identifier": several(ref("IdentityObject")),
        "result": several(ref("Result")),
    },
    "IdentityObject": {
        "type!": {"const": "IdentityObject"},
        "hashed!": LOGIC,
        "identityHash!": TEXT,
        "identityType!": one_of("name", "sourcedId", "systemId", "userName", "accountId", "emailAddress", "identifier"),
        "salt": TEXT,
    },
    "Achievement": {
        "id!": URI,
        "type!": typed("Achievement"),
        "achievementType": one_of("Badge", "Certificate", "License", "Degree", "Competency", "Assessment", "Course"),
        "name!": TEXT,
        "description!": TEXT,
        "criteria!": ref("Criteria"),
        "humanCode": TEXT,
        "alignment": several(ref("Alignment")),
        "resultDescription": several(ref("ResultDescription")),
    },
    "Criteria": {"id": URI, "narrative": TEXT},
    "Alignment": {
        "type!": typed("Alignment"),
        "targetName!": TEXT,
        "targetUrl!": URI,
        "targetCode": TEXT,
        "targetDescription": TEXT,
        "targetFramework": TEXT,
        "targetType": one_of(
            *("ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion"),
            *("CFRubricCriterionLevel", "CTDL"),
        ),
    },
    "ResultDescription": {
        "id!": URI,
        "type!": typed("ResultDescription"),
        "name!": TEXT,
        "resultType!": one_of("LetterGrade", "Percent", "PerformanceLevel", "RubricCriterionLevel", "Status"),
        "alignment": several(ref("Alignment")),
        "rubricCriterionLevel": several(ref("RubricCriterionLevel")),
    },
    "RubricCriterionLevel": {
        **{"id!": URI, "type!": typed("RubricCriterionLevel"), "name!": TEXT, "description": TEXT, "level": TEXT},
        "points": {"type": "string"},
    },
    "Result": {
        "type!": typed("Result"),
        "resultDescription": URI,
        "achievedLevel": URI,
        "value": TEXT,
        "status": {"enum": ["Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"]},
    },
    "Evidence": {"id": URI, "type!": typed("Evidence"), "name": TEXT, "narrative": TEXT, "genre": TEXT},
    "CredentialSchema": {"id!": URI, "type!": {"const": "1EdTechJsonSchemaValidator2019"}},
}


def schema(name: str) -> dict[str, Any]:
    """The schema of one class."""
    return schema_of(CLASSES, name)
