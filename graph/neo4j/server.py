"""The one way to the database: reads, and writes that are done once whatever becomes of the connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast
from uuid import uuid4

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction, Session, Transaction
from neo4j.exceptions import DriverError, Neo4jError

from graph.neo4j.address import Address
from graph.neo4j.faults import told_clearly
from graph.neo4j.limits import Limits

T = TypeVar("T")
Rows = list[list[Any]]
"""Rows of a result, each a list of its columns."""

_LOCK = "MATCH (s:_Store) SET s.writes = s.writes + 1 RETURN s.number, s.writes"
_HOLD = "MATCH (s:_Store) SET s.writes = s.writes"  # takes the same lock
_MARK = "CREATE (:_Batch {id: $id, at: $at})"
_MARKED = "MATCH (b:_Batch {id: $id}) RETURN b.id"


class Server:
    """A pool of connections to one database; safe to use from many threads."""

    def __init__(self, address: Address, limits: Limits) -> None:
        self.address = address
        self.limits = limits
        self._driver = GraphDatabase.driver(
            address.url,
            auth=(address.user, address.password) if address.user else None,
            connection_timeout=limits.connect_seconds,
            connection_acquisition_timeout=limits.acquire_seconds,
            max_transaction_retry_time=limits.retry_seconds,
            max_connection_pool_size=limits.pool_size,
            max_connection_lifetime=limits.lifetime_seconds,
            liveness_check_timeout=limits.idle_seconds,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
        self._bookmarks = GraphDatabase.bookmark_manager()
        self._here = threading.local()

    def read(self, query: str, **parameters: Any) -> Rows:
        """The rows of a query that only reads; inside `steady` in its one transaction."""
        open_one: Transaction | None = getattr(self._here, "transaction", None)
        with told_clearly(self.address):
            if open_one is not None:
                return open_one.run(query, parameters).values()
            with self._session(READ_ACCESS) as session:
                return session.execute_read(_values, query, parameters)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Reads of this thread go to one server, in one transaction, until the block ends; blocks may nest."""
        if getattr(self._here, "transaction", None) is not None:
            yield
            return
        with told_clearly(self.address), self._session(READ_ACCESS) as session:
            with session.begin_transaction(timeout=self.limits.long_seconds) as transaction:
                self._here.transaction = transaction
                try:
                    yield
                finally:
                    self._here.transaction = None

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """No other writer gets a turn, and reads of this thread see the newest state, until the block ends; the
        database ends it after so many seconds."""
        with told_clearly(self.address), self._session(WRITE_ACCESS) as session:
            with session.begin_transaction(timeout=seconds) as transaction:
                transaction.run(_HOLD).consume()
                self._here.transaction = transaction
                try:
                    yield
                finally:
                    self._here.transaction = None
                    transaction.close()  # nothing was written

    def write(self, work: Callable[[Writer], T]) -> T:
        """Do `work` in one transaction, exactly once, with every other writer shut out.

        `work` may run several times and must depend on nothing but what it reads. What an unknown commit came to is
        told by the batch's marker, asked for under the same lock.
        """
        with told_clearly(self.address):
            return self._write(work)

    def _write(self, work: Callable[[Writer], T]) -> T:
        until, pause = time.monotonic() + self.limits.retry_seconds, 0.05
        while True:
            id, found, tried = uuid4().hex, None, False
            try:
                with self._session(WRITE_ACCESS) as session, session.begin_transaction() as transaction:
                    number, writes = transaction.run(_LOCK).values()[0]
                    transaction.run(_MARK, id=id, at=int(time.time())).consume()
                    found = work(Writer(transaction, number, writes))
                    tried = True
                    transaction.commit()
                return found
            except (Neo4jError, DriverError) as error:
                if tried and self._committed(id, until):
                    return cast(T, found)
                if not error.is_retryable() or time.monotonic() > until:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _committed(self, id: str, until: float) -> bool:
        """Whether a batch whose commit went unanswered is in the store, after whoever still commits has ended."""
        while True:
            try:
                with self._session(WRITE_ACCESS) as session, session.begin_transaction() as transaction:
                    transaction.run(_LOCK).consume()
                    return bool(transaction.run(_MARKED, id=id).values())
            except (Neo4jError, DriverError) as error:
                if not error.is_retryable() or time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def repeatable(self, query: str, **parameters: Any) -> Rows:
        """The rows of a statement that writes, may safely be done twice, and shuts no other writer out."""
        with told_clearly(self.address), self._session(WRITE_ACCESS) as session:
            return session.execute_write(_values, query, parameters)

    def attempt(self, query: str, **parameters: Any) -> Rows:
        """The same, tried once: for who asks again soon."""
        with told_clearly(self.address), self._session(WRITE_ACCESS) as session:
            return session.run(query, parameters).values()

    def schema(self, statement: str) -> None:
        """One schema statement, in a transaction of its own as Neo4j wants it."""
        with told_clearly(self.address), self._session(WRITE_ACCESS) as session:
            session.run(statement).consume()

    def close(self) -> None:
        self._driver.close()

    def _session(self, access: str) -> Session:
        return self._driver.session(
            database=self.address.database,
            default_access_mode=access,
            bookmark_manager=self._bookmarks,
            fetch_size=-1,
        )


class Writer:
    """What `work` of `Server.write` is given: the open transaction, and the counters as they were before it."""

    def __init__(self, transaction: Transaction, number: int, writes: int) -> None:
        self._transaction = transaction
        self.number = number  # of the last change record
        self.writes = writes

    def run(self, query: str, **parameters: Any) -> Rows:
        """The rows of one statement."""
        return self._transaction.run(query, parameters).values()


def _values(transaction: ManagedTransaction, query: str, parameters: dict[str, Any]) -> Rows:
    return transaction.run(query, parameters).values()
