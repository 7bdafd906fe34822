"""What the OpenAPI says of loads."""

from __future__ import annotations

from typing import Any, Final

from api.operations import Operation, content, parameter
from api.reading import JSON, NDJSON
from api.uploads import MULTIPART, NAME
from queries.fields import INSTANT_PATTERN

CSV: Final = "text/csv"
SOURCE: Final = "SourceName"
NAMES: Final = ("file", "row", "kind", "field", "value", "reason", "shape", "refers_to", "raw")
STATES: Final = ("receiving", "queued", "running", "done", "stopped", "failed", "interrupted")
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_TIME: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_COUNTS: Final = ("read", "written", "unchanged", "skipped", "waiting", "rejected", "removed")

COMPONENTS: Final[dict[str, Any]] = {
    "Load": {
        "type": "object",
        "description": "One load; counts are source rows, and are there once it has ended.",
        "required": ["id", "load", "state", "name", "source", "started_at", "message"],
        "properties": {
            "id": _TEXT,
            "load": {"type": ["integer", "null"], "description": "Its number, once it began."},
            "state": {"enum": list(STATES)},
            "name": {**_TEXT, "description": "The source name that owns what it states."},
            "source": _TEXT,
            "started_at": _TIME,
            "finished_at": _TIME,
            "snapshot_at": _TIME,
            "complete": {"type": "boolean"},
            **dict.fromkeys(_COUNTS, _COUNT),
            "seconds": {"type": "number"},
            "rows_per_second": {"type": "number"},
            "message": _TEXT,
            "skips": {"type": "object", "additionalProperties": _COUNT},
            "flags": {"type": "object", "additionalProperties": _COUNT},
            "progress": {"type": "object"},
        },
    },
    "HeldRow": {
        "type": "object",
        "required": list(NAMES),
        "additionalProperties": False,
        "properties": {
            **dict.fromkeys(NAMES, _TEXT),
            "row": {"type": "integer", "description": "Line or record number in its file."},
            "kind": {"enum": ["rejected", "waiting", "conflict"]},
            "raw": {"type": "object", "description": "The row as it came."},
        },
    },
    "RejectsAnswer": {
        "type": "object",
        "required": ["rows", "next"],
        "additionalProperties": False,
        "properties": {
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/HeldRow"}},
            "next": {"type": ["integer", "null"], "description": "The `offset` of what follows."},
        },
    },
}
_FILE: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_FLAG: Final = {"type": "string", "enum": ["true", "false"], "default": "false"}
_ID: Final = parameter(
    "id",
    "The id of the upload's answer, or a load's number.",
    {**_TEXT, "minLength": 1, "maxLength": 100},
    where="path",
)
_LINKS: Final = {
    "GetLoad": {"operationId": "load", "parameters": {"id": "$response.body#/id"}},
    "GetRejects": {"operationId": "load-rejects", "parameters": {"id": "$response.body#/id"}},
}


def source_schema() -> dict[str, Any]:
    """The sources that can be loaded. Listing them imports them, so it waits until the description is read."""
    from loaders.registry import sources

    return {**_TEXT, "enum": list(sources()), "description": "What the files are."}


_FORM: Final = {
    "source": {"$ref": f"#/components/schemas/{SOURCE}"},
    "name": {**_TEXT, "pattern": f"^{NAME.pattern}$", "description": "The source name that owns what they state."},
    "files": {"type": "array", "items": _FILE, "minItems": 1, "maxItems": 1_000},
    "map": {**_FILE, "description": "A mapping file (TOML) for tables of other columns."},
    "partial": {**_FLAG, "description": "Sweep nothing."},
    "snapshot_at": {**_TEXT, "pattern": INSTANT_PATTERN, "description": "The instant the files show; default now."},
    "max_rejects": {**_TEXT, "default": "10%", "pattern": "^(100|[0-9]{1,2})%$"},
    "allow_shrink": {**_FLAG, "description": "Let it remove more than a tenth."},
}
_SENT: Final = {"type": "object", "required": ["source", "files"], "additionalProperties": False, "properties": _FORM}
_ACCEPTED: Final = content({"$ref": "#/components/schemas/Load"}, JSON, description="Accepted.", links=_LINKS)
SEND: Final = Operation(
    id="send-load",
    tag="intake",
    summary="Send files to be loaded.",
    description="Tables, or a zip of them, as one multipart form. They are kept and loaded behind the request: ask "
    "`Location` how it goes. What a key with a source name sends is stated by that name.",
    scope="load",
    body={"required": True, "content": {MULTIPART: {"schema": _SENT}}},
    answers={202: _ACCEPTED | {"headers": {"Location": {"description": "Where it is told.", "schema": _TEXT}}}},
)
FETCH: Final = Operation(
    id="load",
    tag="intake",
    summary="What became of a load.",
    scope="load",
    parameters=[_ID],
    answers={200: content({"$ref": "#/components/schemas/Load"}, JSON, description="The load.")},
    problems=("not-found",),
)
REJECTS: Final = Operation(
    id="load-rejects",
    tag="intake",
    summary="Rows of a load that were not written, and why.",
    description="Rejected rows, rows that wait for a reference, and conflicts. Values are shown to keys that sent them "
    "or have the scope `people`.",
    scope="load",
    parameters=[
        _ID,
        parameter("kind", "Only rows of this kind.", {**_TEXT, "enum": ["rejected", "waiting", "conflict"]}),
        parameter("offset", "Rows to leave out at the start.", {"type": "integer", "minimum": 0, "maximum": 10**9}),
        parameter("limit", "Most rows.", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1_000}),
    ],
    answers={200: content({"$ref": "#/components/schemas/RejectsAnswer"}, JSON, CSV, NDJSON, description="The rows.")},
    problems=("not-found", "not-acceptable"),
)
