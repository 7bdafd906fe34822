"""A real Neo4j for the tests of this process, started when the first asks for it, and empty stores in it.

SKILLGRAPH_TEST_NEO4J=URL uses a running server instead, one address for each process of pytest, with commas between.
Its database is emptied!
"""

from __future__ import annotations

import atexit
import os
from functools import cache

import pytest
from neo4j import Driver, GraphDatabase

from graph.neo4j.address import parse_address
from local.jars import lacking
from local.server import Neo4j

GIVEN = "SKILLGRAPH_TEST_NEO4J"
_FOREIGN = "type <> 'LOOKUP' AND NOT name STARTS WITH 'skillgraph_'"


def fresh_store() -> str:
    """The address of a database without a node. The store before is gone with it, but for the constraints and indexes
    that a store makes: they take seconds."""
    return emptied(server())


def emptied(url: str) -> str:
    """The same address, after everything there was removed but Skillgraph's own constraints and indexes."""
    with driver(url) as opened:
        _empty(opened)
    return url


def need_neo4j() -> None:
    """Skip the test, or fail it with REQUIRE_NEO4J=1, on a machine that cannot run Neo4j."""
    lack = None if os.environ.get(GIVEN) else lacking()
    if lack and os.environ.get("REQUIRE_NEO4J") == "1":
        pytest.fail(lack)
    if lack:
        pytest.skip(lack)


@cache
def server() -> str:
    """The address of this process's server, started now if it is the first time."""
    need_neo4j()
    given = os.environ.get(GIVEN)
    return _given(given.split(",")) if given else own_server().url


@cache
def own_server() -> Neo4j:
    """The server that ends with this process."""
    started = Neo4j()
    atexit.register(started.close)
    started.start()
    return started


def _given(addresses: list[str]) -> str:
    """The address for this process: two that emptied one database would tell nothing true."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if number >= len(addresses):
        pytest.fail(f"{GIVEN} names {len(addresses)} server(s): one for each process is needed, with commas between")
    return addresses[number].strip()


def driver(url: str) -> Driver:
    """A way around Skillgraph, to look at the database and to disturb it."""
    scheme, _, rest = url.partition(":")
    address = parse_address(scheme, rest)
    auth = (address.user, address.password) if address.user else None
    return GraphDatabase.driver(address.url, auth=auth, notifications_min_severity="OFF", telemetry_disabled=True)


def _empty(driver: Driver) -> None:
    with driver.session() as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
        for kind in ("CONSTRAINT", "INDEX"):  # in this order: a constraint's index goes with it
            found = session.run(f"SHOW {kind} YIELD name, type WHERE {_FOREIGN} RETURN name")
            for name in found.value():
                session.run(f"DROP {kind} `{name}`").consume()
