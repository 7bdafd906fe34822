"""Commands measured from outside: wall seconds and peak memory of a whole process."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: `memory` is its peak resident set in MB."""

    seconds: float
    memory: float
    output: str


def process(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command of this interpreter's environment; raises `CalledProcessError` with its stderr when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, arguments, output)
    return Run(time.perf_counter() - started, usage.ru_maxrss / 1024, output)


def skillgraph(store: Path, *arguments: str) -> Run:
    """The command on a store."""
    return process([sys.executable, "-m", "cli.main", *arguments], {"SKILLGRAPH_STORE": f"sqlite:{store}"})


def median_of(call: Callable[[], object], times: int, warm_up: int = 3) -> tuple[float, float]:
    """Median and 99th percentile of a call, in milliseconds."""
    for _ in range(warm_up):
        call()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    return statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.99))]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return int(some.getsockname()[1])
