"""Changes as server-sent events (HTML Living Standard, section 9.2): one `change` a batch, told when it was written.

The `id` of an event is the position after it, so that `Last-Event-ID` goes on where a stream broke off. Nothing is
queued: what follows is read from the store when what was before has been taken.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import Any, Final

import anyio
from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from api.followers import ENDLESS, STOPPING, WITHOUT_BODY
from api.formats import json_bytes
from api.problems import Problem
from graph.errors import StoreError
from graph.feed import CannotFollow, Page, Position
from graph.store import Busy, Change

EVENTS: Final = "text/event-stream"
PAGE: Final = 100  # batches read at once
RETRY_MS: Final = 2_000  # after which a client is to come again
KEY_SECONDS: Final = 5.0  # after which a key is looked up again at the latest
QUIET_SECONDS: Final = 15.0  # without an event, until a comment says that the connection stands
AWAY_SECONDS: Final = 1.0  # between two tries to read a store that is away
STALLED_SECONDS: Final = 60.0  # for one event to be taken by a client that reads too slowly
END_SECONDS: Final = 1.0  # for the end to be taken

Read = Callable[[Position, int], Awaitable[Page]]
"""At most so many changes after a position; raises what is wrong with the key, the position or the store."""
News = Callable[[int, float], Awaitable[None]]
"""Waits until the store's number is higher, at most so many seconds."""


class EventStream(EventSourceResponse):
    """Ends, with whole events, when the server stops; gives up a client that takes nothing any more."""

    def __init__(
        self,
        request: Request,
        events: AsyncGenerator[bytes],
        place: AbstractContextManager[None],
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(events, headers={**headers, "X-Accel-Buffering": "no"})  # proxies are not to hold it back
        self._state: dict[str, Any] = request.scope.setdefault("state", {})
        self._events, self._place = events, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            self._state[ENDLESS] = True
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            taken = scope.get(WITHOUT_BODY, False) or await self._told(receive, send)
            if not taken:
                raise ClientDisconnect
            with anyio.move_on_after(END_SECONDS):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _told(self, receive: Receive, send: Send) -> bool:
        """Send events, to the last or until the server stops; False when nobody takes them any more."""
        left = False

        async def leaving() -> None:
            nonlocal left
            await self.listen_for_disconnect(receive)
            left = True

        async with anyio.create_task_group() as group, aclosing(self._events):
            group.start_soon(_then_stop, group.cancel_scope, leaving)
            if STOPPING in self._state:
                group.start_soon(_then_stop, group.cancel_scope, self._state[STOPPING].wait)
            async for event in self._events:
                with anyio.move_on_after(STALLED_SECONDS) as patience:
                    await send({"type": "http.response.body", "body": event, "more_body": True})
                left |= patience.cancelled_caught
                if left:
                    break
            group.cancel_scope.cancel()
        return not left


async def _then_stop(scope: anyio.CancelScope, what: Callable[[], Awaitable[Any]]) -> None:
    await what()
    scope.cancel()


class _Over(Exception):
    """There is nothing more to tell, for the reason that it says."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one follower is told, and where that comes from."""

    read: Read
    news: News
    row: Callable[[Change], dict[str, Any]]
    limit: int | None = None  # batches, then there is an end
    wait: float | None = None  # seconds without a batch, then there is an end

    async def first(self, since: Position) -> Page:
        """What `events` are to begin with; raises what is wrong with the request."""
        return await self.read(since, self._size(0))

    async def events(self, first: Page) -> AsyncGenerator[bytes]:
        """Events, and comments while there are none."""
        yield _position(first, first.since, retry=RETRY_MS)
        page: Page | None = first
        since, told = first.since, 0
        heard = said = time.monotonic()
        while True:
            if page is None:
                yield format_sse_event(comment="the store is away; it is asked again")
                said = time.monotonic()
                await anyio.sleep(AWAY_SECONDS)
            else:
                for event in self._of(page, since):
                    yield event
                    said = time.monotonic()
                told, since = told + len(page.changes), page.last
                heard = time.monotonic() if page.changes else heard
                if told == self.limit or (page.whole and self._patience(heard) <= 0):
                    return
                if page.whole:
                    await self.news(page.version, self._patience(heard))
            if time.monotonic() >= said + QUIET_SECONDS:
                yield format_sse_event(comment="nothing new")
                said = time.monotonic()
            try:
                page = await self._next(since, told)
            except _Over as reason:
                yield format_sse_event(comment=str(reason))
                return

    def _of(self, page: Page, since: Position) -> Iterator[bytes]:
        """The events of a page."""
        last = since.number
        for change in page.changes:
            data, last = json_bytes(self.row(change)).decode(), change.number
            yield format_sse_event(event="change", data_str=data, id=str(Position.of(change)))
        if last < page.last.number:
            yield _position(page, page.last)

    def _patience(self, heard: float) -> float:
        """Seconds to wait for news, since there was some."""
        return KEY_SECONDS if self.wait is None else min(KEY_SECONDS, heard + self.wait - time.monotonic())

    def _size(self, told: int) -> int:
        return PAGE if self.limit is None else min(PAGE, self.limit - told)

    async def _next(self, since: Position, told: int) -> Page | None:
        """The next page; None while the store is away. Raises `_Over`."""
        try:
            return await self.read(since, self._size(told))
        except (StoreError, Busy):
            return None
        except CannotFollow:
            raise _Over("the store holds another history, or tells no more of this one; come again to hear") from None
        except Problem as problem:
            if problem.kind == "unavailable":
                return None
            raise _Over(problem.detail) from None


def _position(page: Page, position: Position, retry: int | None = None) -> bytes:
    """An event that says up to where everything was told, whatever was left out."""
    said = {"number": position.number, "position": str(position), "version": page.version, "oldest": page.oldest}
    return format_sse_event(event="position", data_str=json_bytes(said).decode(), id=str(position), retry=retry)
