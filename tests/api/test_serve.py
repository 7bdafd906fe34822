"""The server as a process: it becomes ready, shares a port among workers, stops gracefully, and waits for its store."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from api.app import create_app
from api.serve import NotListening, listen
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
STILL = 20  # seconds; a worker that does not stop is killed after 28
TOGETHER = 800  # connections, more than one process takes before another is awake; a process may have 1,024 files


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


STOPS = [
    (1, signal.SIGTERM),
    (1, signal.SIGINT),
    *((2, sent) for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)),
]
"""How many processes, and what they are told to stop with."""


@pytest.mark.parametrize(("workers", "sent"), STOPS)
def test_a_server_answers_until_it_is_told_to_stop(company: Store, workers: int, sent: signal.Signals) -> None:
    _, secret = company.keyring.create(frozenset({"match", "load", "admin"}), source="lms")
    headers = {"Authorization": f"Bearer {secret}"}
    row = {"learner": "person:eve", "kind": "work_sample", "skill": "skill:linux", "shown_at": "2024-12-01"}
    with process(company.url, workers) as (url, server, lines):
        eventually(lambda: ready(url))
        for number in range(10):  # each on a connection of its own, so that every worker is asked
            with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
                told = client.post(
                    "/v1/evidence", json=[{**row, "id": "lms:1", "level": number % 2 + 1, "version": number}]
                )
                assert told.json()["written"] == 1, told.text
            for _ in range(4):
                answer = httpx.get(f"{url}{MATCHES}", headers=headers).json()
                (eve,) = [each for each in answer["rows"] if each["person"] == "person:eve"]
                assert max(part["held"] for part in eve["requirements"]) == number % 2 + 1
        text = httpx.get(f"{url}/metrics", headers=headers).text
        assert 'skillgraph_http_requests_total{method="POST",route="/v1/evidence",status="200"} 10.0' in text
        server.send_signal(sent)
        assert server.wait(timeout=STILL) in {0, -sent}
    for line in lines:
        assert "event" in json.loads(line), line
    assert "person:eve" not in "".join(lines)


@pytest.mark.parametrize(("workers", "sent"), STOPS)
def test_an_answer_under_way_is_finished_before_the_server_stops(
    company: Store, workers: int, sent: signal.Signals
) -> None:
    _, secret = company.keyring.create(frozenset({"load"}), source="lms")
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}

    def slowly() -> Iterator[bytes]:
        for number in range(6):
            yield f'{{"id": "lms:{number}", "learner": "person:eve"}}\n'.encode()
            if number == 2:
                server.send_signal(sent)
            time.sleep(0.1)

    with process(company.url, workers) as (url, server, _):
        eventually(lambda: ready(url))
        answer = httpx.post(f"{url}/v1/evidence", content=slowly(), headers=headers, timeout=30)
        assert (answer.status_code, answer.json()["read"]) == (200, 6)
        assert server.wait(timeout=STILL) in {0, -sent}


def said(lines: list[str], words: str) -> bool:
    return any(words in line for line in lines)


def test_no_signal_makes_a_supervisor_fork_others(company: Store) -> None:
    with process(company.url, 2) as (url, server, lines):
        eventually(lambda: ready(url))
        before = workers_of(server)
        for sent in (signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU):
            server.send_signal(sent)
            eventually(partial(said, lines, f"Handling signal: {sent.name[3:].lower()}"))
        time.sleep(1.5)  # it looks after its workers each second
        assert workers_of(server) == before


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
        monkeypatch.setattr("loaders.load.load_rows", locked)
        answer = client.post("/v1/evidence", json=[{"id": "lms:1"}])
    problem(answer, 503)
    assert answer.headers["retry-after"] == "1"
    assert "skillgraph.db" not in answer.text


def workers_of(server: subprocess.Popen[str]) -> set[int]:
    """The processes that a supervisor forked."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii")
    return {int(each) for each in children.split()}


def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(company: Store) -> None:
    with process(company.url, 2) as (url, server, _):
        eventually(lambda: ready(url))
        before = workers_of(server)
        os.kill(min(before), signal.SIGKILL)
        assert eventually(lambda: len(workers_of(server) - {min(before)}) == 2)
        eventually(lambda: ready(url))
        assert max(before) in workers_of(server)


def test_workers_stop_when_their_supervisor_was_killed(company: Store) -> None:
    """Else they would hold the port, and nobody would replace them."""
    with process(company.url, 2) as (url, server, _):
        eventually(lambda: ready(url))
        server.kill()
        eventually(lambda: not answers(url), seconds=30)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).is_success
    except httpx.TransportError:
        return False


def test_workers_are_forked_from_a_process_that_opened_no_store_and_started_no_thread(company: Store) -> None:
    with process(company.url, 2) as (url, server, _):
        eventually(lambda: ready(url))
        files = {os.readlink(each) for each in Path(f"/proc/{server.pid}/fd").iterdir()}
        assert not [each for each in files if "skillgraph.db" in each]
        assert len(list(Path(f"/proc/{server.pid}/task").iterdir())) == 1
        for pid in workers_of(server):
            assert own_memory(pid) < 50, "MB that a worker does not share"


def own_memory(pid: int) -> float:
    """Megabytes that no other process has."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(each) for each in re.findall(r"^Private_\w+: +(\d+) kB$", text, re.MULTILINE)) / 1024


def test_connections_that_come_together_are_shared_out(company: Store) -> None:
    """They wait while both workers are stopped, and whoever goes on first does not take them all."""
    with process(company.url, 2) as (url, server, _), ExitStack() as opened:
        eventually(lambda: ready(url))
        workers = workers_of(server)
        before = {pid: sockets_of(pid) for pid in workers}
        signalled(workers, signal.SIGSTOP)
        for _ in range(TOGETHER):
            opened.enter_context(socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))))
        signalled(workers, signal.SIGCONT)
        # one that was answered before may still have been open when they were counted
        eventually(lambda: sum(map(sockets_of, workers)) > sum(before.values()) + TOGETHER * 0.95)
        assert all(sockets_of(pid) > before[pid] for pid in workers)


def signalled(workers: set[int], sent: signal.Signals) -> None:
    for pid in workers:
        os.kill(pid, sent)


def sockets_of(pid: int) -> int:
    return sum(os.readlink(each).startswith("socket:") for each in Path(f"/proc/{pid}/fd").iterdir())


def test_what_is_imported_before_the_fork_starts_no_thread() -> None:
    """polars would."""
    imports = "import sys, api.app, api.workers; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", imports], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_small_answer_on_a_kept_connection_waits_for_nothing(company: Store, workers: int) -> None:
    """40 ms are what a client may take to acknowledge the first part of an answer.

    Every answer would take them; a busy machine may hold up some, not three in four.
    """
    with process(company.url, workers) as (url, _, _), httpx.Client(base_url=url) as client:
        eventually(lambda: ready(url))
        times = []
        for _ in range(20):
            started = time.monotonic()
            assert client.get("/healthz").status_code == 200
            times.append(time.monotonic() - started)
    assert sorted(times)[5] < 0.035


def test_an_address_that_is_taken_is_named_with_the_fix() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotListening, match=f"port {port}: .*--port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_command_leaves_with_1_where_it_cannot_listen(company: Store, workers: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "cli.main", "--store", company.url, "serve", "--workers", workers]
        ended = subprocess.run([*command, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"Error: 127.0.0.1, port {port}: " in ended.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_that_cannot_be_opened_is_said_once(tmp_path: Path, workers: str) -> None:
    (tmp_path / "skillgraph.db").write_text("not a store", encoding="ascii")
    command = [sys.executable, "-m", "cli.main", "serve", "--store", f"sqlite:{tmp_path / 'skillgraph.db'}"]
    ended = subprocess.run(
        [*command, "--port", "0", "--workers", workers], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("Error: ") == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_ontology_that_cannot_be_read_is_said_in_one_sentence(company: Store, workers: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "serve", "--store", company.url, "--port", "0", "--workers", workers]
    environment = os.environ | {"SKILLGRAPH_ONTOLOGY": str(tmp_path / "nowhere")}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Error: ")
    assert "nowhere" in line
