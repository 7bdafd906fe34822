"""A bound on every request body, kept before anything parses it: raw ASGI, so that no byte passes unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, fault, respond

IDLE_SECONDS = 30.0  # longest wait for the next piece of a body


class BodyGuard:
    """Answers 413 to a declared length over the limit at once, and to any other body as soon as it passes the limit.

    `limit_of` gives the bytes a path takes. The server throws away what is still sent after the answer, so that a
    client that does not listen while it sends reads the answer too.
    """

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], int]) -> None:
        self.app = app
        self.limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_of(scope["path"])
        problem = _declared_problem(scope, limit)
        if problem is not None:
            await respond(problem)(scope, receive, send)
            return
        await self.app(scope, _bounded(receive, limit), send)


def _bounded(receive: Receive, limit: int) -> Receive:
    taken, whole = 0, False

    async def bounded() -> Message:
        nonlocal taken, whole
        if whole:  # who asks further wants to hear that the client leaves
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), IDLE_SECONDS)
        except TimeoutError:
            raise Problem("timeout", f"no part of the body came for {IDLE_SECONDS:.0f} seconds") from None
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if taken > limit:
            raise too_large("body", taken, limit)
        return message

    return bounded


def too_large(field: str, size: int, limit: int) -> Problem:
    """413, with what would have been taken."""
    fix = f"send at most {limit} bytes; split a larger batch into several"
    return Problem("too-large", f"{field} is larger than {limit} bytes", [fault(field, f"{size} bytes", fix)])


def _declared_problem(scope: Scope, limit: int) -> Problem | None:
    declared = [value for name, value in scope["headers"] if name == b"content-length"]
    if not declared:
        return None
    text = declared[0].decode("latin-1").strip()
    if not (text.isascii() and text.isdigit()) or len(set(declared)) > 1:
        fix = "send the body's length in bytes once, or leave the header out"
        return Problem("unreadable", "Content-Length is not a length", [fault("Content-Length", text, fix)])
    if len(text) > 18 or int(text) > limit:
        return too_large("body", int(text[:19]), limit)
    return None
