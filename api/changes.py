"""`/v1/changes`: what changed, batch by batch, as far as the key may see it. Ids and operations, never values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import viewer_of
from api.formats import json_bytes, ndjson_bytes
from api.negotiation import choose
from api.operations import Operation, add, content, parameter
from api.reading import JSON, NDJSON, only, query_of, whole
from api.service import service_of
from graph.seen import is_of_people, may_know
from graph.store import Change, ChangeItem, Store
from graph.viewer import Viewer
from ontology.values import format_instant

MAX_ROWS: Final = 1_000
MAX_NUMBER: Final = 10**15
MAX_IDS: Final = 100_000  # in one answer; the change that passes it is the last one
_AT_ONCE: Final = 5_000

COMPONENTS: Final[dict[str, Any]] = {
    "Change": {
        "type": "object",
        "required": ["number", "at", "source", "load", "items"],
        "additionalProperties": False,
        "properties": {
            "number": {"type": "integer", "minimum": 1},
            "at": {"type": "string", "format": "date-time"},
            "source": {"type": "string"},
            "load": {"type": ["integer", "null"]},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["type", "operation", "ids"],
                    "additionalProperties": False,
                    "properties": {
                        "type": {"type": "string", "description": "A node or edge type."},
                        "operation": {"enum": ["added", "changed", "removed", "erased"]},
                        "ids": {"type": "array", "items": {"type": "string"}, "description": "An edge is `from to`."},
                    },
                },
            },
        },
    },
    "ChangesAnswer": {
        "type": "object",
        "required": ["since", "version", "rows", "next"],
        "additionalProperties": False,
        "properties": {
            "since": {"type": "integer", "minimum": 0},
            "version": {"type": "integer", "minimum": 0, "description": "The store's change number."},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Change"}},
            "next": {
                "type": "integer",
                "minimum": 0,
                "description": "What to give as `since` next; you have seen all when it is `version`.",
            },
        },
    },
}

OPERATION = Operation(
    id="changes",
    tag="graph",
    summary="What changed since a change number.",
    description="One row a batch that was written, in commit order, with the ids it touched; batches that touched only "
    "what the key may not see are left out. A key limited to org units is not told of what is gone: whose it was "
    "cannot be known any more.",
    scope="graph",
    parameters=[
        parameter(
            "since",
            "The last number seen; 0 from the start.",
            {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER, "default": 0},
        ),
        parameter("limit", "Most batches.", {"type": "integer", "minimum": 1, "maximum": MAX_ROWS, "default": 100}),
    ],
    answers={
        200: content({"$ref": "#/components/schemas/ChangesAnswer"}, JSON, NDJSON, description="Batches, oldest first.")
    },
    problems=("not-acceptable",),
)


def add_changes(app: FastAPI) -> None:
    """The one route."""
    add(app, "GET", "/v1/changes", changes, OPERATION)


async def changes(request: Request) -> Response:
    service, viewer = service_of(request), viewer_of(request)
    media = choose(request.headers.get("accept"), (JSON, NDJSON))
    given = only(query_of(request), ("since", "limit"))
    since, limit = whole(given, "since", 0, 0, MAX_NUMBER), whole(given, "limit", 100, 1, MAX_ROWS)

    def call() -> Response:
        rows, last = _seen(service.store, service.store.changes(since, limit), viewer, since)
        if media == NDJSON:
            link = {"Link": f'</v1/changes?since={last}&limit={limit}>; rel="next"', "Skillgraph-Next": str(last)}
            return Response(ndjson_bytes(rows), headers=link, media_type=NDJSON)
        answer = {"since": since, "version": service.store.number(), "rows": rows, "next": last}
        return Response(json_bytes(answer), media_type=JSON)

    return await service.work(call)


def _seen(store: Store, found: Sequence[Change], viewer: Viewer, since: int) -> tuple[list[dict[str, Any]], int]:
    """The rows a viewer may see, and the number of the last change looked at."""
    rows: list[dict[str, Any]] = []
    last, told = since, 0
    for change in found:
        last = change.number
        items = [item for each in change.items if (item := _item(store, each, viewer)) is not None]
        if not items:
            continue
        rows.append(
            {
                "number": change.number,
                "at": format_instant(change.at),
                "source": change.source,
                "load": change.load,
                "items": items,
            }
        )
        told += sum(len(item["ids"]) for item in items)
        if told >= MAX_IDS:
            break
    return rows, last


def _item(store: Store, item: ChangeItem, viewer: Viewer) -> dict[str, Any] | None:
    """One item with the ids the viewer may see; None when there is none."""
    if not may_know(store.model, item.type, viewer):
        return None
    ids: Sequence[str] = item.ids
    if viewer.org_units is not None:
        if item.operation in ("removed", "erased") and is_of_people(store.model, item.type):
            return None
        ids = _visible(store, item, viewer)
    return {"type": item.type, "operation": item.operation, "ids": list(ids)} if ids else None


def _visible(store: Store, item: ChangeItem, viewer: Viewer) -> list[str]:
    if not is_of_people(store.model, item.type):
        return list(item.ids)
    ends = [each.split(" ") for each in item.ids]
    seen: set[str] = set()
    for start in range(0, len(ends), _AT_ONCE):
        part = {id for each in ends[start : start + _AT_ONCE] for id in each}
        seen.update(store.many(sorted(part), viewer))
    return [" ".join(each) for each in ends if seen.issuperset(each)]
