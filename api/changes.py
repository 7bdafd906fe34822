"""`/v1/changes`: what changed, batch by batch, as far as the key may see it. Ids and operations, never values.

A page of JSON or NDJSON, or server-sent events without an end.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import NeedsAtWork, let_in
from api.change_docs import MAX_ROWS, MAX_WAIT, OPERATION
from api.events import EVENTS, KEY_SECONDS, EventStream, Telling
from api.formats import json_bytes, ndjson_bytes
from api.negotiation import choose
from api.operations import add
from api.problems import Problem, fault, invalid, respond
from api.reading import JSON, NDJSON, only, query_of, whole
from api.service import Service, service_of
from graph.feed import CannotFollow, OtherHistory, Page, Position, TooOld
from graph.store import Change, Distant
from ontology.values import format_instant

FORMS: Final = (JSON, NDJSON, EVENTS)
MAX_IDS: Final = 100_000  # in one page; the batch that passes it is the last one
EVENT_IDS: Final = 2_000  # the same of what is read for events, which are sent one by one
LAG_SECONDS: Final = 2.0  # that a position may be ahead of a server
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    since: Position
    limit: int | None
    wait: float | None
    media: str


def add_changes(app: FastAPI) -> None:
    """The one route."""
    add(app, "GET", "/v1/changes", changes, OPERATION, needs=NeedsAtWork)


async def changes(request: Request) -> Response:
    asked, service = _asked(request), service_of(request)
    if asked.media == EVENTS:
        return await _stream(request, service, asked)
    page = await _page(request, service, asked)
    rows = [row_of(change) for change in page.changes]
    if asked.media == NDJSON:
        return Response(ndjson_bytes(rows), headers=_headers(page, asked), media_type=NDJSON)
    answer = {
        "since": asked.since.number,
        "version": page.version,
        "oldest": page.oldest,
        "rows": rows,
        "next": page.last.number,
        "position": str(page.last),
    }
    return Response(json_bytes(answer), headers=_headers(page, asked), media_type=JSON)


def row_of(change: Change) -> dict[str, Any]:
    """A batch as it is told."""
    return {
        "number": change.number,
        "position": str(Position.of(change)),
        "at": format_instant(change.at),
        "source": change.source,
        "load": change.load,
        "items": [{"type": item.type, "operation": item.operation, "ids": item.ids} for item in change.items],
    }


def _asked(request: Request) -> Asked:
    media = choose(request.headers.get("accept"), FORMS)
    given = only(query_of(request), ("since", "limit", "wait"))
    place = _place(request, media)
    if place != "since":
        given[place] = request.headers[place].strip()
    limit = whole(given, "limit", _PAGE, 1, MAX_ROWS) if "limit" in given or media != EVENTS else None
    wait = whole(given, "wait", 0, 0, MAX_WAIT) if "wait" in given or media != EVENTS else None
    return Asked(_position(given, place), limit, wait, media)


def _place(request: Request, media: str) -> str:
    """Which word of the request says where to go on."""
    goes_on = media == EVENTS and request.headers.get("Last-Event-ID", "").strip()
    return "Last-Event-ID" if goes_on else "since"


def _position(given: Mapping[str, str], name: str) -> Position:
    try:
        return Position.read(given.get(name, "0"))
    except ValueError:
        fix = "give a change number, or a position as answers say it"
        raise invalid(name, given[name], fix) from None


async def _page(request: Request, service: Service, asked: Asked) -> Page:
    """The page after the position; one without a batch only when the time that was asked for is over."""
    until, since, limit = time.monotonic() + (asked.wait or 0), asked.since, asked.limit or _PAGE
    with service.followers.place() if asked.wait else nullcontext():
        while True:
            page = await _reached(request, since, limit, MAX_IDS)
            left = until - time.monotonic()
            if page.changes or left <= 0 or service.followers.stopping:
                return page
            since = page.last
            if page.whole:
                await service.followers.news(service, page.version, min(left, KEY_SECONDS))


async def _stream(request: Request, service: Service, asked: Asked) -> Response:
    telling = Telling(
        read=lambda since, limit: _reached(request, since, limit, EVENT_IDS),
        news=lambda number, seconds: service.followers.news(service, number, seconds),
        row=row_of,
        limit=asked.limit,
        wait=asked.wait,
    )
    first = await telling.first(asked.since)
    headers = _told(first) | {"Skillgraph-Position": str(first.since)}
    return EventStream(request, telling.events(first), service.followers.place(), headers)


async def _reached(request: Request, since: Position, limit: int, ids: int) -> Page:
    """What is read; a server of a database cluster may be a moment behind the one that told the position."""
    service, until = service_of(request), time.monotonic() + LAG_SECONDS
    while True:
        try:
            return await _read(request, since, limit, ids)
        except OtherHistory as error:
            lags = isinstance(service.store, Distant) and since.number > error.version
            if not lags or time.monotonic() > until:
                raise
            await service.followers.news(service, error.version, LAG_SECONDS / 2)


async def _read(request: Request, since: Position, limit: int, ids: int) -> Page:
    """What the key that the request shows may see now."""
    service = service_of(request)

    def call() -> Page:
        viewer = let_in(request)
        return service.feed.page(viewer, since, limit, ids, service.now())

    return await service.work(call)


def _headers(page: Page, asked: Asked) -> dict[str, str]:
    """Of a page. Its link has the same limit."""
    link = f'</v1/changes?since={page.last}&limit={asked.limit}>; rel="next"'
    return _told(page) | {"Link": link, "Skillgraph-Next": str(page.last.number), "Skillgraph-Position": str(page.last)}


def _told(page: Page) -> dict[str, str]:
    return {"Skillgraph-Version": str(page.version), "Skillgraph-Oldest": str(page.oldest)}


async def cannot_follow(request: Request, error: Exception) -> Response:
    """410 or 409: what to do is the same, and the numbers for it are told."""
    assert isinstance(error, CannotFollow)
    anew = f"take the graph anew, by an export as it is at {error.version} or later, and follow since {error.version}"
    if isinstance(error, TooOld):
        kind, why = "too-old", f"changes are told from {error.oldest} on"
    else:
        kind, why = "conflict", "the store never was there, or was put back to an earlier state since"
    headers = {"Skillgraph-Oldest": str(error.oldest), "Skillgraph-Version": str(error.version)}
    place = _place(request, choose(request.headers.get("accept"), FORMS))
    problem = Problem(kind, f"nothing can be told from here: {why}", [fault(place, str(error.since), anew)], headers)
    return respond(problem, request.scope.get("request_id", ""))
