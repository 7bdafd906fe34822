"""`/openapi.json` and `/docs`: the API as it describes itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import (
    case_docs,
    change_docs,
    credentials,
    evidence_docs,
    health,
    load_docs,
    nodes,
    problems,
    search,
    word_docs,
    xapi_docs,
)
from api.batches import TABLES
from api.formats import json_bytes
from api.operations import Operation, add
from api.pages import reference_page
from api.question_docs import components
from api.reading import JSON
from graph.viewer import SCOPES
from ontology.model import Model

TITLE: Final = "Skillgraph"
DESCRIPTION: Final = (
    "Who meets a role's profile, and why; what the catalogue teaches, and what it misses. Ids are CURIEs, instants "
    "UTC. Errors are problem details (RFC 9457) that name the field, the value and the fix. Lists of rows come as "
    "JSON, CSV, NDJSON or JSON-LD, by Accept. Scopes: " + ", ".join(f"`{scope}`" for scope in SCOPES) + "."
)
TAGS: Final = [
    {"name": "questions", "description": "The mapping questions, each by GET and by POST."},
    {"name": "graph", "description": "Nodes, search, and what changed."},
    {"name": "intake", "description": "Evidence and loads."},
    {"name": "xapi", "description": "Statements as a learning record store takes them and gives them back."},
    {"name": "case", "description": "Frameworks of skills by the REST binding of CASE."},
    {"name": "addresses", "description": "What the address of a node answers with, and what leads there."},
    {"name": "credentials", "description": "Open Badges, and the keys that they are signed with."},
    {"name": "ontology", "description": "What exists."},
    {"name": "service", "description": "Health, measurements, and this description."},
]
_HTML: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
}


def app_version() -> str:
    """The installed version of Skillgraph."""
    try:
        return version("skillgraph")
    except PackageNotFoundError:
        return "0"


def add_openapi(app: FastAPI, model: Model) -> None:
    """Two routes; call it last, it describes what was added before, itself included."""
    made: dict[str, bytes] = {}

    async def openapi(_: Request) -> Response:
        return Response(_made(app, model, made), media_type=JSON)

    async def docs(_: Request) -> Response:
        if "html" not in made:
            made["html"] = reference_page(document(app, model)).encode()
        return Response(made["html"], headers=_HTML, media_type="text/html")

    add(app, "GET", "/openapi.json", openapi, _operation("openapi", "This description.", JSON))
    add(app, "GET", "/docs", docs, _operation("docs", "This description, to read.", "text/html"))


def document(app: FastAPI, model: Model) -> dict[str, Any]:
    """The whole OpenAPI document."""
    made = get_openapi(title=TITLE, version=app_version(), description=DESCRIPTION, routes=app.routes, tags=TAGS)
    for route in app.routes:  # said again as it stands: the framework leaves out what is null, in examples too
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                made["paths"][route.path_format][method.lower()] |= route.openapi_extra or {}
    schemas: dict[str, Any] = {"Problem": problems.schema()}
    for module in (
        nodes,
        search,
        case_docs,
        change_docs,
        credentials,
        evidence_docs,
        load_docs,
        word_docs,
        xapi_docs,
        health,
    ):
        schemas |= module.COMPONENTS
    schemas[load_docs.SOURCE] = load_docs.source_schema()
    schemas |= evidence_docs.row_schemas(model, TABLES.values())
    key = {"type": "http", "scheme": "bearer", "description": "A key as `skillgraph keys create` prints it."}
    made["components"] = {"schemas": schemas | components(), "securitySchemes": {"key": key}}
    return made


def _made(app: FastAPI, model: Model, made: dict[str, bytes]) -> bytes:
    if "json" not in made:
        made["json"] = json_bytes(document(app, model))
    return made["json"]


def _operation(id: str, summary: str, media: str) -> Operation:
    schema = {"type": "object"} if media == JSON else {"type": "string"}
    answer = {"description": summary, "content": {media: {"schema": schema}}}
    return Operation(id=id, tag="service", summary=summary, scope="public", answers={200: answer})
