"""What the OpenAPI page says of the addresses of CASE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.case_list import FARTHEST, MOST, USUAL
from api.operations import Operation, content, parameter
from api.reading import JSON
from graph.exports.case.terms import DOCUMENTS, Version

_TEXT: Final = {"type": "string"}
STATUS: Final[dict[str, Any]] = {
    "type": "object",
    "description": "imsx_StatusInfo of CASE: what is wrong with the request.",
    "required": ["imsx_codeMajor", "imsx_severity"],
    "properties": {
        "imsx_codeMajor": {"enum": ["failure"]},
        "imsx_severity": {"enum": ["error"]},
        "imsx_description": _TEXT,
        "imsx_codeMinor": {
            "type": "object",
            "required": ["imsx_codeMinorField"],
            "properties": {
                "imsx_codeMinorField": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["imsx_codeMinorFieldName", "imsx_codeMinorFieldValue"],
                        "properties": {
                            "imsx_codeMinorFieldName": _TEXT,
                            "imsx_codeMinorFieldValue": {
                                "enum": [
                                    *("unknownobject", "invalid_uuid", "invalid_selection_field"),
                                    "invalid_sort_field",
                                ]
                            },
                        },
                    },
                }
            },
        },
    },
}
COMPONENTS: Final = {"CaseStatus": STATUS}
_STATUS_REF: Final = {"$ref": "#/components/schemas/CaseStatus"}


@dataclass(frozen=True, slots=True)
class CaseOperation(Operation):
    """An operation that tells what is wrong with an id or a parameter in the words of CASE."""

    def document(self) -> dict[str, Any]:
        made = Operation.document(self)
        for status in {"400", "404"} & made["responses"].keys():
            answer = made["responses"][status]
            answer["content"] = {JSON: {"schema": _STATUS_REF}, **answer["content"]}
        return made


FIELDS: Final = (
    *("identifier", "uri", "caseVersion", "creator", "title", "lastChangeDateTime", "publisher", "description"),
    *("language", "adoptionStatus", "CFPackageURI"),
)
"""Properties of a document that stands alone, as the list of documents may show them."""
_PAGES: Final = {
    "X-Total-Count": {"description": "How many documents there are.", "schema": {"type": "integer"}},
    "Link": {"description": "Other pages: first, last, next, prev.", "schema": _TEXT},
}


def fields_of(version: Version) -> list[str]:
    """The properties of documents that a version has."""
    return [name for name in FIELDS if name not in version.absent]


def operation(id: str, summary: str, required: tuple[str, ...]) -> CaseOperation:
    """A thing by its identifier."""
    given = {"type": "string", "minLength": 1, "maxLength": 100}
    by_id = parameter("id", "The identifier, a UUID.", given, where="path")
    return _operation(id, summary, required, [by_id], ("not-found",), {})


def list_operation(id: str, version: Version) -> CaseOperation:
    """Documents, page by page."""
    one = "|".join(fields_of(version))
    condition = f"({one}) *(!=|>=|<=|=|>|<|~) *'[^']*'"
    parameters = [
        parameter("limit", "Most documents.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        parameter("offset", "How many to leave out first.", {"type": "integer", "minimum": 0, "maximum": FARTHEST}),
        parameter("sort", "A property of documents.", {"enum": fields_of(version)}),
        parameter("orderBy", "In which order.", {"enum": ["asc", "desc"], "default": "asc"}),
        parameter(
            "filter",
            "Conditions such as title~'cloud', two joined by AND or OR.",
            {"type": "string", "pattern": f"^{condition}( (AND|OR) {condition})?$"},
        ),
        parameter(
            "fields",
            "Properties that are shown, with commas between.",
            {"type": "string", "pattern": f"^({one})(,({one}))*$"},
        ),
    ]
    return _operation(id, "Every framework's document.", (DOCUMENTS,), parameters, (), _PAGES)


def _operation(  # noqa: PLR0917 - one route, all that is said of it
    id: str,
    summary: str,
    required: tuple[str, ...],
    parameters: list[dict[str, Any]],
    problems: tuple[str, ...],
    headers: Mapping[str, Any],
) -> CaseOperation:
    answer = content({"type": "object", "required": list(required)}, JSON, description=summary)
    tag = {"ETag": {"description": "To ask again by.", "schema": _TEXT}}
    known = parameter("If-None-Match", "The ETag of an answer the caller has.", _TEXT, where="header")
    return CaseOperation(
        id=id,
        tag="case",
        summary=summary,
        scope="publish",
        parameters=[*parameters, known],
        answers={200: answer | {"headers": {**tag, **headers}}, 304: {"description": "What the caller has stands."}},
        problems=("not-acceptable", *problems),
    )
