"""The tiny company behind a real server, and what a client hears of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from graph.store import Store
from tests.api.conftest import Served, logged, serving

__all__ = ["logged"]
EVENTS = {"Accept": "text/event-stream"}
COMPANY_KEY = ("graph", "match", "people")


@dataclass
class Event:
    """One event as a client for server-sent events hears it; a comment has nothing but its text."""

    name: str = ""
    id: str = ""
    comment: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Stream:
    """The events of a response, one after the other."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def __iter__(self) -> Iterator[Event]:
        told: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                told[name] = value
            elif told:
                yield Event(
                    told.get("event", ""), told.get("id", ""), told.get("", ""), json.loads(told.get("data", "{}"))
                )
                told = {}

    def next(self) -> Event:
        """The next event or comment."""
        return next(iter(self))

    def until(self, name: str) -> list[Event]:
        """Events up to the first of that name."""
        heard = []
        for event in self:
            heard.append(event)
            if event.name == name:
                break
        return heard


@contextmanager
def listening(client: httpx.Client, query: str = "", **headers: str) -> Iterator[Stream]:
    """The stream of a client."""
    with client.stream("GET", f"/v1/changes{query}", headers=EVENTS | headers) as response:
        assert response.status_code == 200, response.read()
        yield Stream(response)


@pytest.fixture
def served(company: Store) -> Iterator[Served]:
    """A served tiny company of the test's own, to write to."""
    with serving(company) as made:
        yield made


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    """A client that sees all but protected attributes."""
    with served.client(served.key(*COMPANY_KEY)) as made:
        yield made
