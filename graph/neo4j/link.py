"""The driver, and a watch on it: no call waits for ever for a server that went away without a word.

The driver has no limit on how long it waits for an answer: a connection that goes silent (a firewall that forgot it, a
machine that lost its power) would hold its caller until the operating system gives up, hours later. So whoever waits is
written down; when one waits long, the server is asked something else over another connection, and if that is not
answered either, all connections are cut, which ends every wait with an error.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, Query, Session
from neo4j.api import BookmarkManager
from neo4j.exceptions import DriverError, Neo4jError, WriteServiceUnavailable

from graph.neo4j.address import Address
from graph.neo4j.cut import cut
from graph.neo4j.limits import Limits
from graph.neo4j.pulse import Pulse

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # its errors are raised; it need not print them too

_TICK = 0.25  # seconds between two looks at who waits
_CLOSE = 5.0  # seconds that whoever waits has to notice that it is over
_PULSE = 2.0  # seconds in which a server that is there answers
_PULSES = 2  # the first may be asked over a connection that is dead, the next is asked over a new one


class Wait:
    """Somebody who waits for the server."""

    def __init__(self) -> None:
        self.since = time.monotonic()

    def beat(self) -> None:
        """The server answered."""
        self.since = time.monotonic()


class Link:
    """A pool of connections to one database; safe to use from many threads."""

    def __init__(self, address: Address, limits: Limits) -> None:
        self._address = address
        self._limits = limits
        self._driver = self._opened()
        self._database = address.database
        self._bookmarks = GraphDatabase.bookmark_manager()
        self._pulse = Pulse(self._opened, address.database)
        self._waits: set[Wait] = set()
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._watch: threading.Thread | None = None

    @contextmanager
    def session(self, access: str) -> Iterator[tuple[Session, Wait]]:
        """A session for one piece of work; it waits until the server has what was seen before."""
        with self._opened_session(access, self._bookmarks) as opened:
            yield opened

    def look_back(self, seconds: float) -> None:
        """Wait no more for what was seen before, but for what the leader has now.

        That is at least as much, unless a backup took its place: then nobody will ever have what was seen, and who
        waited for it would do so in vain, time and again.
        """
        before = self._bookmarks
        with self._opened_session(WRITE_ACCESS, None) as (session, _):
            session.run(Query("RETURN 1", timeout=seconds)).consume()
            found = session.last_bookmarks()
        with self._lock:
            if self._bookmarks is before:  # else another thread has looked back since, and may have written
                self._bookmarks = GraphDatabase.bookmark_manager(found)

    @property
    def busy(self) -> bool:
        """Whether anybody waits for the server: if it went away, they are told."""
        return bool(self._waits)

    def ask(self, seconds: float) -> None:
        """Raises an error of the driver when the database does not answer something small within the time."""
        self._pulse.ask(seconds)

    def agent(self) -> str:
        """What the server calls itself."""
        return self._driver.get_server_info().agent

    def close(self) -> None:
        """Whoever still waits gets an error."""
        self._end.set()
        until = time.monotonic() + _CLOSE
        while self._waits and time.monotonic() < until:
            cut(self._driver)
            time.sleep(_TICK / 10)
        self._driver.close()
        self._pulse.close()

    @contextmanager
    def _opened_session(self, access: str, bookmarks: BookmarkManager | None) -> Iterator[tuple[Session, Wait]]:
        wait = Wait()
        with self._lock:
            if self._end.is_set():
                raise DriverError("the store was closed")
            self._waits.add(wait)
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="link", daemon=True)
                self._watch.start()
        try:
            with self._driver.session(
                database=self._named(),
                default_access_mode=access,
                bookmark_manager=bookmarks,
                fetch_size=-1,
            ) as session:
                yield session, wait
        finally:
            with self._lock:
                self._waits.discard(wait)

    def _named(self) -> str | None:
        """The database: without a name the driver would ask which is the user's own before each statement."""
        if self._database is None:
            with self._driver.session(default_access_mode=READ_ACCESS) as session:
                self._database = session.run("RETURN 1").consume().database
        return self._database

    def _opened(self) -> Driver:
        address, limits = self._address, self._limits
        return GraphDatabase.driver(
            address.url,
            auth=(address.user, address.password) if address.user else None,
            connection_timeout=limits.connect_seconds,
            connection_acquisition_timeout=limits.acquire_seconds,
            connection_write_timeout=limits.silent_seconds,
            max_connection_pool_size=limits.pool_size,
            max_connection_lifetime=limits.lifetime_seconds,
            liveness_check_timeout=limits.idle_seconds,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )

    def _look(self) -> None:
        while not self._end.wait(_TICK):
            long_ago = time.monotonic() - self._limits.silent_seconds
            with self._lock:
                waiting = [wait for wait in self._waits if wait.since < long_ago]
            if not waiting:
                continue
            if not self._answers():
                cut(self._driver)
            for wait in waiting:
                wait.beat()

    def _answers(self) -> bool:
        for _ in range(_PULSES):
            try:
                self._pulse.ask(_PULSE)
            except (DriverError, Neo4jError):
                continue
            return True
        return False


def has_no_leader(error: DriverError) -> bool:
    """Whether the cluster was reached and told that nobody takes writes."""
    return isinstance(error, WriteServiceUnavailable) or isinstance(error.__cause__, WriteServiceUnavailable)
