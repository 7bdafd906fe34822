"""`/healthz`, `/readyz`, `/metrics`: whether the process lives, whether it can answer, and what it measured."""

from __future__ import annotations

from typing import Any, Final

import anyio
from fastapi import FastAPI, Request, Response

from api.formats import json_bytes
from api.metrics import CONTENT_TYPE
from api.operations import Operation, add, content
from api.problems import unavailable
from api.reading import JSON
from api.service import service_of
from graph.errors import StoreError

READY_SECONDS: Final = 2.0
_STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
_READY: dict[str, Any] = {
    "type": "object",
    "required": ["status", "version", "index"],
    "properties": {
        "status": {"const": "ready"},
        "version": {"type": "integer", "minimum": 0, "description": "The store's change number."},
        "index": {"type": "integer", "minimum": 0, "description": "The change number the index is at."},
    },
}
COMPONENTS: Final = {"Alive": _STATUS, "Ready": _READY}


def add_health(app: FastAPI) -> None:
    """Three routes."""
    add(app, "GET", "/healthz", alive, _operation("alive", "public", "The process lives.", "Alive"))
    add(app, "GET", "/readyz", ready, _operation("ready", "public", "The store is open and the index built.", "Ready"))
    measured = Operation(
        id="metrics",
        tag="service",
        summary="Measurements in the Prometheus text format.",
        scope="admin",
        answers={200: {"description": "Measurements.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    add(app, "GET", "/metrics", metrics, measured)


def _operation(id: str, scope: str, summary: str, schema: str) -> Operation:
    answer = content({"$ref": f"#/components/schemas/{schema}"}, JSON, description=summary)
    return Operation(id=id, tag="service", summary=summary, scope=scope, answers={200: answer})


async def alive(_: Request) -> Response:
    return Response(json_bytes({"status": "alive"}), media_type=JSON)


async def ready(request: Request) -> Response:
    service = service_of(request)
    service.presence.demand()
    number: int | None = None
    with anyio.move_on_after(READY_SECONDS):
        try:
            number = await service.work(service.number)
        except StoreError:
            number = None
    if number is None:
        raise unavailable("the store cannot be reached", retry_after=5)
    if service.index_number is None:
        raise unavailable("the index is being built", retry_after=2)
    return Response(json_bytes({"status": "ready", "version": number, "index": service.index_number}), media_type=JSON)


async def metrics(request: Request) -> Response:
    service = service_of(request)
    number = await service.work(service.number)
    return Response(service.metrics.text(number, service.index_number), headers={"Content-Type": CONTENT_TYPE})
