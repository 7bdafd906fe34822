"""kill -9 of the loader and of Neo4j: what was acknowledged stays, and the same load goes on to the same digest.
A fixed-seed tenth of the promise; `make bench` does all of it."""

from __future__ import annotations

from pathlib import Path

from local.server import Neo4j
from tests.faults.kills import kill_loads, kill_server

LOADERS, SERVERS = 20, 3


def test_a_killed_load_goes_on_and_reaches_the_golden_digest(server: Neo4j, tmp_path: Path) -> None:
    found = kill_loads(server, tmp_path, LOADERS)
    assert found.kills == LOADERS
    assert found.digests == {found.golden}


def test_a_load_outlives_the_server_that_is_killed_under_it(server: Neo4j, tmp_path: Path) -> None:
    found = kill_server(server, tmp_path, SERVERS)
    assert found.kills == SERVERS
    assert found.digests == {found.golden}
