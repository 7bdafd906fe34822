"""Problem details (RFC 9457): what was wrong, in which field, with which value, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson
from fastapi import Response

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://w3id.org/skillgraph/problem#"
MAX_SHOWN = 200  # characters of a bad value that are given back

TITLES: Mapping[str, tuple[int, str]] = {
    "unreadable": (400, "The request cannot be read"),
    "bad-cursor": (400, "The cursor belongs to another question"),
    "no-key": (401, "A key is needed"),
    "wrong-scope": (403, "The key does not reach that far"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "The address does not do that"),
    "not-acceptable": (406, "The answer has no such form"),
    "timeout": (408, "The request did not arrive in time"),
    "conflict": (409, "The store holds something else"),
    "too-old": (410, "What is asked for is told no more"),
    "too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "The request has a form that is not read here"),
    "invalid": (422, "A value cannot be used"),
    "internal": (500, "The service failed"),
    "unavailable": (503, "The service is busy; try again"),
}
"""Every kind of problem: its status and title. The kind ends the problem's `type`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad value: where it stood, what it was, and what to do."""

    field: str
    value: str
    fix: str


class Problem(Exception):
    """A request that is answered with problem details; `kind` is a name in TITLES."""

    def __init__(
        self, kind: str, detail: str, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.faults, self.headers = kind, detail, tuple(faults), dict(headers or {})

    @property
    def status(self) -> int:
        return TITLES[self.kind][0]


def fault(field: str, value: object, fix: str) -> Fault:
    """A fault whose value is safe to print: cut to 200 characters, without halves of surrogate pairs."""
    text = value if isinstance(value, str) else repr(value) if isinstance(value, (bytes, list, dict)) else str(value)
    cut = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
    return Fault(field, cut.encode("utf-8", "replace").decode(), fix)


def invalid(field: str, value: object, fix: str) -> Problem:
    """422: a value that was read but cannot be used."""
    return Problem("invalid", f"{field} cannot be used: {fix}", [fault(field, value, fix)])


def unreadable(field: str, value: object, fix: str) -> Problem:
    """400: a request that could not be read as what it says it is."""
    return Problem("unreadable", f"{field} cannot be read: {fix}", [fault(field, value, fix)])


def not_found(field: str, value: object) -> Problem:
    """404: nothing of that id, or nothing that this key may see; the two are told in the same words."""
    fix = "give an id that is there and that your key may see"
    return Problem("not-found", f"{field} names nothing that is here for this key", [fault(field, value, fix)])


def unavailable(detail: str, retry_after: int = 1) -> Problem:
    """503 with Retry-After: nothing is wrong with the request."""
    return Problem("unavailable", detail, headers={"Retry-After": str(retry_after)})


def respond(problem: Problem, request_id: str = "") -> Response:
    """The response that says the problem."""
    status, title = TITLES[problem.kind]
    body: dict[str, object] = {
        "type": TYPE_BASE + problem.kind,
        "title": title,
        "status": status,
        "detail": problem.detail.encode("utf-8", "replace").decode(),
    }
    if request_id:
        body["instance"] = f"urn:request:{request_id}"
    faults = [{"field": each.field, "value": each.value, "fix": each.fix} for each in problem.faults]
    if faults:
        body |= faults[0]
        body["errors"] = faults
    headers = {"Cache-Control": "no-store"} | problem.headers
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def schema() -> dict[str, object]:
    """JSON Schema of the problem body, for the OpenAPI."""
    text = {"type": "string"}
    one = {"field": text, "value": text, "fix": text}
    return {
        "type": "object",
        "description": "Problem details as in RFC 9457; `field`, `value` and `fix` tell the first of `errors`.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri", "enum": [TYPE_BASE + kind for kind in TITLES]},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "instance": {"type": "string", "format": "uri"},
            **one,
            "errors": {"type": "array", "items": {"type": "object", "required": list(one), "properties": one}},
        },
    }
