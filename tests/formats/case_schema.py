"""CASE 1.1 as JSON Schema: what the Information Model 1.1 and the REST/JSON Binding 1.1 say of each class, as facts.

https://www.imsglobal.org/spec/case/v1p1: a `!` marks what must be there. What is not named is not allowed.
"""

from __future__ import annotations

from typing import Any

from tests.formats.schemas import ref, schema_of

UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
TEXT = {"type": "string", "minLength": 1}
URI = {"type": "string", "format": "uri"}
TIME = {"type": "string", "format": "date-time"}
DATE = {"type": "string", "format": "date"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
OPEN = {"type": "object"}
TYPES = {
    "anyOf": [
        {
            "enum": [
                *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo", "replacedBy"),
                *("exemplar", "hasSkillLevel", "isTranslationOf"),
            ]
        },
        {"type": "string", "pattern": "^ext:[A-Za-z0-9._-]+$"},
    ]
}


def several(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


OWN = {"identifier!": UUID, "uri!": URI, "lastChangeDateTime!": TIME, "extensions": OPEN}
DOCUMENT = {
    **OWN,
    **{"creator!": TEXT, "title!": TEXT, "frameworkType": TEXT, "caseVersion": {"const": "1.1"}},
    **{"officialSourceURL": URI, "publisher": TEXT, "description": TEXT, "subject": several(TEXT)},
    **{"subjectURI": several(ref("LinkURI")), "language": TEXT, "version": TEXT, "adoptionStatus": TEXT},
    **{"statusStartDate": DATE, "statusEndDate": DATE, "licenseURI": ref("LinkURI"), "notes": TEXT},
}
ITEM = {
    **OWN,
    **{"fullStatement!": TEXT, "alternativeLabel": TEXT, "CFItemType": TEXT, "humanCodingScheme": TEXT},
    **{"listEnumeration": TEXT, "abbreviatedStatement": TEXT, "conceptKeywords": several(TEXT), "notes": TEXT},
    **{"conceptKeywordsURI": ref("LinkURI"), "subject": several(TEXT), "subjectURI": several(ref("LinkURI"))},
    **{"language": TEXT, "educationLevel": several(TEXT), "CFItemTypeURI": ref("LinkURI")},
    **{"licenseURI": ref("LinkURI"), "statusStartDate": DATE, "statusEndDate": DATE},
}
ASSOCIATION = {
    **OWN,
    **{"associationType!": TYPES, "sequenceNumber": WHOLE, "originNodeURI!": ref("LinkGenURI")},
    **{"destinationNodeURI!": ref("LinkGenURI"), "CFAssociationGroupingURI": ref("LinkURI"), "notes": TEXT},
}
LINK = {"title!": TEXT, "identifier!": UUID, "uri!": URI}
CLASSES: dict[str, dict[str, Any]] = {
    "LinkURI": LINK,
    "LinkGenURI": {**LINK, "identifier!": TEXT, "targetType": TEXT},
    "CFPckgDocument": DOCUMENT,
    "CFDocument": {**DOCUMENT, "CFPackageURI!": ref("LinkURI")},
    "CFPckgItem": ITEM,
    "CFItem": {**ITEM, "CFDocumentURI!": ref("LinkURI")},
    "CFPckgAssociation": ASSOCIATION,
    "CFAssociation": {**ASSOCIATION, "CFDocumentURI": ref("LinkURI")},
    "CFRubric": {**OWN, "title": TEXT, "description": TEXT, "CFRubricCriteria": several(ref("CFRubricCriterion"))},
    "CFRubricCriterion": {
        **OWN,
        **{"category": TEXT, "description": TEXT, "CFItemURI": ref("LinkURI"), "weight": NUMBER, "position": WHOLE},
        **{"rubricId": UUID, "CFRubricCriterionLevels": several(ref("CFRubricCriterionLevel"))},
    },
    "CFRubricCriterionLevel": {
        **{**OWN, "extensions": several(OPEN)},
        **{"description": TEXT, "quality": TEXT, "score": NUMBER, "feedback": TEXT, "position": WHOLE},
        **{"rubricCriterionId": UUID},
    },
    "CFPackage": {
        **{"CFDocument!": ref("CFPckgDocument"), "CFItems": several(ref("CFPckgItem")), "extensions": OPEN},
        **{"CFAssociations": several(ref("CFPckgAssociation")), "CFRubrics": several(ref("CFRubric"))},
        **{"CFDefinitions": OPEN},
    },
    "CFDocumentSet": {"CFDocuments!": several(ref("CFDocument"))},
    "CFAssociationSet": {"CFItem!": ref("CFItem"), "CFAssociations!": several(ref("CFPckgAssociation"))},
    "imsx_StatusInfo": {
        "imsx_codeMajor!": {"enum": ["success", "processing", "failure", "unsupported"]},
        "imsx_severity!": {"enum": ["status", "warning", "error"]},
        "imsx_description": TEXT,
        "imsx_codeMinor": ref("imsx_CodeMinor"),
    },
    "imsx_CodeMinor": {"imsx_codeMinorField!": several(ref("imsx_CodeMinorField"))},
    "imsx_CodeMinorField": {
        "imsx_codeMinorFieldName!": TEXT,
        "imsx_codeMinorFieldValue!": {
            "enum": [
                *("fullsuccess", "invalid_sort_field", "invalid_selection_field", "forbidden", "unauthorised_request"),
                *("internal_server_error", "unknownobject", "server_busy", "invalid_uuid"),
            ]
        },
    },
}


def schema(name: str) -> dict[str, Any]:
    """The schema of one class."""
    return schema_of(CLASSES, name)
