"""A service's threads take over what is written, and give the index a new base, behind the answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from api import compacting
from api.logs import Lines
from api.service import Service, started
from graph.index.following import Follower
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.index.conftest import Say, evidence


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is logged."""
    kept: list[str] = []
    monkeypatch.setattr(Lines, "info", lambda _, line: kept.append(line))
    return kept


@pytest.fixture
def services(academy: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Service, Service]]:
    """Two of one store, each with its own connections, as two processes have them."""
    monkeypatch.setattr(compacting, "LOOK_SECONDS", 0.02)
    opened = [open_store(academy.url) for _ in range(2)]
    one, other = (Service(store, Settings()) for store in opened)
    with ExitStack() as running:
        for service in (one, other):
            running.enter_context(started(service))
        until(lambda: None not in (one.index_number, other.index_number))
        yield one, other
    for store in opened:
        store.close()


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for it; fails when it does not come to hold."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_written_is_taken_over_before_anybody_asks(say: Say, services: tuple[Service, Service]) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    for service in services:
        until(lambda service=service: service.index_number == service.number())  # type: ignore[misc]
        assert len(service.index().postings(["skill:talk"])) == 1
        assert service.keeper.last == "none"


def test_every_service_changes_over_to_the_base_that_one_of_them_built(
    say: Say, services: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Follower, "outgrown", property(lambda self: bool(self.snapshot.layers["skills"].runs)))
    for number in range(20):
        say(Evidence=[evidence(str(number), "interview", skill="skill:talk", level="2")])
        for service in services:
            assert len(service.index().postings(["skill:talk"])) == number + 1
    for service in services:
        until(lambda service=service: service.index().snapshot.layers["skills"].runs == ())  # type: ignore[misc]
        assert service.keeper.counters.adopted >= 1
        assert len(service.index().postings(["skill:talk"])) == 20


def test_a_base_that_can_not_be_saved_is_told_and_answers_go_on(
    say: Say, services: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("graph.index.builder.save", full)
    monkeypatch.setattr(Follower, "outgrown", True)
    until(lambda: any(json.loads(line)["event"] == "not-compacted" for line in lines))
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    for service in services:
        assert len(service.index().postings(["skill:talk"])) == 1
