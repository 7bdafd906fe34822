"""Routes with all that is said of them: their scope, parameters, bodies, answers and problems.

Nothing is routed without an Operation, so no route is without a scope and none is missing in the OpenAPI.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import Depends, FastAPI, Request, Response

from api.auth import Needs
from api.problems import MEDIA_TYPE, TITLES
from api.reading import JSON, JSON_LD

Endpoint = Callable[[Request], Awaitable[Response]]

_JSON_FORMS: Final = (JSON, JSON_LD)
PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}
ALWAYS: Final = ("unreadable", "invalid", "unavailable")
WITH_KEY: Final = ("no-key", "wrong-scope")
WITH_BODY: Final = ("timeout", "too-large", "unsupported-media-type")


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as the OpenAPI says it. `answers` are OpenAPI response objects by status."""

    id: str
    tag: str
    summary: str
    scope: str
    answers: Mapping[int, Mapping[str, Any]]
    description: str = ""
    parameters: Sequence[Mapping[str, Any]] = ()
    body: Mapping[str, Any] | None = None
    problems: Sequence[str] = field(default=())  # kinds beyond those that every route of its sort may answer

    def document(self) -> dict[str, Any]:
        """The OpenAPI operation beyond what FastAPI says itself."""
        kinds = [
            *ALWAYS,
            *(WITH_KEY if self.scope != "public" else ()),
            *(WITH_BODY if self.body else ()),
            *self.problems,
        ]
        made: dict[str, Any] = {
            "parameters": list(self.parameters),
            "responses": {str(status): dict(answer) for status, answer in self.answers.items()} | _problems(kinds),
            "security": [] if self.scope == "public" else [{"key": [self.scope]}],
            "x-scope": self.scope,
        }
        return made | ({"requestBody": dict(self.body)} if self.body else {})


def add(  # noqa: PLR0917 - one route, all that it is
    app: FastAPI, method: str, path: str, endpoint: Endpoint, operation: Operation, needs: type[Needs] = Needs
) -> None:
    """Route a method and path to an endpoint, behind the operation's scope; `needs` says where the key is looked up."""
    app.add_api_route(
        path,
        endpoint,
        methods=[method],
        name=operation.id,
        operation_id=operation.id,
        tags=[operation.tag],
        summary=operation.summary,
        description=operation.description or operation.summary,
        dependencies=[Depends(needs(operation.scope))],
        status_code=min(operation.answers),
        response_model=None,
        response_class=Response,
        openapi_extra=operation.document(),
    )


def parameter(
    name: str, description: str, schema: Mapping[str, Any], *, where: str = "query", required: bool = False, **more: Any
) -> dict[str, Any]:
    """One OpenAPI parameter."""
    made = {"name": name, "in": where, "description": description, "schema": dict(schema), **more}
    return made | ({"required": True} if required or where == "path" else {})


def content(schema: Mapping[str, Any], *media: str, description: str, **more: Any) -> dict[str, Any]:
    """One OpenAPI response of a schema in some media types; other than JSON ones it is text."""
    text = {"type": "string"}
    bodies = {each: {"schema": dict(schema) if each in _JSON_FORMS else text} for each in media}
    return {"description": description, "content": bodies, **more}


def _problems(kinds: Sequence[str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for kind in dict.fromkeys(kinds):
        by_status.setdefault(str(TITLES[kind][0]), []).append(TITLES[kind][1])
    return {
        status: {
            "description": "; ".join(titles),
            "content": {MEDIA_TYPE: {"schema": PROBLEM_REF}},
            **({"headers": HEADERS_OF[status]} if status in HEADERS_OF else {}),
        }
        for status, titles in by_status.items()
    }


HEADERS_OF: Final[Mapping[str, Mapping[str, Any]]] = {
    "401": {"WWW-Authenticate": {"description": "How to give a key.", "schema": {"type": "string"}}},
    "403": {"WWW-Authenticate": {"description": "The scope that is missing.", "schema": {"type": "string"}}},
    "503": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}
