"""The follower of docs/following.md, killed at any moment while batches are written: nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph.open import open_store
from graph.store import Distant, Store
from tests.api.conftest import Served, serving
from tests.feed.conftest import COMPANY_KEY
from tests.neo4j import fresh_store
from tests.store.writing import gone, put, rows

PAGE = Path(__file__).parents[2] / "docs" / "following.md"
PEOPLE = ("person:ada", "person:ben")
KILLS = {"sqlite": 8, "neo4j": 2}  # every answer of a server takes longer


@pytest.fixture(params=["sqlite", "neo4j"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    return fresh_store() if request.param == "neo4j" else f"sqlite:{tmp_path / 'skillgraph.db'}"


@pytest.fixture
def workers(url: str) -> Iterator[list[Served]]:
    """Two servers of one store that share nothing else, as workers and machines do."""
    with closing(open_store(url)) as one, closing(open_store(url)) as other:
        put(one, rows("Learner", *({"id": id, "label": id} for id in PEOPLE)))
        with serving(one) as first, serving(other) as second:
            yield [first, second]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program as the page has it."""
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "follower.py"
    path.write_text(found, encoding="utf-8")
    return path


def test_a_follower_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    workers: list[Served], program: Path, tmp_path: Path
) -> None:
    store, copy, chance = workers[0].store, tmp_path / "copy.db", random.Random(7)
    secret = workers[0].key(*COMPANY_KEY)
    begun_at(copy, 1)
    with writing(store):
        for turn in range(KILLS[store.url.partition(":")[0]]):
            with following(program, copy, workers[turn % 2], secret) as process:
                until_told(copy, len(batches(copy)) + 2, process)
                time.sleep(chance.random() * 0.05)
                os.kill(process.pid, signal.SIGKILL)
    there = PEOPLE if isinstance(store, Distant) else PEOPLE[:1]  # an erasure there takes seconds
    for id in set(PEOPLE).difference(there):
        store.erase(id)
    with following(program, copy, workers[0], secret) as process:
        until_told(copy, store.number() - 1, process)
    assert batches(copy) == list(range(2, store.number() + 1))
    with workers[0].client(secret) as client:
        assert {id: stated(said) for id, said in nodes(copy).items()} == everything(client, store)
    assert {id for id in nodes(copy) if id in PEOPLE} == set(there)


def begun_at(copy: Path, number: int) -> None:
    """The copy as it is when it was begun with an export: of the seed, which is empty of what is written here."""
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("CREATE TABLE position (only INTEGER PRIMARY KEY, at TEXT NOT NULL)")
        db.execute("INSERT INTO position VALUES (1, ?)", (str(number),))


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """Skills come, change, are joined and go, in batch after batch, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=write, args=(store, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def write(store: Store, over: threading.Event) -> None:
    for turn in range(1, 10_000):
        ids = [f"skill:new-{(turn * 7 + each) % 40}" for each in range(3)]
        said = ({"id": id, "label": f"{id} in turn {turn}"} for id in ids)
        put(store, rows("Skill", *said, version=turn), source="feed")
        put(store, rows("RELATED", {"from": ids[0], "to": ids[1]}, version=turn), source="feed")
        if turn % 5 == 0:
            put(store, gone("Skill", {"id": ids[2]}, version=turn + 1), source="feed")
        if over.wait(0.1):
            return


@contextmanager
def following(program: Path, copy: Path, worker: Served, secret: str) -> Iterator[subprocess.Popen[str]]:
    """The program at work."""
    environment = {**os.environ, "SKILLGRAPH_URL": worker.url, "SKILLGRAPH_KEY": secret}
    command = [sys.executable, str(program), str(copy)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until_told(copy: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until the program has taken so many batches."""
    end = time.monotonic() + 20
    while len(batches(copy)) < count:
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.005)


def read(copy: Path, query: str) -> list[Any]:
    """Nothing before the program has made its tables."""
    with closing(sqlite3.connect(copy, timeout=10)) as db, suppress(sqlite3.OperationalError):
        return db.execute(query).fetchall()
    return []


def batches(copy: Path) -> list[int]:
    return [number for (number,) in read(copy, "SELECT number FROM batch ORDER BY number")]


def nodes(copy: Path) -> dict[str, dict[str, Any]]:
    return {id: json.loads(said) for id, said in read(copy, "SELECT id, said FROM node")}


def everything(client: httpx.Client, store: Store) -> dict[str, Any]:
    """What the store says of every node that was written here."""
    ids = [
        id for kind in ("Learner", "Skill") for part in store.scan(kind, ["id"]) for id in part.arrays["id"].tolist()
    ]
    found = {id: client.get(f"/v1/nodes/{id}") for id in ids}
    return {id: stated(answer.json()) for id, answer in found.items() if answer.status_code == 200}


def stated(node: dict[str, Any]) -> Any:
    """What is stated of a node and of its edges."""
    edges = sorted((edge["type"], edge["from"], edge["to"], str(edge["properties"])) for edge in node["edges"])
    return node["type"], node["properties"], edges
