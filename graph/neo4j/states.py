"""Reading one state of a database that holds none for its readers (decision 009).

Neo4j shows every statement what is committed by then. So a state is told by the store's counters: they are asked for
before the first statement and, when anything was read from the server, after the last. Every session begins at the
bookmarks of all that this process has seen, so no statement sees less than the first count saw nor more than the last:
when the two are the same, all between them was of that state, whichever servers of a cluster answered.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from graph.errors import Moved, StoreError
from graph.neo4j.memory import Asked, Memory, asked_of
from graph.neo4j.server import Rows, Server
from graph.steady import steady

T = TypeVar("T")

STILL_SECONDS = 20.0
"""For how long writers may be made to wait for one reader; less than they are patient."""

_LOOK_SECONDS = 1.0  # after which a long read looks whether it is in vain
_AT_A_TIME = 2  # statements of one long read that the server works on

Statement = tuple[str, Mapping[str, Any]]
"""A query and its parameters."""


class Reading:
    """Reads of one state. To be closed: then it is known whether they were."""

    def __init__(self, server: Server, memory: Memory, until: float | None = None) -> None:
        """`until` is given when nobody else can write, but for so long only."""
        self._server = server
        self._memory = memory
        self._until = until
        self._answers: dict[Asked, Rows] = {}
        self._asked = False
        self.number, self._writes = server.counts()
        self._looked = time.monotonic()

    def rows(self, query: str, **parameters: Any) -> Rows:
        """The rows of a query, remembered while the state stands; never to be changed."""
        asked = asked_of(query, parameters)
        known = self._answers.get(asked)
        if known is None:
            known = self._memory.find(self._writes, asked)
        if known is None:
            known = self._answers[asked] = self.fetch(query, **parameters)
        return known

    def columns(self, query: str, **parameters: Any) -> list[list[Any]]:
        """The columns of a query that gives one record of lists."""
        return self.rows(query, **parameters)[0]

    def fetch(self, query: str, **parameters: Any) -> Rows:
        """The rows of a query that is not worth remembering; raises `Moved` when it is known to be in vain."""
        self._asked = True
        self._look()
        return self._server.read(query, **parameters)

    def each(self, statements: Iterable[Statement]) -> Iterator[Rows]:
        """`fetch` for each statement in turn, the next one under way while the rows of one are looked at."""
        if self._until is not None:
            yield from (self.fetch(query, **parameters) for query, parameters in statements)
            return
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            waiting = deque[Future[Rows]]()
            for query, parameters in statements:
                waiting.append(pool.submit(self.fetch, query, **parameters))
                if len(waiting) == _AT_A_TIME:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def close(self) -> None:
        """Raises `Moved` when what was read may be of another state; what was read of this one is remembered."""
        if not self._asked:
            return
        number, writes = self._server.counts()
        if number != self.number:
            raise moved(self._server.address.shown)
        if writes == self._writes:
            self._memory.keep(writes, self._answers)

    def _look(self) -> None:
        now = time.monotonic()
        if self._until is not None and now > self._until:
            raise moved(self._server.address.shown)
        if now > self._looked + _LOOK_SECONDS:
            self._looked = now
            if self._server.counts()[0] != self.number:
                raise moved(self._server.address.shown)


class States:
    """The states of one store: one thread reads one at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._memory = Memory()
        self._here = threading.local()

    def number(self) -> int:
        """The change number of the state that this thread reads, else of the newest."""
        current = self.current()
        return self._server.counts()[0] if current is None else current.number

    def current(self) -> Reading | None:
        """What this thread reads at present."""
        found: Reading | None = getattr(self._here, "reading", None)
        return found

    def fetch(self, query: str, **parameters: Any) -> Rows:
        """The rows of a query: outside of a snapshot of whatever state there is."""
        current = self.current()
        return self._server.read(query, **parameters) if current is None else current.fetch(query, **parameters)

    def newest(self) -> Reading:
        """The newest state. Unlike with `snapshot`, only what this very reading is asked for is read in it."""
        return self._newest(None)

    def _newest(self, until: float | None) -> Reading:
        return Reading(self._server, self._memory, until)

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """See `graph.store.Store.snapshot`; blocks may nest."""
        with _Within(self._here, self.newest) as reading:
            yield reading.number

    @contextmanager
    def still(self) -> Iterator[int]:
        """See `graph.store.Store.still`; inside a snapshot it is that."""
        current = self.current()
        if current is not None:
            yield current.number
            return
        until = time.monotonic() + STILL_SECONDS
        try:
            with self._server.alone(STILL_SECONDS), _Within(self._here, lambda: self._newest(until)) as reading:
                yield reading.number
        except Moved:
            raise
        except StoreError as error:
            if time.monotonic() < until:
                raise
            raise moved(error.place) from error

    def steadily(self, read: Callable[[Reading], T]) -> T:
        """What `read` makes of the state that this thread reads, else of the newest."""
        current = self.current()
        return steady(self, lambda _: read(self._here.reading)) if current is None else read(current)


class _Within:
    """Reads of this thread are of one reading until the block ends."""

    def __init__(self, here: threading.local, begin: Callable[[], Reading]) -> None:
        self._here = here
        self._begin = begin
        self._outer: Reading | None = getattr(here, "reading", None)

    def __enter__(self) -> Reading:
        if self._outer is None:
            self._here.reading = self._begin()
        found: Reading = self._here.reading
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What went wrong inside may be for reading two states: `Moved` takes the place of all but the store's own
        errors."""
        if self._outer is not None:
            return
        reading: Reading = self._here.reading
        self._here.reading = None
        if kind is None or (issubclass(kind, Exception) and not issubclass(kind, StoreError)):
            reading.close()


def moved(place: str) -> Moved:
    fix = "Ask again when less is being loaded."
    return Moved(place, "the store was written to while it was read", fix)
