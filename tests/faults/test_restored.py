"""A backup takes the place of the data while processes live that have seen more: they go on with what is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import httpx
import pytest

from api.logs import Lines
from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from local.server import Neo4j
from tests.faults.served import BACK_SECONDS, answers, ready, serving, tiny_company, until
from tests.proxy import Proxy
from tests.store.writing import one, put, rows

SOON = 10.0  # seconds; a server that just started is slow, but who waits for what it has lost waits for 25


def back_up(server: Neo4j, folder: Path) -> None:
    server.stop()
    copytree(server.home / "data", folder)
    server.start()


def restore(server: Neo4j, folder: Path) -> None:
    server.stop()
    rmtree(server.home / "data")
    copytree(folder, server.home / "data")
    server.start()


def show(store: Store, skill: str) -> None:
    """Ada shows a skill that she has not shown before."""
    stated = {"learner": "person:ada", "kind": "interview", "level": 2_000_000, "shown_at": 1_700_000_000}
    put(store, rows("Evidence", {"id": "evidence:late", "skill": skill, **stated}))


def skills(client: httpx.Client) -> tuple[int, int]:
    """The change number of an answer from the index, and how many skills Ada has in it; nothing when it is refused."""
    told = client.get("/v1/person-skills?person=person:ada&as_of=2025-01-01")
    return (told.json()["version"], told.json()["total"]) if told.status_code == 200 else (0, 0)


def label(store: Store) -> object:
    return one(store, "skill:a").properties["label"]


def number(store: Store) -> int:
    return store.number()


def idle(store: Store) -> int:
    """Its connections have been quiet for so long that the driver replaces them by itself."""
    return store.number()


def hold(store: Store) -> int:
    with store.hold("a load"):
        return store.number()


def still(store: Store) -> int:
    with store.still() as number:
        return number


def write(store: Store) -> int:
    """Of what is there already."""
    assert put(store, rows("Skill", {"id": "skill:a", "label": "A"})).number is None
    return store.number()


FIRST: tuple[Callable[[Store], int], ...] = (idle, number, hold, still, write)
"""What different processes do first when the server is back."""


def test_a_living_store_goes_on_with_what_was_put_back(
    server: Neo4j, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(server.url)
    put(store, rows("Skill", {"id": "skill:a", "label": "A"}))
    then = store.number()
    back_up(server, tmp_path / "backup")

    others = {first: open_store(server.url) for first in FIRST}
    monkeypatch.setenv("SKILLGRAPH_NEO4J_IDLE_SECONDS", "0.1")
    others[idle] = open_store(server.url)
    monkeypatch.delenv("SKILLGRAPH_NEO4J_IDLE_SECONDS")
    keeper = IndexKeeper(others[number], Settings())
    put(store, rows("Skill", {"id": "skill:a", "label": "Late"}, {"id": "skill:b", "label": "B"}, version=2))
    for _ in range(3):  # remembered
        assert label(store) == label(others[number]) == "Late"
    assert keeper.current().number == then + 1
    for other in others.values():
        hold(other)

    restore(server, tmp_path / "backup")
    for first, other in others.items():
        started = time.monotonic()
        assert first(other) == then
        assert time.monotonic() - started < SOON, first.__name__
    assert label(others[number]) == "A"
    assert others[number].many(["skill:b"], OPERATOR) == {}
    assert keeper.current().number == then

    started = time.monotonic()
    assert put(others[still], rows("Skill", {"id": "skill:c", "label": "C"})).number == then + 1
    assert time.monotonic() - started < SOON
    assert label(store) == "A", "it comes last, and finds as many changes as it knew"
    assert store.many(["skill:b"], OPERATOR) == {}
    assert put(store, rows("Skill", {"id": "skill:d", "label": "D"})).number == then + 2
    for each in (store, *others.values()):
        each.close()


def test_an_api_answers_from_what_was_put_back(
    server: Neo4j, url: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lines, "info", lambda _, __: None)
    store, secret = tiny_company(server.url)
    then = store.number()
    back_up(server, tmp_path / "backup")
    with serving(url, secret) as client:
        until(60, lambda: ready(client) and answers(client))
        before = skills(client)
        show(store, "skill:shell")
        until(30, lambda: skills(client) == (then + 1, before[1] + 1))
        restore(server, tmp_path / "backup")
        until(BACK_SECONDS, lambda: ready(client) and answers(client))
        assert skills(client) == before

        show(store, "skill:shell")
        until(30, lambda: skills(client) == (then + 1, before[1] + 1))
        proxy.away()
        until(BACK_SECONDS, lambda: not ready(client))
        restore(server, tmp_path / "backup")
        put(store, rows("Skill", {"id": "skill:new", "label": "New"}))  # another change of the same number
        proxy.mend()
        until(BACK_SECONDS, lambda: ready(client) and answers(client))
        until(30, lambda: skills(client) == (then + 1, before[1]))  # the index is made anew
    store.close()
