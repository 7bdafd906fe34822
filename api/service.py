"""What one process serves from: its store, its index, and the threads that do the work."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import anyio
from anyio import to_thread
from fastapi import Request

from api.compacting import start_compacting
from api.deriving import start_deriving
from api.followers import Followers
from api.jobs import Jobs
from api.linked_nodes import NodeLinker
from api.logs import log_failure
from api.metrics import Metrics
from api.moments import RuleMoments
from api.presence import Presence
from api.problems import unavailable
from graph.errors import StoreError
from graph.feed import Feed
from graph.index import Index, IndexKeeper
from graph.loops import Loops, plain
from graph.open import open_store
from graph.place import index_folder, staging_folder
from graph.settings import Settings
from graph.store import Change, Distant, Store, Supports
from graph.viewer import OPERATOR

POLL_SECONDS: Final = 0.05
FAILED_SECONDS: Final = 1.0  # until the next look after one that failed
WORK_SECONDS: Final = 25.0  # after this the caller is told to try again; the work itself is not torn
OPEN_SECONDS: Final = 1.5  # that a request waits for a store that is being opened
STOP_SECONDS: Final = 5.0
EMBEDDED: Final = "sqlite:"
READERS: Final = 2  # threads that answer from a store in this process: they keep one core busy, and have memory each
DISTANT_READERS: Final = 4  # from a store on the network, for which they wait
WRITERS: Final = 4

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may bring."""

    body: int = 16 << 20  # bytes of JSON, unpacked
    upload: int = 2 << 30  # bytes of one multipart upload
    unpacked: int = 8 << 30  # bytes of an archive's members together
    members: int = 1_000  # of an archive
    ratio: int = 200  # unpacked to packed bytes of a member over 1 MB
    queued_loads: int = 8
    followers: int = 100  # who wait for changes at once


class Service:
    """One process's store and index. Given an address, the store is opened when it is first needed."""

    def __init__(
        self, store: Store | str, settings: Settings, limits: Limits | None = None, loops: Loops = plain
    ) -> None:
        self.url = store if isinstance(store, str) else store.url
        self.settings = settings
        self.limits = limits or Limits()
        self.loops = loops
        self.metrics = Metrics()
        self.index_number: int | None = None  # None until the index was built once
        self.presence = Presence(self.metrics)
        self.followers = Followers(self.metrics, self.limits.followers)
        self._store = None if isinstance(store, str) else store
        self._refusal: StoreError | None = None  # of the last try to open the store
        self._looked_after = False
        self._own = isinstance(store, str)
        self._keeper: IndexKeeper | None = None
        self._rules: RuleMoments | None = None
        self._feed: Feed | None = None
        self._taken: int | None = None  # the last change number that the thread took over; a request may be ahead of it
        self._last: Change | None = None  # the change of that number
        self._turn = threading.RLock()
        self._stop = threading.Event()
        self._readers, self._writers = _readers(self.url), anyio.CapacityLimiter(WRITERS)
        self.jobs = Jobs(staging_folder(self.url), self.limits.queued_loads)

    @property
    def store(self) -> Store:
        """The open store; raises the `StoreError` of opening it."""
        if self._store is None:
            with self._turn:
                if self._store is None:
                    self._store = open_store(self.url, self.settings)
        return self._store

    @cached_property
    def linker(self) -> NodeLinker:
        """What writes nodes as JSON-LD."""
        return NodeLinker(self.store.model, self.settings)

    @property
    def keeper(self) -> IndexKeeper:
        """What keeps the index fresh."""
        if self._keeper is None:
            store = self.store
            with self._turn:
                if self._keeper is None:
                    self._keeper = IndexKeeper(store, self.settings, index_folder(store.url), self.loops)
        return self._keeper

    @property
    def feed(self) -> Feed:
        """What is told of changes."""
        if self._feed is None:
            self._feed = Feed(self.store, self.settings.changes_days)
        return self._feed

    def index(self) -> Index:
        """The index at the store's change number; what was acknowledged before is in it."""
        index = self.keeper.current()
        self.index_number = index.number
        return index

    def rules(self, number: int) -> RuleMoments:
        """When dated rule edges begin and end, at a change number."""
        with self._turn:
            if self._rules is None:
                self._rules = RuleMoments(self.store.model)
            return self._rules.at(self.store, number)

    def number(self) -> int:
        """The store's change number."""
        return self.store.number()

    def now(self) -> int:
        """The instant of a request, whole seconds UTC."""
        return int(time.time())

    async def work(self, call: Callable[[], T], *, writing: bool = False) -> T:
        """The result of a call that may block, made in a worker thread; 503 when it takes too long, or as soon as the
        store is away.

        Writes have threads of their own, so that many of them waiting for their turn hold up no reader.
        """
        await self._opened()
        limiter = self._writers if writing else self._readers
        with anyio.move_on_after(WORK_SECONDS) as scope, self.presence.waiting(scope):
            return await to_thread.run_sync(call, abandon_on_cancel=True, limiter=limiter)
        self.presence.demand()
        raise unavailable("the store did not answer in time", retry_after=5)

    async def _opened(self) -> None:
        """Opening is the work of a thread of its own: a request waits a little for it, and is told what is wrong."""
        if self._store is not None:
            return
        with anyio.move_on_after(OPEN_SECONDS):
            while self._store is None and self._refusal is None:
                await anyio.sleep(POLL_SECONDS / 10)
        if self._store is None:
            raise self._refusal or unavailable("the store is being opened", retry_after=2)

    def start(self, *, freeze: bool = False) -> threading.Thread:
        """Start the thread that opens the store, warms up, and then takes over writes soon after they happen."""
        thread = threading.Thread(target=self._keep_fresh, args=(freeze,), name="freshness", daemon=True)
        thread.start()
        return thread

    def stop(self, thread: threading.Thread) -> None:
        """Stop the thread and close what this service opened itself; a load under way ends with the process."""
        self._stop.set()
        thread.join(timeout=STOP_SECONDS)
        if self._own and self._store is not None and not self.jobs.busy():
            self._store.close()

    def _keep_fresh(self, freeze: bool) -> None:
        warm, returns = False, 0
        while not self._stop.wait(POLL_SECONDS if warm else 0):
            try:
                self._open()
                back = self.presence.returns
                if back != returns:
                    self._look_back()
                    returns = back  # only now: looking may fail, and is then done again
                if (number := self.number()) != self._taken:
                    self._take_over(number)
                if not warm:
                    self._warm_up(freeze)
                    warm = True
            except Exception as error:  # noqa: BLE001 - the thread outlives any one look; told without its text
                self.metrics.store_failures.inc()
                log_failure("store-unavailable", error)
                self._stop.wait(FAILED_SECONDS)

    def _take_over(self, number: int) -> None:
        """The change is read before the index is made: of what is put back between the two, it is what is gone."""
        distant = isinstance(self.store, Distant)  # others do not come back as a backup while they are open
        self._last = self._change(number) if distant else None
        reached = self.index().number
        self.rules(reached)
        if reached == number:
            self._taken = number

    def _look_back(self) -> None:
        """A store that was away may have come back as a backup: what was made of changes that are undone is forgotten,
        since others may have got their numbers."""
        if self._last is not None and self._change(self._last.number) != self._last:
            with self._turn:
                self._keeper = self._rules = self._last = self._taken = self.index_number = None

    def _change(self, number: int) -> Change | None:
        return next(iter(self.store.changes(number - 1, 1)), None) if number else None

    def _open(self) -> None:
        """Open the store if that is not done yet; raises what is wrong with it."""
        if self._looked_after:
            return
        try:
            store = self.store
        except StoreError as error:
            self._refusal = error
            raise
        if isinstance(store, Distant):
            self.presence.start(store, self._stop)
        if isinstance(store, Supports):
            start_deriving(store, self.metrics, self._stop)
        start_compacting(lambda: self.keeper, self.metrics, self._stop)
        self._looked_after = True

    def _warm_up(self, freeze: bool) -> None:
        """Import what answers import late; then take the heap out of the collector's rounds: they cost 45-92 ms."""
        from queries.question import catalogue

        catalogue()
        self.store.search("warm", OPERATOR, limit=1)
        if freeze:
            gc.collect()
            gc.freeze()


def service_of(request: Request) -> Service:
    """The service of the app that got the request."""
    service: Service = request.app.state.service
    return service


@contextmanager
def started(service: Service, *, freeze: bool = False) -> Iterator[None]:
    """The service with its thread running."""
    thread = service.start(freeze=freeze)
    try:
        yield
    finally:
        service.stop(thread)


def _readers(url: str) -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(READERS if url.startswith(EMBEDDED) else DISTANT_READERS)
