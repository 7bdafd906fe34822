"""Reading one state of a database that holds none for its readers (decision 009).

Neo4j shows every statement what is committed by then. So a state is told by the store's counters: they are asked for
before the first statement and, when anything was read from the server, after the last. Every session begins at the
bookmarks of all that this process has seen, so no statement sees less than the first count saw nor more than the last:
when the two are the same, all between them was of that state, whichever servers of a cluster answered.

While nothing is written, the first count is presumed to be the last one seen, and asked for meanwhile: an answer from
memory takes no longer than the trip, where it would take the trip and then its own time.
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

from graph.errors import Moved, NotWritable, StoreError
from graph.neo4j.memory import MOST_CELLS, Asked, Memory, asked_of, weight
from graph.neo4j.server import Counts, Rows, Server
from graph.steady import steady

T = TypeVar("T")

STILL_SECONDS = 20.0
"""For how long writers may be made to wait for one reader; less than they are patient."""

_LOOK_SECONDS = 1.0  # after which a long read looks whether it is in vain
_AT_A_TIME = 2  # statements of one long read that the server works on
_ASKING = 16  # threads that ask whether a state still stands

Statement = tuple[str, Mapping[str, Any]]
"""A query and its parameters."""


class Reading:
    """Reads of one state. To be closed: then it is known whether they were."""

    def __init__(self, server: Server, memory: Memory, counts: Counts, until: float | None = None) -> None:
        """`until` is given when nobody else can write, but for so long only."""
        self._server = server
        self._memory = memory
        self._until = until
        self._answers: dict[Asked, Rows] = {}
        self._room = MOST_CELLS
        self._asked = False
        self.number, self._writes = counts
        self._returns = server.returns  # another copy of the data may count the same
        self._looked = time.monotonic()

    def rows(self, query: str, **parameters: Any) -> Rows:
        """The rows of a query, remembered while the state stands; never to be changed."""
        asked = asked_of(query, parameters)
        known = self._answers.get(asked)
        if known is None:
            known = self._memory.find((self._writes, self._returns), asked)
        if known is None:
            known = self.fetch(query, **parameters)
            self._note(asked, known)
        return known

    def _note(self, asked: Asked, rows: Rows) -> None:
        """Not all that a long read reads: what it has read of millions is not asked for again."""
        self._room -= weight(asked, rows)
        if self._room > 0:
            self._answers[asked] = rows

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
        number, writes = self._server.settled()
        if number != self.number:
            raise moved(self._server.address.shown)
        if (writes, self._server.returns) == (self._writes, self._returns):
            self._memory.keep((writes, self._returns), self._answers)

    def _look(self) -> None:
        now = time.monotonic()
        if self._until is not None and now > self._until:
            raise moved(self._server.address.shown)
        if now > self._looked + _LOOK_SECONDS:
            self._looked = now
            if self._server.counts()[0] != self.number:
                raise moved(self._server.address.shown)


class Presumed(Reading):
    """Reads of the state that was seen last, while it is asked whether that still stands."""

    def __init__(self, server: Server, memory: Memory, counts: Counts, stands: Future[bool]) -> None:
        super().__init__(server, memory, counts)
        self._found = stands
        self._stands = False

    def fetch(self, query: str, **parameters: Any) -> Rows:
        self._confirm()
        return super().fetch(query, **parameters)

    def close(self) -> None:
        self._confirm()
        super().close()

    def _confirm(self) -> None:
        if self._stands:
            return
        if not self._found.result() or self._server.returns != self._returns:
            raise moved(self._server.address.shown)
        self._stands = True


class States:
    """The states of one store: one thread reads one at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._memory = Memory()
        self._here = threading.local()
        self._asking = ThreadPoolExecutor(_ASKING, "states")
        self._seen: tuple[Counts, bool] = (0, 0), False  # the last whole counts, and whether it stands still

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
        counts = self._server.whole()
        self._seen = counts, counts == self._seen[0]
        return Reading(self._server, self._memory, counts)

    def _likely(self) -> Reading:
        """What stood still when it was last looked at is presumed to stand; who only guesses wrong reads again."""
        counts, stood = self._seen
        if not stood or self._server.engaged:
            return self.newest()
        return Presumed(self._server, self._memory, counts, self._asking.submit(self._still_at, counts))

    def _still_at(self, counts: Counts) -> bool:
        stands = self._server.counts() == counts
        if not stands:
            self._seen = counts, False
        return stands

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """See `graph.store.Store.snapshot`; blocks may nest."""
        with _Within(self._here, self._likely) as reading:
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
            with self._server.alone(STILL_SECONDS), _Within(self._here, lambda: self._unmoved(until)) as reading:
                yield reading.number
        except Moved:
            raise
        except StoreError as error:
            if time.monotonic() < until and not isinstance(error, NotWritable):
                raise  # who may not write cannot make others wait, and asks again
            raise moved(error.place) from error

    def _unmoved(self, until: float) -> Reading:
        return Reading(self._server, self._memory, self._server.counts(), until)

    def close(self) -> None:
        """Nobody asks any more."""
        self._seen = self._seen[0], False
        self._asking.shutdown(wait=False)

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
