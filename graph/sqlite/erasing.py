"""`SqliteStore.erase`: the tables in one transaction, then everything beside the file, then the log.

Killed after the transaction, the same command again does the rest: the keyed hashes tell that the person was erased.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graph.erasure import SOURCE, nobody, remove_beside, removed_record
from graph.errors import StoreLocked
from graph.kinds import NODES
from graph.lookup import Known
from graph.person import Person, find_person, learner_type
from graph.report import ErasureReport
from graph.secret import deployment_secret
from graph.sqlite.connection import WAIT_SECONDS
from graph.sqlite.erase import Erasure
from graph.sqlite.locks import nobody_loads
from graph.sqlite.lookup import Lookup
from graph.sqlite.migrate import backups
from graph.sqlite.traces import texts_in
from graph.sqlite.write import Writing
from graph.sqlite.write_nodes import collect_retired

if TYPE_CHECKING:
    from graph.sqlite.engine import SqliteStore


def erase(store: SqliteStore, id: str) -> ErasureReport:
    """See `graph.store.Store.erase`; raises `Busy` while a load stages, since its files may name the person."""
    with nobody_loads(store.path):
        with store.connections.writing() as db:
            person = find_person(store, id, store.settings) or _removed(store, db, id)
            report = _erase_rows(store, db, person) if person else None
        if report is None and not store.ledger.erased([id])[0]:
            raise nobody(store.url, id)
        files = remove_beside(store.url, backups(store.path))
    names = person.names(store.model) if person else (id,)
    left = _clean_file(store, names, certainly=report is None)
    return replace(report or ErasureReport((id,)), files=files, left=left)


def _erase_rows(store: SqliteStore, db: sqlite3.Connection, person: Person) -> ErasureReport:
    """Everything in the file, with a change record that names nobody: followers build anew what they made of people."""
    job = Writing(Lookup(db, store.layout, Known()), SOURCE, None, int(time.time()))
    kind = store.layout.nodes[learner_type(store.model).name]
    keys = [key for (key,) in _keys(db, person)]
    report = Erasure(db, store.layout, deployment_secret(store.path), person).run()
    for space in store.layout.spaces:
        job.release(space, job.leaving[space])
    collect_retired(job)
    job.note(kind, "erased", keys)
    return replace(report, number=job.finish())


def _keys(db: sqlite3.Connection, person: Person) -> list[tuple[int]]:
    marks = ", ".join("?" * len(person.ids))
    live, removed = f"node WHERE id IN ({marks})", f"tombstone WHERE space = ? AND id IN ({marks})"
    query = f"SELECT key FROM {live} UNION SELECT key FROM {removed}"
    return db.execute(query, (*person.ids, NODES, *person.ids)).fetchall()


def _removed(store: SqliteStore, db: sqlite3.Connection, id: str) -> Person | None:
    """A record that its source removed: only that it was there is still known."""
    kind = store.layout.nodes[learner_type(store.model).name]
    query = "SELECT 1 FROM tombstone WHERE space = ? AND id = ? AND type = ?"
    if db.execute(query, (NODES, id, kind.number)).fetchone() is None:
        return None
    return removed_record(id, store.model)


def _clean_file(store: SqliteStore, names: Sequence[str], certainly: bool) -> tuple[str, ...]:
    """Leave no copy of the names in pages or log; returns those that records of others still say.

    `certainly` makes the file anew although the names that are known are not in it.
    """
    _fold_log(store)
    files = [store.path, store.path.with_name(f"{store.path.name}-wal")]
    if not certainly and not texts_in(files, names):
        return ()
    with store.connections.maintaining() as db:
        db.execute("PRAGMA temp_store = FILE")  # the whole store need not fit into memory
        db.execute("VACUUM")
        db.execute("PRAGMA temp_store = MEMORY")
    _fold_log(store)
    return tuple(texts_in(files, names))


def _fold_log(store: SqliteStore) -> None:
    """Write the log into the file and empty it; waits for readers that still see the state before."""
    until = time.monotonic() + WAIT_SECONDS
    with store.connections.maintaining() as db:
        while db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > until:
                raise _kept_by_a_reader(store)
            time.sleep(0.05)


def _kept_by_a_reader(store: SqliteStore) -> StoreLocked:
    what = "the person is erased, but a reader keeps the log from being emptied"
    fix = "Wait until long answers and exports have ended, then erase the same id again: that ends it."
    return StoreLocked(str(store.path), what, fix)
