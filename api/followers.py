"""Who waits for changes: so many a process and no more, and one question to the store for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import anyio

from api.logs import log_failure
from api.metrics import Metrics
from api.problems import Problem, unavailable
from graph.errors import StoreError
from graph.store import Busy

if TYPE_CHECKING:
    from api.service import Service

STOPPING: Final = "stopping"
"""Name, in the state of every request, of an `asyncio.Event` that is set when the server begins to stop."""
ENDLESS: Final = "endless"
"""Name, in a request's state, of what is true for an answer that ends only because it is told to."""

WITHOUT_BODY: Final = "without_body"
"""Name, in a request's scope, of what is true when only the headers of the answer are asked for."""

LOOK_SECONDS: Final = 0.1  # between two looks for news, while anyone waits for some
AGAIN_SECONDS: Final = 1.0  # after a look that failed
COME_AGAIN_SECONDS: Final = 10


class Followers:
    """Those of one process."""

    def __init__(self, metrics: Metrics, most: int) -> None:
        self._metrics, self._most = metrics, most
        self._here = 0
        self._waiting = 0
        self._number: int | None = None  # None before the first look, and after one that failed
        self._looking: asyncio.Task[None] | None = None
        self._news, self._stopping = asyncio.Event(), asyncio.Event()

    def begin(self) -> asyncio.Event:
        """To be called in the loop of a server that starts: what it sets when it begins to stop."""
        self._news, self._stopping, self._looking = asyncio.Event(), asyncio.Event(), None
        return self._stopping

    @property
    def stopping(self) -> bool:
        """Whether the server stops: nobody is to wait any more."""
        return self._stopping.is_set()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who follow; raises 503 when all are taken."""
        if self._here >= self._most:
            detail = f"{self._here} follow already, and a process takes no more"
            raise unavailable(detail, retry_after=COME_AGAIN_SECONDS)
        self._here += 1
        self._metrics.followers.inc()
        try:
            yield
        finally:
            self._here -= 1
            self._metrics.followers.dec()

    async def news(self, service: Service, number: int, seconds: float) -> None:
        """Returns when the store's number is higher, when the server stops, or after so many seconds."""
        self._waiting += 1
        if self._looking is None or self._looking.done():
            self._number, self._looking = None, asyncio.create_task(self._look(service))
        try:
            with anyio.move_on_after(seconds):
                while not self.stopping and (self._number is None or self._number <= number):
                    await self._news.wait()
        finally:
            self._waiting -= 1

    async def _look(self, service: Service) -> None:
        """As long as anyone waits."""
        while self._waiting:
            number = await self._asked(service)
            if number != self._number or self.stopping:
                self._number = number
                self._news.set()
                self._news = asyncio.Event()
            await anyio.sleep(AGAIN_SECONDS if number is None else LOOK_SECONDS)

    async def _asked(self, service: Service) -> int | None:
        try:
            return await service.work(service.number)
        except (Problem, StoreError, Busy):
            return None  # who follows reads by itself, and finds out what is wrong
        except Exception as error:  # noqa: BLE001 - the others go on waiting; told without its text
            log_failure("look", error)
            return None
