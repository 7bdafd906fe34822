"""A Neo4j store whose way to the server is watched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from graph.neo4j.engine import Neo4jStore
from graph.neo4j.link import Link
from graph.neo4j.server import Rows, Server
from graph.open import open_store
from tests.neo4j import fresh_store


@pytest.fixture
def neo4j_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Neo4jStore]:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    opened = open_store(fresh_store())
    assert isinstance(opened, Neo4jStore)
    yield opened
    opened.close()


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that are read from the server, as they go there."""
    went, read = list[str](), Server.read

    def counted(self: Server, query: str, /, **parameters: Any) -> Rows:
        went.append(query)
        return read(self, query, **parameters)

    monkeypatch.setattr(Server, "read", counted)
    return went


@pytest.fixture
def accesses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each session asks for: a server that reads, or the one that writes."""
    asked, session = list[str](), Link.session

    @contextmanager
    def noted(self: Link, access: str) -> Iterator[Any]:
        asked.append(access)
        with session(self, access) as opened:
            yield opened

    monkeypatch.setattr(Link, "session", noted)
    return asked
