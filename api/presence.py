"""Whether a store on another machine is there: asked all the time, so that no request has to wait to find out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from anyio import CancelScope

from api.logs import log_failure
from api.metrics import Metrics
from api.problems import Problem, unavailable
from graph.errors import StoreError
from graph.store import Distant

PULSE_SECONDS: Final = 0.25  # between two looks
ANSWER_SECONDS: Final = 1.2  # with a pulse less than two: a request that came just before is still told in two seconds


class Presence:
    """Requests that wait for a store when it goes away are let go; those that come while it is away never wait."""

    def __init__(self, metrics: Metrics) -> None:
        self.returns = 0  # how often the store was back after it had been away
        self._metrics = metrics
        self._away = False
        self._waiting: set[tuple[asyncio.AbstractEventLoop, CancelScope]] = set()
        self._lock = threading.Lock()

    def demand(self) -> None:
        """Raises the problem that tells that the store is away."""
        if self._away:
            raise away()

    @contextmanager
    def waiting(self, scope: CancelScope) -> Iterator[None]:
        """The scope is cancelled as soon as the store is away."""
        mine = asyncio.get_running_loop(), scope
        with self._lock:
            self._waiting.add(mine)
        try:
            self.demand()
            yield
        finally:
            with self._lock:
                self._waiting.discard(mine)

    def start(self, store: Distant, stop: threading.Event) -> None:
        """Look after the store in a thread, until told to stop."""
        threading.Thread(target=self._look_after, args=(store, stop), name="presence", daemon=True).start()

    def _look_after(self, store: Distant, stop: threading.Event) -> None:
        while not stop.wait(PULSE_SECONDS):
            try:
                store.reach(ANSWER_SECONDS)
            except StoreError as error:
                self._gone(error)
            else:
                self._back()

    def _back(self) -> None:
        if self._away:
            self.returns += 1
            self._away = False

    def _gone(self, error: StoreError) -> None:
        if not self._away:
            self._metrics.store_failures.inc()
            log_failure("store-away", error)
        with self._lock:
            self._away = True
            for loop, scope in self._waiting:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(scope.cancel)


def away() -> Problem:
    """503: nothing is wrong with the request."""
    return unavailable("the store cannot be reached; it is asked again all the time", retry_after=2)
