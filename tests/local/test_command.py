"""`python -m local.neo4j`: it refuses what it cannot do in a sentence, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.server import HOST, Neo4j, answers
from tests.neo4j import need_neo4j

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "local.neo4j"]
GONE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _can_run() -> None:
    need_neo4j()


def test_a_taken_port_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        command = [*COMMAND, "--port", str(port), "--home", str(tmp_path / "home")]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert f"port {port} cannot be used" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_it(tmp_path: Path, end: signal.Signals) -> None:
    """A kill leaves it no time to clean up: its guard does."""
    port = Neo4j(home=tmp_path / "unused").port
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [*COMMAND, "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"neo4j://{HOST}:{port}\n"
        assert answers(port)
        process.send_signal(end)
        assert process.wait(GONE_SECONDS) == (-signal.SIGKILL if end == signal.SIGKILL else 0)
    until = time.monotonic() + GONE_SECONDS
    while answers(port) or list(tmp_path.glob("neo4j-*")):
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.1)
