"""Named locks between processes: `flock` on files in PATH.locks/, which end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from graph.sqlite.faults import told_clearly
from graph.store import Busy

_MOMENTS = (0.001, 0.005, 0.02, 0.05, 0)  # seconds


def lock_file(store: Path, name: str) -> Path:
    """The name may be anything: the file is called by its hash."""
    return store.with_name(f"{store.name}.locks") / sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]


@contextmanager
def hold(store: Path, name: str) -> Iterator[None]:
    """Hold the lock until the block ends; raises `Busy` when someone else, in this process or another, holds it.

    The file is left behind: removing it could let two holders in.
    """
    file = lock_file(store, name)
    with told_clearly(store):
        file.parent.mkdir(exist_ok=True)
    with _held(file, repr(name)):
        yield


@contextmanager
def _held(file: Path, what: str) -> Iterator[None]:
    with told_clearly(file):
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(handle):
            raise Busy(f"{what} is in use by another process. Wait until it has finished.")
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Tried for a moment: who only looks whether a lock is held (`is_held`) has it for that long."""
    for wait in _MOMENTS:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(wait)
    return False


@contextmanager
def nobody_loads(store: Path) -> Iterator[None]:
    """Hold every lock there is until the block ends; raises `Busy` when someone holds one of them."""
    folder = store.with_name(f"{store.name}.locks")
    with ExitStack() as held:
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            held.enter_context(_held(file, "a load's name"))
        yield


def is_held(store: Path, name: str) -> bool:
    """Whether anyone holds the lock now."""
    file = lock_file(store, name)
    if not file.exists():
        return False
    try:
        with hold(store, name):
            return False
    except Busy:
        return True
