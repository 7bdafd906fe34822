"""What the OpenAPI says of changes."""

from __future__ import annotations

from typing import Any, Final

from api.events import EVENTS, QUIET_SECONDS
from api.operations import Operation, content, parameter
from api.reading import JSON, NDJSON

MAX_ROWS: Final = 1_000
MAX_WAIT: Final = 30  # seconds
POSITION_PATTERN: Final = "^[0-9]{1,15}(-[0-9a-f]{8})?$"

_NUMBER: Final = {"type": "integer", "minimum": 0}
_POSITION: Final = {"type": "string", "pattern": POSITION_PATTERN}
_VERSION: Final = "The store's change number."
_OLDEST: Final = "The lowest `since` from which changes are told."
_FOLLOW: Final = "What to give as `since` next: that number, with a mark of its batch."

COMPONENTS: Final[dict[str, Any]] = {
    "Change": {
        "type": "object",
        "required": ["number", "position", "at", "source", "load", "items"],
        "additionalProperties": False,
        "properties": {
            "number": {"type": "integer", "minimum": 1},
            "position": _POSITION | {"description": _FOLLOW},
            "at": {"type": "string", "format": "date-time"},
            "source": {"type": "string"},
            "load": {"type": ["integer", "null"]},
            "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/ChangeItem"}},
        },
    },
    "ChangeItem": {
        "type": "object",
        "required": ["type", "operation", "ids"],
        "additionalProperties": False,
        "properties": {
            "type": {"type": "string", "description": "A node or edge type."},
            "operation": {"enum": ["added", "changed", "removed", "erased"]},
            "ids": {
                "type": "array",
                "items": {"type": "string"},
                "description": "An edge is `from to`. Of `erased` there are none: whoever keeps records of people asks "
                "which of them are still there.",
            },
        },
    },
    "ChangesAnswer": {
        "type": "object",
        "required": ["since", "version", "oldest", "rows", "next", "position"],
        "additionalProperties": False,
        "properties": {
            "since": _NUMBER,
            "version": _NUMBER | {"description": _VERSION},
            "oldest": _NUMBER | {"description": _OLDEST},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "next": _NUMBER | {"description": "The last number looked at; all is told when it is `version`."},
            "position": _POSITION | {"description": _FOLLOW},
        },
    },
    "ChangesPosition": {
        "type": "object",
        "description": "The data of the event `position`.",
        "required": ["number", "position", "version", "oldest"],
        "additionalProperties": False,
        "properties": {"number": _NUMBER, "position": _POSITION, "version": _NUMBER, "oldest": _NUMBER},
    },
}


HEADERS: Final = {
    "Skillgraph-Version": {"description": _VERSION, "schema": _NUMBER},
    "Skillgraph-Oldest": {"description": _OLDEST, "schema": _NUMBER},
    "Skillgraph-Next": {"description": "Of a page: the last number looked at.", "schema": _NUMBER},
    "Skillgraph-Position": {"description": "Where the page ends, or the events begin.", "schema": _POSITION},
}

OPERATION: Final = Operation(
    id="changes",
    tag="graph",
    summary="What changed since a change number: a page, or events without an end.",
    description="One row a batch that was written, in commit order, with the ids it touched; batches that touched only "
    "what the key may not see are left out. A key limited to org units is not told of what is gone: whose it was "
    "cannot be known any more.\n\n"
    f"With `Accept: {EVENTS}` every batch is an event `change`, whose data is a row as in NDJSON, sent when it was "
    "written; an event `position` says up to where all was told, first of all and whenever batches were left out. The "
    f"`id` of each is the position after it. After {QUIET_SECONDS:.0f} seconds without any there is a comment. It ends "
    "when the server stops, or the key is revoked; come again with `Last-Event-ID`.\n\n"
    "409: the store was put back to an earlier state, or is another one. 410: the position is older than `oldest`. In "
    "both cases take the graph anew (an export), and go on from the number it was taken at.",
    scope="graph",
    parameters=[
        parameter(
            "since",
            "The last number that is known, 0 from the start; or a position, with which it is noticed when the store "
            "was put back to an earlier state.",
            _POSITION | {"default": "0"},
        ),
        parameter(
            "limit",
            "Most batches: 100 in a page without it; events end after so many, without it never.",
            {"type": "integer", "minimum": 1, "maximum": MAX_ROWS},
        ),
        parameter(
            "wait",
            "Seconds to wait for a batch while there is none; events end after so many without one, without it never.",
            {"type": "integer", "minimum": 0, "maximum": MAX_WAIT},
        ),
        parameter(
            "Last-Event-ID",
            "Of events: the `id` of the last one that was taken; it goes before `since`.",
            {"type": "string"},
            where="header",
        ),
    ],
    answers={
        200: content(
            {"$ref": "#/components/schemas/ChangesAnswer"},
            JSON,
            NDJSON,
            EVENTS,
            description="Batches, oldest first.",
            headers=HEADERS,
        )
    },
    problems=("not-acceptable", "conflict", "too-old"),
)
