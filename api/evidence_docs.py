"""What the OpenAPI says of evidence intake; the columns of a row come from the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.operations import Operation, content
from api.reading import JSON, NDJSON
from ontology.model import Datatype, Model, NodeType, Property

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_OUTCOME: Final = {
    "type": "object",
    "required": ["type", "row", "id", "outcome"],
    "additionalProperties": False,
    "properties": {
        "type": _TEXT,
        "row": {"type": "integer", "minimum": 1, "description": "Its place in the list, or its line."},
        "id": _TEXT,
        "outcome": {"enum": ["accepted", "waiting", "rejected", "conflict"]},
        "field": _TEXT,
        "value": _TEXT,
        "reason": {**_TEXT, "description": "What is wrong, and the fix."},
    },
}
_COUNTS: Final = ("read", "written", "unchanged", "skipped", "waiting", "rejected")
COMPONENTS: Final[dict[str, Any]] = {
    "EvidenceReceipt": {
        "type": "object",
        "required": ["load", "source", "version", *_COUNTS, "rows"],
        "additionalProperties": False,
        "properties": {
            "load": {"type": ["integer", "null"], "description": "Its number among the loads."},
            "source": {**_TEXT, "description": "The name that states the rows: the key's."},
            "version": {
                **_COUNT,
                "description": "The store's change number; an answer of this version holds the rows.",
            },
            **dict.fromkeys(_COUNTS, _COUNT),
            "rows": {"type": "array", "items": _OUTCOME},
        },
    }
}
EXAMPLE: Final = [
    {
        "id": "lms-evidence:4711",
        "learner": "hr-person:17",
        "kind": "assessment",
        "about": "lms-quiz:containers",
        "score": 0.82,
        "shown_at": "2025-03-01T09:30:00Z",
        "version": 3,
    }
]


def operation(tables: Mapping[str, str]) -> Operation:
    """POST /v1/evidence."""
    lists = {name: _rows(type) for name, type in tables.items()}
    both = {"type": "object", "additionalProperties": False, "properties": lists}
    answer = content({"$ref": "#/components/schemas/EvidenceReceipt"}, JSON, description="What became of each row.")
    return Operation(
        id="send-evidence",
        tag="intake",
        summary="Send a batch of evidence.",
        description="Rows as the native tables have them: a list of evidence, an object with `evidence` and `ratings`, "
        "or one evidence row a line. Sent once or many times, in any order, the same rows give the same graph: the "
        "higher `version` of an id stands. A batch is written whole; the next answer already counts it. A row that "
        "only waits for what it refers to is kept, and taken when that arrives.",
        scope="load",
        body={
            "required": True,
            "content": {
                JSON: {
                    "schema": {"anyOf": [lists["evidence"], both]},
                    "examples": {"one assessment": {"value": EXAMPLE}},
                },
                NDJSON: {"schema": {"type": "string", "description": "One evidence row a line."}},
            },
        },
        answers={200: answer},
    )


def _rows(type: str) -> dict[str, Any]:
    """A list of rows; what is no such row is no bad request: it is told as a rejected row."""
    either = [{"$ref": f"#/components/schemas/{type}Table"}, {"description": "Anything else is told as rejected."}]
    return {"type": "array", "items": {"anyOf": either}}


def row_schemas(model: Model, tables: Iterable[str]) -> dict[str, Any]:
    """The schema of a row of each table."""
    return {f"{type}Table": row_schema(model.nodes[type]) for type in tables}


def row_schema(kind: NodeType) -> dict[str, Any]:
    """JSON Schema of a row of a node type as the native tables have it."""
    columns = {name: {**_column(each), "description": each.definition} for name, each in kind.properties.items()}
    own = {
        "id": {**_TEXT, "description": "prefix:local, one for ever."},
        "version": {"type": ["string", "integer", "null"], "description": "An instant or a whole number that rises."},
    }
    required = ["id", *(name for name, each in kind.properties.items() if each.required)]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": own | columns}


def _column(each: Property) -> dict[str, Any]:
    one = _SCALARS.get(each.datatype, {"type": ["string", "null"]})
    if each.values:
        one = {"enum": [*each.values, None]}
    return {"type": ["array", "string", "null"], "items": _TEXT} if each.many else dict(one)


_NUMBER: Final = {"type": ["number", "string", "null"]}
_SCALARS: Final[Mapping[Datatype, dict[str, Any]]] = {
    Datatype.DECIMAL: _NUMBER,
    Datatype.INTEGER: {"type": ["integer", "string", "null"]},
    Datatype.BOOLEAN: {"type": ["boolean", "string", "null"]},
}
