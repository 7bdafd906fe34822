"""`/v1/{question}`: every question of the catalogue, as GET with a query string and as POST with a JSON body."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response

from api.auth import NeedsAtWork, let_in, viewer_of
from api.caching import entity_tag, known, moments, not_modified, tagged, viewer_facts
from api.formats import CSV, ROWS, csv_bytes, json_bytes, ndjson_bytes
from api.linked import linked_rows
from api.negotiation import choose, language_of
from api.operations import Endpoint, add
from api.problems import invalid, unreadable
from api.question_docs import operation
from api.reading import JSON, JSON_LD, NDJSON, body_of, media_type, query_of
from api.service import Service, service_of
from api.strict_json import parse_json
from graph.viewer import Viewer
from ontology.values import format_instant
from queries.ask import answer
from queries.parse import parse
from queries.question import Answer, Question, catalogue


def add_questions(app: FastAPI) -> None:
    """Two routes a question."""
    for question in catalogue().values():
        path = f"/v1/{question.name}"
        add(app, "GET", path, _by_query(question), operation(question, "GET"), needs=NeedsAtWork)
        add(app, "POST", path, _by_body(question), operation(question, "POST"))


def _by_query(question: Question[Any]) -> Endpoint:
    async def get(request: Request) -> Response:
        def call() -> Response:
            viewer = let_in(request)
            raw = {name: values[0] if len(values) == 1 else values for name, values in query_of(request).items()}
            return _answered(request, viewer, question, raw, text=True)

        return await service_of(request).work(call)

    return get


def _by_body(question: Question[Any]) -> Endpoint:
    async def post(request: Request) -> Response:
        media_type(request, (JSON,))
        raw = parse_json(await body_of(request, service_of(request).limits.body))
        if not isinstance(raw, dict):
            raise unreadable("body", raw, "send a JSON object of the question's parameters")
        empty = next((name for name, value in raw.items() if value is None), None)
        if empty is not None:
            raise invalid(empty, "null", "give a value, or leave it out")
        viewer = viewer_of(request)
        return await service_of(request).work(lambda: _answered(request, viewer, question, raw, text=False))

    return post


def _answered(
    request: Request, viewer: Viewer, question: Question[Any], raw: Mapping[str, Any], *, text: bool
) -> Response:
    service = service_of(request)
    media = choose(request.headers.get("accept"), ROWS)
    language = language_of(request.headers.get("accept-language"), service.settings.language)
    now = service.now()
    parameters = parse(question, raw, text=text)
    index = service.index()
    stated = parameters.model_dump(mode="json")
    rules = service.rules(index.number)
    instants = moments(index, rules, parameters, viewer, now)
    facts = (question.name, stated, media, language, viewer_facts(viewer), instants)
    tag = entity_tag(index.number, *facts)
    if known(request, tag, answered=False):
        return not_modified(tag)
    remembered = partial(rules.memory, viewer=viewer, language=language)
    given = answer(service.store, service.keeper, viewer, question, parameters, now, language, remembered)
    tag = entity_tag(given.version, *facts)
    if known(request, tag):
        return not_modified(tag)
    body = _body(service, question, given.document(question.name, raw), media)
    return tagged(body, media, tag, _headers(request, given, media))


def _body(service: Service, question: Question[Any], document: Mapping[str, Any], media: str) -> bytes:
    if media == CSV:
        return csv_bytes(document["rows"], question.row.names())
    if media == NDJSON:
        return ndjson_bytes(document["rows"])
    if media == JSON_LD:
        return json_bytes(linked_rows(document, service.store.model, service.settings.base_iri))
    return json_bytes(document)


def _headers(request: Request, given: Answer, media: str) -> dict[str, str]:
    """The next page's address, and in forms that hold rows only, what else the answer says."""
    headers = {}
    if given.next is not None and request.method == "GET":
        query = [(name, value) for name, values in query_of(request).items() if name != "cursor" for value in values]
        headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", given.next)])}>; rel="next"'
    if media in (CSV, NDJSON):
        headers |= {
            "Skillgraph-As-Of": format_instant(given.as_of),
            "Skillgraph-Version": str(given.version),
            "Skillgraph-Total": str(given.total),
            "Skillgraph-Cut-Ties": str(given.cut_ties),
            "Skillgraph-Next": given.next or "",
        }
    return headers
