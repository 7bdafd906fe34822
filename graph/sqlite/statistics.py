"""Statistics by which SQLite chooses its ways: without any, one look-up took 110 times as long.

To make them and to fold the log into the file costs milliseconds and waits for the disk, which is much after a few
records. So they are made when the store has none, and again once so much was written since that they may mislead; how
much that is, the store keeps in `meta`.
"""

from __future__ import annotations

import sqlite3

_SAMPLE = 1000  # rows of an index that are looked at
_MANY = 10_000  # records, after which they are made again,
_SHARE = 10  # or after this part of the largest table


def note_written(db: sqlite3.Connection, records: int) -> None:
    """Count them, inside the caller's transaction."""
    query = "INSERT INTO meta VALUES ('unsampled', ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value"
    db.execute(query, (records,))


def are_there(db: sqlite3.Connection) -> bool:
    """Whether the store has any."""
    made = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone()
    return made is not None and db.execute("SELECT 1 FROM sqlite_stat1 LIMIT 1").fetchone() is not None


def are_due(db: sqlite3.Connection) -> bool:
    """Whether to make them is worth its while."""
    if not are_there(db):
        return True
    largest = int(db.execute("SELECT max(last) FROM space").fetchone()[0])
    return _unsampled(db) >= min(_MANY, largest // _SHARE)


def make(db: sqlite3.Connection) -> None:
    """From a sample of each index; outside of any transaction."""
    counted = _unsampled(db)  # what others write meanwhile is left for the next time
    db.execute(f"PRAGMA analysis_limit = {_SAMPLE}")
    db.execute("ANALYZE")
    _note_looked_at(db, counted)


def _note_looked_at(db: sqlite3.Connection, records: int) -> None:
    """Not below 0: another process may have looked at the same records at the same time."""
    db.execute("UPDATE meta SET value = max(value - ?, 0) WHERE name = 'unsampled'", (records,))


def _unsampled(db: sqlite3.Connection) -> int:
    found = db.execute("SELECT value FROM meta WHERE name = 'unsampled'").fetchone()
    return 0 if found is None else int(found[0])
