"""The one way to the database: reads, and writes that are done once whatever becomes of the connection."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast
from uuid import uuid4

from neo4j import READ_ACCESS, WRITE_ACCESS, Query, Session, Transaction
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import StoreLocked, StoreNotThere, StoreUnreachable
from graph.neo4j.address import Address
from graph.neo4j.faults import timed_out, told_clearly, too_old, went_unanswered
from graph.neo4j.limits import Limits
from graph.neo4j.link import Link, Wait, has_no_leader
from graph.neo4j.patience import Outage, Patience

T = TypeVar("T")
Rows = list[list[Any]]
"""Rows of a result, each a list of its columns."""
Counts = tuple[int, int]
"""The number of the last change record, and of all writes."""

_LOCK = (  # the first thing it does is to take the lock
    "MATCH (s:_Store) SET s.writes = s.writes + 1 CREATE (:_Batch {id: $id, at: $at}) "
    "RETURN s.number, s.writes, s.last_key"
)
_COUNTS = "MATCH (s:_Store) RETURN s.number, s.writes"
_HOLD = "MATCH (s:_Store) SET s.held = true"  # takes the same lock; rolled back
_ALONE_SECONDS = 1.0  # for which a reader waits for who commits
_QUIET = 5.0  # seconds; to be stopped, given other data and started takes a server longer
_MARKED = "MATCH (b:_Batch {id: $id}) RETURN b.id"


class Server:
    """One database of a server or cluster; safe to use from many threads.

    What a moment mends (a connection that was cut, a leader that changes, a deadlock) is tried again for
    `retry_seconds`; all else is raised as a `StoreError`. No call waits longer than `answer_seconds` and what it takes
    to notice that the server went silent.
    """

    def __init__(self, address: Address, limits: Limits) -> None:
        self.address = address
        self.limits = limits
        self._link = Link(address, limits)
        self._outage = Outage()
        self._here = threading.local()
        self._turnstile = threading.Lock()
        self._doubts = self._settled = 0  # how often it was unknown, and known again, whether what was seen is there
        self._whole = -1  # the last writes that are known to be seen whole
        self.spread = False  # whether another server reads than writes, as in a cluster
        self._reader: object = None  # the server that was last read from
        self._heard = math.inf  # when the server answered last
        self.returns = 0  # how often it may have come back with other data

    def check(self) -> None:
        """Raises what is wrong with the address, the user, the database's name or the server's version, at once."""
        with told_clearly(self.address):
            if problem := too_old(self._link.agent(), self.address):
                raise problem
            self._rows("RETURN 1", {}, self.limits.answer_seconds)

    def reach(self, seconds: float) -> None:
        """Raises a `StoreError` when the database does not answer something small within so many seconds."""
        with told_clearly(self.address):
            self._link.ask(seconds)

    def read(self, query: str, /, **parameters: Any) -> Rows:
        """The rows of a query that only reads; inside `steady` and `alone` in their one transaction."""
        turn: Turn | None = getattr(self._here, "turn", None)
        with told_clearly(self.address):
            if turn is not None:
                return turn.rows(query, parameters)
            return self._patiently(lambda seconds: self._rows(query, parameters, seconds))

    @property
    def engaged(self) -> bool:
        """Whether reads of this thread are part of a transaction."""
        return getattr(self._here, "turn", None) is not None

    def counts(self) -> Counts:
        """How far the store is. Of the last commit a part may still be unseen: see `whole`."""
        number, writes = self._counted(self.read(_COUNTS))
        return number, writes

    def whole(self) -> Counts:
        """How far the store is, with all that was committed by then to be seen: counters that are news are settled."""
        counts = self.counts()
        return counts if counts[1] == self._whole else self.settled(counts)

    def settled(self, counts: Counts | None = None) -> Counts:
        """How far the store is, asked while nobody commits; `counts`, or what is seen anyway, when others keep the lock
        for long or nobody may take it.

        The database shows a commit piece by piece, and lets go of the lock at the end. Where another server reads than
        takes the lock, that tells nothing of what the reader shows, and is not asked for.
        """
        if not self.engaged and not self.spread:
            with suppress(DriverError, Neo4jError):  # what is wrong is told by the next question
                return self._counts_alone()
        return self.counts() if counts is None else counts

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Reads of this thread go to one server, in one transaction, until the block ends; blocks may nest."""
        if self.engaged:
            yield
            return
        with told_clearly(self.address), self._turn(READ_ACCESS, self.limits.long_seconds) as turn, self._reading(turn):
            yield

    @contextmanager
    def alone(self, seconds: float) -> Iterator[None]:
        """No other writer gets a turn, and reads of this thread see the newest state, until the block ends; the
        database ends it after so many seconds."""
        with told_clearly(self.address), self._turn(WRITE_ACCESS, seconds) as turn:
            turn.rows(_HOLD)
            with self._reading(turn):
                yield

    def write(self, work: Callable[[Writer], T]) -> T:
        """Do `work` in one transaction, exactly once, with every other writer shut out.

        `work` may run several times and must depend on nothing but what it reads. What an unknown commit came to is
        told by the batch's marker, asked for under the same lock.
        """
        with told_clearly(self.address):
            return self._write(work)

    def repeatable(self, query: str, /, **parameters: Any) -> Rows:
        """The rows of a statement that writes, may safely be done twice, and shuts no other writer out."""
        with told_clearly(self.address):
            return self._patiently(lambda seconds: self._rows(query, parameters, seconds, WRITE_ACCESS))

    def attempt(self, query: str, /, **parameters: Any) -> Rows:
        """The same, tried once: for who asks again soon."""
        with told_clearly(self.address):
            return self._rows(query, parameters, self.limits.silent_seconds, WRITE_ACCESS)

    def schema(self, *statements: str) -> None:
        """Schema statements that may safely be done twice, in a transaction of their own as Neo4j wants it."""

        def attempt(_: float) -> None:
            with self._turn(WRITE_ACCESS, self.limits.long_seconds) as turn:
                for statement in statements:
                    turn.rows(statement)
                turn.commit()

        with told_clearly(self.address):
            self._patiently(attempt)

    def close(self) -> None:
        self._link.close()

    def _counts_alone(self) -> Counts:
        """The counters while nobody else has the lock. Who waits too long for it has no reason to doubt the server."""
        with (
            self._link.session(WRITE_ACCESS) as (session, _),
            session.begin_transaction(timeout=_ALONE_SECONDS) as turn,
        ):
            leader = turn.run(_HOLD).consume().server.address
            self.spread = leader != self._reader
            number, self._whole = self._counted(turn.run(_COUNTS).values())
        return number, self._whole

    def _write(self, work: Callable[[Writer], T]) -> T:
        """One thread of a process at a time asks for the store's lock: who waits for it there costs the server much."""
        patience = Patience(self.limits, self._outage)
        if not self._turnstile.acquire(timeout=patience.left()):
            raise self._locked()
        try:
            return self._write_in_turn(work, patience)
        finally:
            self._turnstile.release()

    def _write_in_turn(self, work: Callable[[Writer], T], patience: Patience) -> T:
        while True:
            id, found, sent = uuid4().hex, None, False
            try:
                with self._turn(WRITE_ACCESS, patience.left()) as turn:
                    writer = self._writer(turn, id)
                    found = work(writer)
                    sent = True
                    turn.commit()
                    self._whole = writer.writes
            except (DriverError, Neo4jError) as error:
                if not (sent and self._committed(id, patience)):
                    patience.wait(error)
                    continue
            self._outage.over()
            return cast(T, found)

    def _committed(self, id: str, patience: Patience) -> bool:
        """Whether a batch whose commit went unanswered is in the store, after whoever still commits has ended."""

        def marked(seconds: float) -> bool:
            with self._turn(WRITE_ACCESS, seconds) as turn:
                turn.rows(_HOLD)
                return bool(turn.rows(_MARKED, {"id": id}))

        try:
            return self._patiently(marked, patience)
        except (DriverError, Neo4jError) as error:
            problem = "the connection was lost at a commit: whether the last batch was written is not known"
            fix = "Do the same again when the database is back: nothing is written twice."
            raise StoreUnreachable(self.address.shown, problem, fix) from error

    def _patiently(self, attempt: Callable[[float], T], patience: Patience | None = None) -> T:
        """The result of something that may be tried any number of times; it is given the seconds it may take."""
        patience = patience or Patience(self.limits, self._outage)
        while True:
            try:
                found = attempt(patience.left())
            except (DriverError, Neo4jError) as error:
                patience.wait(error)
            else:
                self._outage.over()
                return found

    def _writer(self, turn: Turn, id: str) -> Writer:
        """With the store's write lock, in a transaction that is marked by the id."""
        try:
            rows = turn.rows(_LOCK, {"id": id, "at": int(time.time())})
        except Neo4jError as error:
            if not timed_out(error):
                raise
            raise self._locked() from error
        return Writer(turn, *self._counted(rows))

    def _counted(self, rows: Rows) -> list[int]:
        if not rows:
            fix = "Restart what uses it; it is made when it is opened."
            raise StoreNotThere(self.address.shown, "there is no store in this database any more", fix)
        return rows[0]

    def _locked(self) -> StoreLocked:
        return StoreLocked(self.address.shown, "others are writing", "Wait until they have finished.")

    def _rows(self, query: str, parameters: dict[str, Any], seconds: float, access: str = READ_ACCESS) -> Rows:
        with self._session(access) as (session, _):
            result = session.run(_query(query, seconds), parameters)
            rows = result.values()
            if access == READ_ACCESS:
                self._reader = result.consume().server.address
            return rows

    @contextmanager
    def _session(self, access: str) -> Iterator[tuple[Session, Wait]]:
        self._look_back(access)
        try:
            with self._link.session(access) as opened:
                yield opened
        except (DriverError, Neo4jError) as error:
            self._doubts += went_unanswered(error)
            raise
        self._heard = time.monotonic()

    def _look_back(self, access: str) -> None:
        """After the server may have been away: it may have come back with an older copy of its data."""
        doubts = self._doubts
        if doubts == self._settled and (self._link.busy or time.monotonic() < self._heard + _QUIET):
            return
        try:
            self._link.look_back(self.limits.answer_seconds)
        except DriverError as error:
            if access == READ_ACCESS and has_no_leader(error):
                return  # readers that have what was seen may answer
            raise
        self._settled, self._heard = doubts, time.monotonic()
        self._whole = -1
        self.returns += 1

    @contextmanager
    def _turn(self, access: str, seconds: float) -> Iterator[Turn]:
        with self._session(access) as (session, wait):
            transaction = session.begin_transaction(timeout=seconds)
            try:
                yield Turn(transaction, wait)
            finally:
                with suppress(DriverError, Neo4jError):  # what could not be rolled back is ended by the database
                    transaction.close()

    @contextmanager
    def _reading(self, turn: Turn) -> Iterator[None]:
        self._here.turn = turn
        try:
            yield
        finally:
            self._here.turn = None


class Turn:
    """An open transaction; one that is not committed is rolled back."""

    def __init__(self, transaction: Transaction, wait: Wait) -> None:
        self._transaction = transaction
        self._wait = wait

    def rows(self, query: str, parameters: dict[str, Any] | None = None) -> Rows:
        """The rows of one statement."""
        rows = self._transaction.run(query, parameters).values()
        self._wait.beat()
        return rows

    def commit(self) -> None:
        self._transaction.commit()


class Writer:
    """What `work` of `Server.write` is given: the open transaction, and the store's counters."""

    def __init__(self, turn: Turn, number: int, writes: int, last_key: int) -> None:
        self._turn = turn
        self.number = number  # of the last change record
        self.writes = writes  # this one counted
        self.last_key = last_key  # that was given out

    def run(self, query: str, /, **parameters: Any) -> Rows:
        """The rows of one statement."""
        return self._turn.rows(query, parameters)


def _query(text: str, seconds: float) -> Query:
    """Text that is made of the model's names and constants only; the database ends it after so many seconds."""
    return Query(text, timeout=seconds)
