"""What every request goes through: an id, HEAD as GET, safe headers, one log line, one measurement, no bare failure."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.followers import ENDLESS, WITHOUT_BODY
from api.logs import log, log_failure
from api.metrics import METHODS, Metrics
from api.problems import Problem, respond

REQUEST_ID = b"x-request-id"
_GIVEN_ID = re.compile(rb"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
NO_ROUTE = "(none)"
GONE = 499  # in logs and measurements only: the client left before its answer
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
DEFAULTS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(slots=True)
class _Seen:
    """What passed of the response."""

    status: int = 0
    size: int = 0


class Envelope:
    """The outermost middleware of our own. `Metrics` take the route's template, so no id becomes a label."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, seen = time.perf_counter(), _Seen()
        method = scope["method"]
        headers_only = method == "HEAD"
        scope = {**scope, "request_id": _request_id(scope), "method": "GET" if headers_only else method}
        scope[WITHOUT_BODY] = headers_only
        sender = _sealing(send, scope["request_id"], seen, headers_only)
        try:
            await self.app(scope, receive, sender)
        except ClientDisconnect:
            seen.status = GONE
        except Exception as error:  # noqa: BLE001 - the last place: it is logged, counted and told without its text
            self.metrics.failures.labels(_template(scope)).inc()
            log_failure("failure", error, request=scope["request_id"], route=_template(scope))
            if not seen.status:
                await respond(_internal(), scope["request_id"])(scope, receive, sender)
        finally:
            self._told(scope, method, seen, time.perf_counter() - started)

    def _told(self, scope: Scope, method: str, seen: _Seen, seconds: float) -> None:
        route = _template(scope)
        endless = scope.get("state", {}).get(ENDLESS, False)
        self.metrics.observe(method, route, seen.status, None if endless else seconds)
        log(
            "request",
            request=scope["request_id"],
            method=method if method in METHODS else "OTHER",
            route=route,
            status=seen.status,
            ms=round(seconds * 1000, 2),
            bytes=seen.size,
            key=scope["viewer"].key if "viewer" in scope else "",
        )


def _sealing(send: Send, request_id: str, seen: _Seen, without_body: bool) -> Send:
    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            headers = list(message.get("headers", ()))
            names = {name.lower() for name, _ in headers}
            headers += [pair for pair in DEFAULTS if pair[0] not in names]
            message = {**message, "headers": [*headers, *HEADERS, (REQUEST_ID, request_id.encode())]}
        elif message["type"] == "http.response.body":
            seen.size += len(message.get("body", b""))
            if without_body:
                message = {**message, "body": b""}
        await send(message)

    return sealed


def _request_id(scope: Scope) -> str:
    """The caller's id when it is a UUID (nothing else is let into the logs), else a new one."""
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    return given.decode() if _GIVEN_ID.fullmatch(given) else str(uuid4())


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path_format", NO_ROUTE)) if route is not None else NO_ROUTE


def _internal() -> Problem:
    return Problem("internal", "something failed that should not; the log tells it by the id in `instance`")
