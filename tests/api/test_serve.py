"""The server as a process: it becomes ready, shares a port among workers, stops gracefully, and waits for its store."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from api.app import create_app
from api.serve import HANDED, worker
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.api.conftest import DAY, problem, running, serving

ROOT = Path(__file__).parents[2]
START = """
import sys
from api.serve import serve
from graph.settings import Settings
serve(sys.argv[1], Settings(), port=0, workers=int(sys.argv[2]))
"""
Found = TypeVar("Found")
MATCHES = f"/v1/role-matches?role=role:cloud-engineer&as_of={DAY}"


@contextmanager
def process(url: str, workers: int) -> Iterator[tuple[str, subprocess.Popen[str], list[str]]]:
    """A server process: its address, the process, and its lines so far."""
    command = [sys.executable, "-c", START, url, str(workers)]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    lines: list[str] = []
    assert server.stderr is not None
    reader = threading.Thread(target=lambda: lines.extend(server.stderr or []))
    reader.start()
    try:
        yield _address(lines, server), server, lines
    finally:
        server.terminate()  # not killed: its workers would be left behind
        server.wait(timeout=60)
        reader.join(timeout=30)
        server.stderr.close()


def _address(lines: list[str], server: subprocess.Popen[str]) -> str:
    def address() -> str | None:
        found = [match[0] for line in lines if (match := re.search(r"http://127\.0\.0\.1:\d+", line))]
        assert server.poll() is None, lines
        return found[0] if found else None

    return eventually(address)


def eventually(look: Callable[[], Found | None], seconds: float = 60) -> Found:
    """What a look finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {seconds} seconds")


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_answers_until_it_is_told_to_stop(company: Store, workers: int) -> None:
    _, secret = company.keyring.create(frozenset({"match", "load", "admin"}), source="lms")
    headers = {"Authorization": f"Bearer {secret}"}
    row = {"learner": "person:eve", "kind": "work_sample", "skill": "skill:linux", "shown_at": "2024-12-01"}
    with process(company.url, workers) as (url, server, lines):
        eventually(lambda: ready(url))
        for number in range(10):  # each on a connection of its own, so that every worker is asked
            with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
                sent = client.post(
                    "/v1/evidence", json=[{**row, "id": "lms:1", "level": number % 2 + 1, "version": number}]
                )
                assert sent.json()["written"] == 1, sent.text
            for _ in range(4):
                answer = httpx.get(f"{url}{MATCHES}", headers=headers).json()
                (eve,) = [each for each in answer["rows"] if each["person"] == "person:eve"]
                assert max(part["held"] for part in eve["requirements"]) == number % 2 + 1
        text = httpx.get(f"{url}/metrics", headers=headers).text
        assert 'skillgraph_http_requests_total{method="POST",route="/v1/evidence",status="200"} 10.0' in text
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) in {0, -signal.SIGTERM}
    for line in lines:
        assert "event" in json.loads(line), line
    assert "person:eve" not in "".join(lines)


def test_an_answer_under_way_is_finished_before_the_server_stops(company: Store) -> None:
    _, secret = company.keyring.create(frozenset({"load"}), source="lms")
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}

    def slowly() -> Iterator[bytes]:
        for number in range(6):
            yield f'{{"id": "lms:{number}", "learner": "person:eve"}}\n'.encode()
            if number == 2:
                server.send_signal(signal.SIGTERM)
            time.sleep(0.1)

    with process(company.url, 1) as (url, server, _):
        eventually(lambda: ready(url))
        answer = httpx.post(f"{url}/v1/evidence", content=slowly(), headers=headers, timeout=30)
        assert (answer.status_code, answer.json()["read"]) == (200, 6)
        assert server.wait(timeout=30) in {0, -signal.SIGTERM}


def test_while_the_store_is_away_the_process_lives_and_callers_come_again(tmp_path: Path) -> None:
    """The store's folder appears only later: nothing has to be started anew."""
    url = f"sqlite:{tmp_path / 'later' / 'skillgraph.db'}"
    with running(create_app(url)) as base:
        assert httpx.get(f"{base}/healthz").status_code == 200
        for path in ("/readyz", MATCHES, "/metrics"):
            answer = httpx.get(f"{base}{path}", headers={"Authorization": "Bearer sg_x_y"})
            problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
            assert "later" not in answer.text
        (tmp_path / "later").mkdir()
        eventually(lambda: ready(base), seconds=10)
        assert httpx.get(f"{base}{MATCHES}", headers={"Authorization": "Bearer sg_x_y"}).status_code == 401


def test_a_locked_store_is_503_and_not_an_error(company: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from graph.errors import StoreLocked

    def locked(*_: object, **__: object) -> None:
        raise StoreLocked("skillgraph.db", "another process is writing", "Wait until it has finished.")

    with serving(company) as served, served.client() as client:
        monkeypatch.setattr("api.evidence.load_rows", locked)
        answer = client.post("/v1/evidence", json=[{"id": "lms:1"}])
    problem(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert "skillgraph.db" not in answer.text


def test_a_worker_gets_the_settings_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:{tmp_path / 'skillgraph.db'}"
    open_store(url).close()
    given = Settings(store=url, language="de", source_order=("hr", "lms"), unique_identities=())
    seen: dict[str, str] = {}
    monkeypatch.setattr("api.serve._run", lambda app, **_: seen.update(app=app, handed=os.environ[HANDED]))
    from api.serve import serve

    serve(url, given, workers=2)
    assert HANDED not in os.environ
    monkeypatch.setenv(HANDED, seen["handed"])
    assert worker().state.service.settings == given
