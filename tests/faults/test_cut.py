"""Cutting connections, which reaches behind the driver's API: this tells when a driver keeps its sockets elsewhere."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from neo4j import Driver

from graph.neo4j.cut import cut
from graph.neo4j.faults import LOST
from tests.neo4j import driver
from tests.proxy import Proxy


def ask(driver: Driver) -> list[int]:
    with driver.session() as session:
        found: list[int] = session.run("RETURN 1").value()
    return found


def test_whoever_waits_is_told_that_the_connection_broke(url: str, proxy: Proxy) -> None:
    with driver(url) as opened, ThreadPoolExecutor(1) as threads:
        assert ask(opened) == [1]
        proxy.faults.silent = True
        waiting = threads.submit(ask, opened)
        time.sleep(0.5)
        assert not waiting.done()
        cut(opened)
        with pytest.raises(LOST):
            waiting.result(5)
        proxy.mend()
        assert ask(opened) == [1], "the driver is none the worse for it"
