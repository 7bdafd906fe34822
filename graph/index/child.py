"""Processes of our own: each ends with the one that started it, and speaks with it over a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

_SECONDS = 5  # to end by itself once nobody listens
_START = """import sys
sys.path[:] = sys.argv[3:]
from graph.index.child import main
main(sys.argv[1], int(sys.argv[2]))
"""
"""The same code as here, wherever this process has it from."""


def cores() -> int:
    """How many processes of ours can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ChildFailed(RuntimeError):
    """A process of ours ended before it had answered; what went wrong it has said on the error stream."""


class Child:
    """A process that answers what it is told."""

    def __init__(self, function: str, process: subprocess.Popen[bytes], pipe: Connection) -> None:
        self._function, self._process, self._pipe = function, process, pipe

    def tell(self, message: object) -> None:
        """Send it something; raises `ChildFailed`."""
        try:
            self._pipe.send(message)
        except OSError as error:
            raise self._failed() from error

    def hear(self) -> Any:
        """What it sends next; raises `ChildFailed`."""
        try:
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._failed() from error

    def end(self) -> None:
        """Close the pipe, which ends it."""
        self._pipe.close()
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _failed(self) -> ChildFailed:
        return ChildFailed(f"process {self._process.pid}, which runs {self._function}, has ended")


@contextmanager
def child(function: str) -> Iterator[Child]:
    """A process that runs `module:function`, until the block ends."""
    ours, theirs = Pipe()
    with ours, theirs:
        handle = theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", _START, function, str(handle), *sys.path],
            pass_fds=(handle,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is ours to handle
        )
        theirs.close()
        started = Child(function, process, ours)
        try:
            yield started
        finally:
            started.end()


def end_with_parent(pipe: Connection) -> None:
    """End this process at once when the other end is closed; from now on nothing may be sent to this one."""

    def wait() -> None:
        pipe.poll(None)
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def main(function: str, handle: int) -> None:
    """Run `module:function` with our end of the pipe."""
    module, _, name = function.partition(":")
    run: Callable[[Connection], None] = getattr(import_module(module), name)
    with Connection(handle) as pipe:
        run(pipe)
