"""Whether the database answers now, asked over a connection that nothing else uses."""

from __future__ import annotations

import threading
from collections.abc import Callable

from neo4j import READ_ACCESS, Driver
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable

from graph.neo4j.cut import cut

QUESTION = "RETURN range(1, 700)"  # 2 kB, so that a line too thin to work with is noticed


class Pulse:
    """Safe to ask from many threads; they take turns."""

    def __init__(self, opened: Callable[[], Driver], database: str | None) -> None:
        """`opened` gives a new driver."""
        self._opened = opened
        self._database = database
        self._driver: Driver | None = None
        self._closed = False
        self._turn = threading.Lock()

    def ask(self, seconds: float) -> None:
        """Raises an error of the driver when no answer comes within the time."""
        with self._turn:
            if self._closed:
                raise DriverError("the store was closed")
            if self._driver is None:
                self._driver = self._opened()
            asked = _Asked(self._driver, self._database)
            asked.start()
            if not asked.answered.wait(seconds):
                self._driver = None  # the connection may never say a word again
                asked.give_up()
                raise ServiceUnavailable(f"no answer within {seconds:.1f} s")
        if asked.error is not None:
            raise asked.error

    def close(self) -> None:
        with self._turn:
            self._closed = True
            if self._driver is not None:
                self._driver.close()


class _Asked(threading.Thread):
    """One question; in a thread, as the driver waits for an answer for ever."""

    def __init__(self, driver: Driver, database: str | None) -> None:
        super().__init__(name="pulse", daemon=True)
        self.answered = threading.Event()
        self._given_up = threading.Event()
        self.error: DriverError | Neo4jError | None = None
        self._driver = driver
        self._database = database

    def give_up(self) -> None:
        """The driver goes as soon as nobody waits for it."""
        self._given_up.set()
        cut(self._driver)
        if self.answered.is_set():
            self._driver.close()

    def run(self) -> None:
        try:
            with self._driver.session(database=self._database, default_access_mode=READ_ACCESS) as session:
                session.run(QUESTION).consume()
        except (DriverError, Neo4jError) as error:
            self.error = error
        finally:
            self.answered.set()
            if self._given_up.is_set():
                self._driver.close()
