"""SQLite's errors, and what is wrong with a path, told as `graph.errors` tells them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from graph.errors import (
    DamagedStore,
    MissingFolder,
    NotAFile,
    NotAStore,
    NotWritable,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreNotThere,
    StoreUnreachable,
)

_LEAST_PAGE = 512  # bytes of the smallest page a database can have
_LEAST_FREE = 1 << 20  # bytes; with less than this an I/O error is taken for a full disk


@contextmanager
def told_clearly(path: Path) -> Iterator[None]:
    """Raises a `StoreError` for whatever SQLite or the operating system raises inside the block."""
    try:
        yield
    except sqlite3.Error as error:
        raise as_store_error(error, path) from error
    except OSError as error:
        raise _os_error(error, path) from error


def as_store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """The error that says which file it is and what mends it."""
    place = str(path)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _free(path) < _LEAST_FREE):
        return StoreFull(place, "the disk is full", "Free some space or move the store.", _megabytes_free(path))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(place, "another process is writing", "Wait until it has finished.", str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        fix = "Give this user the right to write the file and its folder, or name another path."
        return NotWritable(place, "the store cannot be written here", fix, str(error))
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_store(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return DamagedStore(place, "the file is damaged", "Put back a copy, or load the sources again.", str(error))
    if code == sqlite3.SQLITE_IOERR:
        return StoreUnreachable(place, "reading or writing failed", "Look at the disk and its mount.", str(error))
    return StoreError(place, "the database refused", "Run `skillgraph check` and report what it says.", str(error))


def not_a_store(path: Path) -> NotAStore:
    return NotAStore(
        str(path),
        "this file is not a Skillgraph store",
        "Name another path; Skillgraph makes the file itself.",
    )


def check_path(path: Path, create: bool, read_only: bool) -> None:
    """Raises for a path at which no store can be opened; the file itself is only ever opened by SQLite."""
    with told_clearly(path):
        _check_folder(path)
        if path.exists() or path.is_symlink():
            _check_file(path, read_only)
        elif not create or read_only:
            raise StoreNotThere(str(path), "no store is there", "Name the right path, or load something to make one.")
        elif not os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True):
            raise _read_only_folder(path)


def _check_folder(path: Path) -> None:
    parent = path.parent
    if not parent.exists():
        raise MissingFolder(
            str(path), "the folder is not there", f"Make it: mkdir -p {quote(str(parent))}", str(parent)
        )
    if not parent.is_dir():
        raise MissingFolder(str(path), "what should be its folder is a file", "Name another path.", str(parent))


def _check_file(path: Path, read_only: bool) -> None:
    if path.is_dir():
        inside = path / "skillgraph.db"
        raise NotAFile(str(path), "this is a folder, a store is a file", f"Name a file in it: sqlite:{inside}")
    if not path.exists():
        raise StoreNotThere(str(path), "this link leads nowhere", "Mend the link or name another path.")
    if not stat.S_ISREG(path.stat().st_mode):
        raise NotAFile(str(path), "this is a device or a pipe, a store is a file", "Name another path.")
    if 0 < path.stat().st_size < _LEAST_PAGE:
        raise not_a_store(path)  # SQLite would take so short a file for an empty one
    if not read_only and not os.access(path, os.W_OK, effective_ids=True):
        fix = f"Give this user the right to write it: chmod u+w {quote(str(path))}"
        raise NotWritable(str(path), "the file may only be read", fix)
    if not read_only and not os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True):
        raise _read_only_folder(path)


def _read_only_folder(path: Path) -> NotWritable:
    fix = "Give this user the right to write the folder (SQLite keeps its log beside the file), or name another path."
    return NotWritable(str(path), "the folder may only be read", fix, str(path.parent))


def _os_error(error: OSError, path: Path) -> StoreError:
    if isinstance(error, PermissionError):
        fix = "Give this user the right to read and write it, or name another path."
        return NotWritable(str(path), "the operating system refused", fix, str(error.filename or path))
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return StoreFull(str(path), "the disk is full", "Free some space or move the store.", _megabytes_free(path))
    text = error.strerror or str(error)
    return StoreUnreachable(
        str(path), "the operating system could not reach it", "Look at the path and its disk.", text
    )


def _free(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _LEAST_FREE


def _megabytes_free(path: Path) -> str:
    return f"{_free(path) >> 20} MB free"
