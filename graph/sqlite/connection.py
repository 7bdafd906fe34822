"""Connections to one store file: a pool of readers, one writer, errors told clearly.

Never open, copy or read the store's file with anything but SQLite while this process has it open: closing any other
handle on it drops this process's locks (POSIX), and the next process to close could delete the log under us.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graph.errors import StoreLocked
from graph.sqlite.faults import as_store_error

FACTORY: type[sqlite3.Connection] = sqlite3.Connection
"""Every connection of the engine is one of these; tests put one here that fails."""

SYNCHRONOUS = "FULL"
"""What is acknowledged survives a power cut; tests, which fear none, spare themselves the wait for the disk."""

WAIT_SECONDS = 30  # for another writer
_READER_KIB = 1_024  # pages that a reader keeps: there are several, and the system caches the file for all
_WRITER_KIB = 65_536
_LOG_PAGES = 8_000  # pages in the log before it is folded into the file
_LOG_BYTES = 64 << 20  # the log file is cut back to this


def connect(path: Path, read_only: bool = False, cache_kib: int = _WRITER_KIB) -> sqlite3.Connection:
    """One connection in autocommit mode, with this engine's settings; it keeps pages of so many KiB."""
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    db = sqlite3.connect(
        address, uri=True, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False, factory=FACTORY
    )
    try:
        db.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute(f"PRAGMA cache_size = -{cache_kib}")
        db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
    except BaseException:
        db.close()
        raise
    return db


class Connections:
    """Every part of the engine reads and writes through one of these."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._idle: list[sqlite3.Connection] = []
        self._here = threading.local()
        self._turn = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read transaction: everything inside sees one state. Inside `snapshot` or `writing` it is theirs."""
        current: sqlite3.Connection | None = getattr(self._here, "db", None)
        with self._told():
            if current is not None:
                yield current
                return
            db = self._borrow()
            try:
                db.execute("BEGIN")
                yield db
            finally:
                self._give_back(db)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Every read of this thread sees one state until the block ends."""
        with self.reading() as db:
            outer = getattr(self._here, "db", None)
            self._here.db = db
            try:
                yield db
            finally:
                self._here.db = outer

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The write transaction: committed at the end of the block, rolled back when anything is raised in it.

        Waits up to `WAIT_SECONDS` for other writers, then raises `StoreLocked`. Not to be nested.
        """
        with self._told(), self._my_turn():
            db = self._own_writer()
            db.execute("BEGIN IMMEDIATE")
            outer = getattr(self._here, "db", None)
            self._here.db = db
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                self._undo(db)
                raise
            finally:
                self._here.db = outer

    @contextmanager
    def maintaining(self) -> Iterator[sqlite3.Connection]:
        """The writer outside of any transaction: for ANALYZE, VACUUM, checkpoints."""
        with self._told(), self._my_turn():
            yield self._own_writer()

    def close(self) -> None:
        """Close everything; readers still in use are closed when they are given back."""
        self._leave_parent()
        self._closed = True
        with self._turn:
            idle, self._idle = self._idle, []
            for db in [*idle, *filter(None, [self._writer])]:
                db.close()
            self._writer = None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors only: what the block itself may raise is its caller's."""
        try:
            yield
        except sqlite3.Error as error:
            raise as_store_error(error, self.path) from error

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise StoreLocked(str(self.path), "another thread is writing", "Wait until it has finished.")
        try:
            yield
        finally:
            self._turn.release()

    def _borrow(self) -> sqlite3.Connection:
        self._leave_parent()
        with suppress(IndexError):
            return self._idle.pop()
        return connect(self.path, self.read_only, _READER_KIB)

    def _give_back(self, db: sqlite3.Connection) -> None:
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except sqlite3.Error:
            db.close()
            return
        self._idle.append(db)
        if self._closed:
            self.close()

    def _own_writer(self) -> sqlite3.Connection:
        self._leave_parent()
        if self._writer is None:
            self._writer = connect(self.path, self.read_only)
        return self._writer

    def _undo(self, db: sqlite3.Connection) -> None:
        """After a failed rollback the connection is in an unknown state: closing it rolls back for certain."""
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except sqlite3.Error:
            self._writer = None
            db.close()

    def _leave_parent(self) -> None:
        """Connections must not be carried into a forked process; they are left unclosed, as SQLite asks."""
        if self._process != os.getpid():
            _LEFT_BEHIND.extend([*self._idle, *filter(None, [self._writer])])
            self._process, self._idle, self._writer = os.getpid(), [], None
            self._turn, self._here = threading.RLock(), threading.local()


_LEFT_BEHIND: list[sqlite3.Connection] = []
