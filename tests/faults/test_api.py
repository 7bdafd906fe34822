"""What the API tells while its store is away: it lives, is not ready, refuses at once, and is back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.logs import Lines
from tests.faults.conftest import SECRET, running
from tests.faults.served import BACK_SECONDS, QUESTION, answers, ready, serving, tiny_company, until
from tests.neo4j import emptied
from tests.proxy import Proxy, proxied

NOT_READY_SECONDS = 5.0
REFUSED_SECONDS = 2.0
WHILE_AWAY = ("/v1/nodes/skill:linux", QUESTION, "/v1/search?q=linux", "/v1/changes?since=0")


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lines, "info", lambda _, __: None)


@pytest.fixture(scope="module")
def loaded() -> tuple[int, str]:
    """The port of a server with the tiny company, and a key to it. Nothing here writes to it."""
    server = running()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLGRAPH_SECRET", SECRET)
        store, made = tiny_company(emptied(server.url))
        store.close()
    return server.port, made


@pytest.fixture
def proxy(loaded: tuple[int, str]) -> Iterator[Proxy]:
    with proxied(loaded[0]) as proxy:
        yield proxy


@pytest.fixture
def secret(loaded: tuple[int, str]) -> str:
    return loaded[1]


def in_time(client: httpx.Client, path: str) -> None:
    """The request is answered, or refused, in time."""
    started = time.monotonic()
    answer = client.get(path)
    assert answer.status_code in (200, 503), (path, answer.text)
    assert time.monotonic() - started < REFUSED_SECONDS, path


def refused(client: httpx.Client, path: str) -> None:
    """The request is refused in time, with the word when to come again."""
    started = time.monotonic()
    answer = client.get(path)
    assert answer.status_code == 503, (path, answer.text)
    assert time.monotonic() - started < REFUSED_SECONDS, path
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["content-type"] == "application/problem+json"


def alive(client: httpx.Client) -> None:
    started = time.monotonic()
    assert client.get("/healthz").status_code == 200
    assert time.monotonic() - started < 1


def away(proxy: Proxy) -> None:
    proxy.away()


def silent(proxy: Proxy) -> None:
    proxy.faults.silent = True


def slow(proxy: Proxy) -> None:
    proxy.faults.delay = 5.0


def thin(proxy: Proxy) -> None:
    proxy.faults.rate = 1_000


@pytest.mark.parametrize("fault", [away, silent, slow, thin])
def test_a_store_that_goes_away_is_told_at_once_and_taken_back_when_it_is_back(
    url: str, secret: str, proxy: Proxy, fault: Callable[[Proxy], None]
) -> None:
    with serving(url, secret) as client, ThreadPoolExecutor(len(WHILE_AWAY)) as threads:
        until(30, lambda: ready(client) and answers(client))
        fault(proxy)
        list(threads.map(lambda path: in_time(client, path), WHILE_AWAY))  # asked before anybody could know
        until(NOT_READY_SECONDS - REFUSED_SECONDS, lambda: not ready(client))
        for path in WHILE_AWAY:
            refused(client, path)
        alive(client)
        proxy.mend()
        until(BACK_SECONDS, lambda: ready(client) and answers(client))


@pytest.mark.parametrize("fault", [away, silent])
def test_an_api_that_starts_without_its_store_waits_for_it(
    url: str, secret: str, proxy: Proxy, fault: Callable[[Proxy], None]
) -> None:
    fault(proxy)
    with serving(url, secret) as client:
        alive(client)
        assert not ready(client)
        for path in WHILE_AWAY:
            refused(client, path)
        proxy.mend()
        until(BACK_SECONDS, lambda: ready(client) and answers(client))
