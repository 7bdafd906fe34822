"""`skillgraph serve` as a process of its own, with a key, and what its processes take of memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from benchmarks.measure import ROOT, free_port, skillgraph

_PATIENCE = 300.0  # seconds: the index may have to be built first


@dataclass(frozen=True, slots=True)
class Served:
    """A running server; `pid` is the process that was started."""

    port: int
    key: str
    pid: int

    def processes(self) -> Sequence[int]:
        """Every process of it that answers: those that hold its port open and started no others."""
        return [pid for pid in family(self.pid) if not _children(pid)] or [self.pid]


@contextmanager
def served(
    store: Path, workers: int = 1, scopes: Sequence[str] = ("match",), source: str | None = None
) -> Iterator[Served]:
    """A server that is ready, and ends with the block."""
    named = ["--source", source] if source else []
    told = skillgraph(store, "keys", "create", *(f"--scope={scope}" for scope in scopes), *named, "--json").output
    key = orjson.loads(told[told.index("{") : told.rindex("}") + 1])["key"]
    port = free_port()
    command = [sys.executable, "-m", "cli.main", "serve", "--port", str(port), "--workers", str(workers)]
    environment = os.environ | {"SKILLGRAPH_STORE": f"sqlite:{store}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_until_ready(server, port)
            yield Served(port, key, server.pid)
        finally:
            server.terminate()


def memory(pid: int) -> Mapping[str, float]:
    """MB of a process: `own` is what it shares with nobody, `resident` everything, mapped pages included; in `share`
    what several have counts once for all of them together."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    sizes = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE)}
    own = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return {"own": own, "resident": sizes["Rss"], "share": sizes["Pss"]}


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"`skillgraph serve` ended with {server.returncode} before it was ready")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.1)
    raise TimeoutError(f"the server did not become ready within {_PATIENCE:.0f} s")


def family(pid: int) -> list[int]:
    """The process and all that it started, and these, and so on."""
    return [pid, *(each for child in _children(pid) for each in family(child))]


def _children(pid: int) -> list[int]:
    """Processes that it started, but not Python's own helper for shared memory."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if b"resource_tracker" not in _command(int(child))]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
