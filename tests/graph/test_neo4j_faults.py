"""What servers say that no test can run: of the Enterprise edition, of a cluster, of another age."""

from __future__ import annotations

import pytest
from neo4j.exceptions import Neo4jError

from graph.errors import AccessRefused, NotWritable, StoreError, StoreUnreachable, WrongServer
from graph.neo4j.address import parse_address
from graph.neo4j.faults import as_store_error, too_old, worth_trying

ADDRESS = parse_address("neo4j", "//ann:s3cret@db:7687")


def said(code: str, message: str) -> Neo4jError:
    """The driver's error for what a server says."""
    return Neo4jError._hydrate_neo4j(code=code, message=message)


@pytest.mark.parametrize(
    ("code", "message", "kind", "fix"),
    [
        (
            "Neo.ClientError.Security.Forbidden",
            "Create node with labels 'Resource' on database 'neo4j' is not allowed for user 'ann' with roles [PUBLIC].",
            NotWritable,
            "Grant the user reading, writing and schema rights",
        ),
        (
            "Neo.ClientError.Security.CredentialsExpired",
            "The credentials you provided were valid, but must be changed before you can use this instance.",
            AccessRefused,
            "ALTER CURRENT USER SET PASSWORD",
        ),
        (
            "Neo.TransientError.Transaction.BookmarkTimeout",
            "Database 'neo4j' not up to the requested version: 12. Latest database version is 10",
            StoreUnreachable,
            "Wait until it has caught up",
        ),
        (
            "Neo.ClientError.Cluster.NotALeader",
            "No write operations are allowed directly on this database. Connect to the leader.",
            StoreUnreachable,
            "Wait until a leader is elected",
        ),
    ],
)
def test_what_a_server_says_is_told_with_what_mends_it(
    code: str, message: str, kind: type[StoreError], fix: str
) -> None:
    error = said(code, message)
    told = as_store_error(error, ADDRESS)

    assert type(told) is kind
    assert told.place == "neo4j://db:7687"
    assert fix in told.fix
    assert told.value == message
    assert told.transient is worth_trying(error)
    assert "s3cret" not in str(told)


@pytest.mark.parametrize("agent", ["Neo4j/5.27-aura", "Neo4j/5.26.1", "Neo4j/5.26", "Neo4j/2025.01.0", "Neo4j/10.0.0"])
def test_a_neo4j_of_today_is_taken(agent: str) -> None:
    assert too_old(agent, ADDRESS) is None


@pytest.mark.parametrize(
    "agent", ["Neo4j/5.25.0", "Neo4j/4.4.1", "Neo4j/4.44.0", "Memgraph/3.0", "Neo4j/5", "Neo4j", ""]
)
def test_any_other_server_is_refused(agent: str) -> None:
    refused = too_old(agent, ADDRESS)
    assert isinstance(refused, WrongServer)
    assert refused.value == agent
    assert "5.26" in str(refused)
