"""What the OpenAPI says of xAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from api.operations import Operation, content, parameter
from api.reading import JSON
from api.xapi_reading import MOST
from queries.fields import INSTANT_PATTERN

VERSION_HEADER: Final = "X-Experience-API-Version"
MOST_ASKED: Final = 2**31 - 1
THROUGH_HEADER: Final = "X-Experience-API-Consistent-Through"
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_UUID: Final[dict[str, Any]] = {"type": "string", "format": "uuid"}
_TRUTH: Final[dict[str, Any]] = {"type": "boolean", "default": False}
_IRI: Final[dict[str, Any]] = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]{0,20}:[!#-;=?-Z_a-z~]{1,400}$"}
_INSTANT: Final[dict[str, Any]] = {"type": "string", "pattern": INSTANT_PATTERN}
_AGENT: Final = '^\\{"mbox": ?"mailto:[A-Za-z0-9._-]{1,60}@[A-Za-z0-9.-]{1,60}"\\}$'
_TAG: Final = "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})?$"


def _closed(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _agent(kind: str, value: Any) -> dict[str, Any]:
    return _closed([kind], objectType={"const": "Agent"}, name=_TEXT, **{kind: value})


_LANGUAGES: Final = {"type": "object", "propertyNames": {"pattern": _TAG}, "additionalProperties": _TEXT}
_NAME: Final = {"type": "string", "pattern": "^[A-Za-z0-9._@-]{1,100}$"}
COMPONENTS: Final[dict[str, Any]] = {
    "Agent": {
        "description": "A person, by one of four identities.",
        "anyOf": [
            _agent("mbox", {"type": "string", "pattern": "^mailto:[A-Za-z0-9._-]{1,60}@[A-Za-z0-9.-]{1,60}$"}),
            _agent("mbox_sha1sum", {"type": "string", "pattern": "^[0-9a-f]{40}$"}),
            _agent("openid", _IRI),
            _agent("account", _closed(["homePage", "name"], homePage=_IRI, name=_NAME)),
        ],
    },
    "Activity": _closed(
        ["id"],
        objectType={"const": "Activity"},
        id=_IRI,
        definition=_closed([], type=_IRI, name=_LANGUAGES, description=_LANGUAGES, moreInfo=_IRI),
    ),
    "Statement": {
        "description": "An xAPI statement, 1.0.3 or 2.0. These are the parts that most statements have; groups, "
        "sub-statements, extensions, further parts of contexts and of definitions are taken as the standard has them. "
        "A score may have `min` and `max` too, with `raw` between them.",
        **_closed(
            ["actor", "verb", "object"],
            id=_UUID,
            actor=_ref("Agent"),
            verb=_closed(["id"], id=_IRI, display=_LANGUAGES),
            object={"anyOf": [_ref("Activity"), _ref("StatementRef")]},
            result=_closed(
                [],
                score=_closed([], scaled={"type": "number", "minimum": -1, "maximum": 1}, raw={"type": "number"}),
                success={"type": "boolean"},
                completion={"type": "boolean"},
                response=_TEXT,
                duration={"type": "string", "pattern": "^PT[0-9]{1,4}[HMS]$"},
            ),
            context=_closed([], registration=_UUID, instructor=_ref("Agent"), language={**_TEXT, "pattern": _TAG}),
            timestamp={**_TEXT, "pattern": "^20[0-9]{2}-0[1-9]-[01][1-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$"},
        ),
    },
    "StatementRef": _closed(["objectType", "id"], objectType={"const": "StatementRef"}, id=_UUID),
    "StoredStatement": {
        "type": "object",
        "description": "A statement as it was sent, with what the store says of it.",
        "required": ["id", "actor", "verb", "object", "stored", "timestamp", "authority", "version"],
        "properties": {"id": _UUID, "stored": _TEXT, "timestamp": _TEXT, "version": _TEXT},
    },
    "StatementResult": _closed(
        ["statements", "more"],
        statements={"type": "array", "items": _ref("StoredStatement")},
        more={**_TEXT, "description": "The address of the next page, empty after the last."},
    ),
}
_STATEMENT: Final = _ref("Statement")
_EXAMPLE: Final = {
    "actor": {"mbox": "mailto:ada@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "https://lms.example/course/linux"},
    "timestamp": "2025-03-01T09:30:00Z",
}
_VERSION: Final = parameter(
    VERSION_HEADER,
    "The version spoken; any 1.0.x and 2.0.x will do.",
    {"enum": ["2.0.0", "1.0.3"]},
    where="header",
    required=True,
)
_ANSWERED: Final = {VERSION_HEADER: {"description": "The version answered in.", "schema": _TEXT}}
_FOUND: Final = _ANSWERED | {
    THROUGH_HEADER: {
        "description": "Every statement stored until then can be found.",
        "schema": {**_TEXT, "format": "date-time"},
    }
}

POST: Final = Operation(
    id="send-statements",
    tag="xapi",
    summary="Store one xAPI statement, or a batch.",
    description="A batch is stored whole or not at all; the same statement again is no fault. What it says of outcomes "
    "becomes evidence, stated by the key's source name.",
    scope="load",
    parameters=[_VERSION],
    body={
        "required": True,
        "content": {
            JSON: {
                "schema": {"anyOf": [_STATEMENT, {"type": "array", "items": _STATEMENT}]},
                "examples": {"one completion": {"value": _EXAMPLE}},
            }
        },
    },
    answers={
        200: content(
            {"type": "array", "items": _UUID}, JSON, description="The ids, in the statements' order.", headers=_ANSWERED
        )
    },
    problems=("conflict",),
)
PUT: Final = Operation(
    id="put-statement",
    tag="xapi",
    summary="Store one xAPI statement under an id.",
    description="The same statement again is no fault; another one with the id of one that is stored is a conflict.",
    scope="load",
    parameters=[_VERSION, parameter("statementId", "The id of the statement.", _UUID, required=True)],
    body={"required": True, "content": {JSON: {"schema": _STATEMENT}}},
    answers={204: {"description": "It is stored.", "headers": _ANSWERED}},
    problems=("conflict",),
)
GET: Final = Operation(
    id="statements",
    tag="xapi",
    summary="One xAPI statement, or those that are asked for.",
    description="Newest first, or with `ascending` oldest first; voided statements by `voidedStatementId` only. "
    "`stored` and `authority` are told by this store.",
    scope="people",
    parameters=[
        _VERSION,
        parameter("statementId", "The one statement of this id, not a voided one.", _UUID),
        parameter("voidedStatementId", "The one voided statement of this id.", _UUID),
        parameter(
            "agent", "Whose statements: an agent as JSON, such as one with `mbox`.", {**_TEXT, "pattern": _AGENT}
        ),
        parameter("verb", "Statements of this verb.", _IRI),
        parameter("activity", "Statements of this activity.", _IRI),
        parameter("registration", "Statements of this registration.", _UUID),
        parameter("related_agents", "Also those that name the agent elsewhere.", _TRUTH),
        parameter("related_activities", "Also those that name the activity elsewhere.", _TRUTH),
        parameter("since", "Stored after this instant.", _INSTANT),
        parameter("until", "Stored at this instant or before.", _INSTANT),
        parameter(
            "limit",
            "Most statements; 0 is as many as there may be.",
            {"type": "integer", "minimum": 0, "maximum": MOST_ASKED},
        ),
        parameter("format", "How activities and people are told.", {"enum": ["ids", "exact", "canonical"]}),
        parameter("attachments", "Contents of attachments are not kept, so only `false`.", {"enum": ["false"]}),
        parameter("ascending", "Oldest first.", _TRUTH),
        parameter("cursor", "Where to go on, as `more` says it.", _TEXT),
    ],
    answers={
        200: content(
            {"anyOf": [_ref("StatementResult"), _ref("StoredStatement")]},
            JSON,
            description=f"The statement, or a page of at most {MOST}.",
            headers=_FOUND,
        )
    },
    problems=("not-found", "bad-cursor"),
)
ABOUT: Final = Operation(
    id="xapi-about",
    tag="xapi",
    summary="The versions of xAPI that are spoken here.",
    scope="public",
    answers={
        200: content(
            {
                "type": "object",
                "required": ["version"],
                "properties": {"version": {"type": "array", "items": _TEXT}, "extensions": {"type": "object"}},
            },
            JSON,
            description="The versions.",
            headers=_ANSWERED,
        )
    },
)
