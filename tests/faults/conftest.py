"""A real Neo4j that tests may stop, kill and cut off, and the proxy before it.

It is this process's own server, even when the other tests use a running one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Neo4j
from tests.neo4j import emptied, need_neo4j, own_server
from tests.proxy import HOST, Proxy, proxied

SECRET = "a secret of the tests, thirty-two bytes long or longer"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    monkeypatch.setenv("SKILLGRAPH_SECRET", SECRET)  # of the store, by whatever way it is reached


def running() -> Neo4j:
    """The server, which a test may leave as it likes."""
    need_neo4j()
    server = own_server()
    if server.pid is None:
        server.start()
    return server


@pytest.fixture
def server() -> Neo4j:
    """Running and empty."""
    server = running()
    emptied(server.url)
    return server


@pytest.fixture
def proxy(server: Neo4j) -> Iterator[Proxy]:
    """The way to the server that a test can disturb."""
    with proxied(server.port) as proxy:
        yield proxy


@pytest.fixture
def url(proxy: Proxy) -> str:
    """The address of the empty database, through the proxy."""
    return f"neo4j://{HOST}:{proxy.port}"
