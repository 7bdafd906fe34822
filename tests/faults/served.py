"""An API over a store that is disturbed, and what it says meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from api.app import create_app
from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.api import conftest as api
from tests.conftest import COMPANY

BACK_SECONDS = 10.0
QUESTION = f"/v1/role-matches?role=role:cloud-engineer&as_of={api.DAY}"


def tiny_company(url: str) -> tuple[Store, str]:
    """A store with the tiny company, made at the address, and a key to it."""
    store = open_store(url)
    record = load(store, LoadRequest(source="tables", paths=(COMPANY,)))
    assert (record.rejected, record.waiting) == (0, 0)
    return store, store.keyring.create(api.ALL, None, None)[1]


@contextmanager
def serving(url: str, secret: str) -> Iterator[httpx.Client]:
    """A client of the API over the store at the address."""
    with api.running(create_app(url)) as base:
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
            yield client


def until(seconds: float, holds: Callable[[], bool]) -> float:
    """The seconds it took; raises `AssertionError` when it took longer than so many."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - started


def ready(client: httpx.Client) -> bool:
    return client.get("/readyz").status_code == 200


def answers(client: httpx.Client) -> bool:
    return client.get(QUESTION).status_code == 200
