"""`/v1/search`: nodes by a word of their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import viewer_of
from api.caching import entity_tag, known, not_modified, tagged, viewer_facts
from api.formats import CSV, ROWS, csv_bytes, json_bytes, ndjson_bytes
from api.linked import linked_rows
from api.negotiation import choose
from api.operations import Operation, add, content, parameter
from api.problems import invalid
from api.reading import JSON, JSON_LD, NDJSON, only, query_of, whole
from api.service import Service, service_of

NAMES: Final = ("id", "type", "label", "matched", "language", "score")
MAX_QUERY: Final = 200
MAX_ROWS: Final = 100

COMPONENTS: Final[dict[str, Any]] = {
    "Hit": {
        "type": "object",
        "required": list(NAMES),
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "type": {"type": "string"},
            "label": {"type": "string", "description": "The preferred label."},
            "matched": {"type": "string", "description": "The label that was found."},
            "language": {"type": "string"},
            "score": {"type": "number", "description": "Higher is nearer."},
        },
    },
    "SearchAnswer": {
        "type": "object",
        "required": ["parameters", "version", "rows"],
        "additionalProperties": False,
        "properties": {
            "parameters": {"type": "object"},
            "version": {"type": "integer", "minimum": 0},
            "rows": {"type": "array", "maxItems": MAX_ROWS, "items": {"$ref": "#/components/schemas/Hit"}},
        },
    },
}
_TEXT = {"type": "string"}
TAG: Final = r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}$"

_ANSWER = content(
    {"$ref": "#/components/schemas/SearchAnswer"}, JSON, CSV, NDJSON, JSON_LD, description="The nearest first."
)
_ANSWER["headers"] = {"ETag": {"description": "To ask again by.", "schema": _TEXT}}
_ANSWER["content"][JSON_LD]["schema"] = {"type": "object", "required": ["@context", "rows"]}


def add_search(app: FastAPI, types: Sequence[str]) -> None:
    """The one route; `types` are the classes that can be asked for."""
    add(app, "GET", "/v1/search", search, _operation(types))


def _operation(types: Sequence[str]) -> Operation:
    words = {**_TEXT, "minLength": 1, "maxLength": MAX_QUERY}
    return Operation(
        id="search",
        tag="graph",
        summary="Nodes by a word of their labels.",
        description="Preferred and alternative labels, forgiving of case, accents, word order and a typo. People are "
        "found by name only with a key of scope `people`.",
        scope="graph",
        parameters=[
            parameter("q", "Words of a label.", words, required=True, example="kubernetes"),
            parameter("type", "Only nodes of this class.", {**_TEXT, "enum": list(types)}),
            parameter("lang", "Only labels in this language.", {**_TEXT, "pattern": TAG}),
            parameter("limit", "Most rows.", {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": 20}),
            parameter("If-None-Match", "The ETag of an answer the caller has.", _TEXT, where="header"),
        ],
        answers={200: _ANSWER, 304: {"description": "What the caller has still stands."}},
        problems=("not-acceptable",),
    )


async def search(request: Request) -> Response:
    service, viewer = service_of(request), viewer_of(request)
    media = choose(request.headers.get("accept"), ROWS)
    given = only(query_of(request), ("q", "type", "lang", "limit"))
    text, limit = _text(given), whole(given, "limit", 20, 1, MAX_ROWS)

    def call() -> Response:
        types = [_type(given["type"], list(service.store.model.nodes))] if "type" in given else []
        number = service.store.number()
        tag = entity_tag("search", number, given, media, viewer_facts(viewer), service.now() if viewer.org_units else 0)
        if known(request, tag):
            return not_modified(tag)
        hits = service.store.search(text, viewer, types, given.get("lang"), limit)
        document = {"parameters": given, "version": number, "rows": [asdict(hit) for hit in hits]}
        return tagged(_body(service, document, media), media, tag)

    return await service.work(call)


def _body(service: Service, document: dict[str, Any], media: str) -> bytes:
    if media == CSV:
        return csv_bytes(document["rows"], NAMES)
    if media == NDJSON:
        return ndjson_bytes(document["rows"])
    if media == JSON_LD:
        return json_bytes(linked_rows(document, service.store.model, service.settings.base_iri))
    return json_bytes(document)


def _text(given: dict[str, str]) -> str:
    text = given.get("q", "")
    if not 1 <= len(text) <= MAX_QUERY:
        raise invalid("q", text, f"give 1 to {MAX_QUERY} characters of a label")
    if "lang" in given and not re.fullmatch(TAG, given["lang"]):
        raise invalid("lang", given["lang"], "give a language tag, like en or pt-BR")
    return text


def _type(name: str, known_types: list[str]) -> str:
    if name in known_types:
        return name
    near = get_close_matches(name, known_types, 1)
    guess = f"did you mean {near[0]}? " if near else ""
    raise invalid("type", name, f"{guess}known are {', '.join(known_types)}")
