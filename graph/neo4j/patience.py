"""How often something is tried again, and when no more."""

from __future__ import annotations

import threading
import time

from neo4j.exceptions import DriverError, Neo4jError

from graph.neo4j.faults import LOST, worth_trying
from graph.neo4j.limits import Limits

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_LEAST = 1.0  # seconds that a try is given at least


class Outage:
    """Since when the server is away, as all who use it know together: they are patient once, not each in turn."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._lock = threading.Lock()

    def began(self) -> float:
        """The instant at which the present outage was first noticed: now, if nobody noticed it before."""
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
            return self._since

    def over(self) -> None:
        """The server answered."""
        self._since = None


class Patience:
    """Of one piece of work."""

    def __init__(self, limits: Limits, outage: Outage) -> None:
        self._limits = limits
        self._outage = outage
        self._started = time.monotonic()
        self._pause = _FIRST_PAUSE

    def left(self) -> float:
        """The seconds that the next try may take."""
        return max(self._started + self._limits.answer_seconds - time.monotonic(), _LEAST)

    def wait(self, error: DriverError | Neo4jError) -> None:
        """Wait a little before the next try; raises the error when there is none."""
        began = self._started
        if isinstance(error, LOST):
            began = min(began, self._outage.began())
        else:
            self._outage.over()
        if not worth_trying(error) or time.monotonic() > began + self._limits.retry_seconds:
            raise error
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
