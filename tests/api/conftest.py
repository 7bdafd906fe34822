"""The tiny company served on loopback by the real server, and keys of every sort."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.logs import Lines
from api.serve import SERVER, log_as_json
from api.service import Limits, Service
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY

ALL = frozenset({"match", "graph", "people", "load", "audit", "admin", "publish"})
LIMITS = Limits(body=1 << 20, upload=8 << 20, unpacked=32 << 20, members=50, queued_loads=2)
DAY = "2025-01-01"


@dataclass
class Served:
    """A served store and a way to ask it."""

    app: FastAPI
    store: Store
    url: str
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    def key(self, *scopes: str, units: frozenset[str] | None = None, source: str | None = None) -> str:
        """The secret of a new key."""
        return self.store.keyring.create(frozenset(scopes), units, source)[1]

    def client(self, secret: str | None = None) -> httpx.Client:
        """A client that sends the key; without one, that of every scope."""
        chosen = self.secrets["all"] if secret is None else secret
        headers = {"Authorization": f"Bearer {chosen}"} if chosen else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@contextmanager
def serving(store: Store, settings: Settings | None = None, limits: Limits = LIMITS) -> Iterator[Served]:
    """The store behind a real server on a free port of loopback."""
    app = create_app(store, settings or Settings(), limits)
    with running(app) as url:
        served = Served(app, store, url)
        served.secrets["all"] = served.key(*ALL, source="lms")
        yield served


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of an app behind a real server."""
    config = uvicorn.Config(app, **SERVER, port=0)
    log_as_json()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{_port(server)}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def _port(server: uvicorn.Server) -> int:
    for _ in range(500):
        if server.started and server.servers:
            port: int = server.servers[0].sockets[0].getsockname()[1]
            return port
        time.sleep(0.01)
    raise RuntimeError("the server did not start")


@pytest.fixture(scope="package", autouse=True)
def logged() -> Iterator[list[str]]:
    """The lines that were logged, kept here instead of on stderr."""
    kept: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lines, "info", lambda _, line: kept.append(line))
        yield kept


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served tiny company for all tests that only read."""
    store = open_store(f"sqlite:{tmp_path_factory.mktemp('served') / 'skillgraph.db'}")
    record = load(store, LoadRequest(source="tables", paths=(COMPANY,)))
    assert (record.rejected, record.waiting) == (0, 0)
    with serving(store) as served:
        yield served
    store.close()


@pytest.fixture
def client(shared: Served) -> Iterator[httpx.Client]:
    """A client of the shared company with every scope."""
    with shared.client() as made:
        yield made


@pytest.fixture
def served(company: Store) -> Iterator[Served]:
    """A served tiny company of the test's own, to write to."""
    with serving(company) as made:
        yield made


@pytest.fixture
def writer(served: Served) -> Iterator[httpx.Client]:
    """A client of the test's own company with every scope; it states as `lms`."""
    with served.client() as made:
        yield made


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of a response, checked to be whole."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"].startswith("https://w3id.org/skillgraph/problem#")
    assert body["title"]
    assert body["detail"]
    return body


def folder_of(store: Store) -> Path:
    """The folder a store's file lies in."""
    return Path(store.url.removeprefix("sqlite:")).parent
