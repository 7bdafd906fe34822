"""What is wrong with a database is told in a sentence: where, what, what mends it, and whether to try again."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from neo4j import Record

from graph.errors import (
    AccessRefused,
    BadSetting,
    NotTrusted,
    NotWritable,
    SchemaClash,
    StoreError,
    StoreFull,
    StoreNotThere,
    StoreSlow,
    StoreUnreachable,
    WrongServer,
)
from graph.neo4j.address import parse_address
from graph.neo4j.limits import Limits
from graph.neo4j.server import Server
from graph.open import open_store
from local.server import Neo4j
from tests.neo4j import driver, need_neo4j
from tests.proxy import HOST, Proxy
from tests.store.tiny import nodes

PASSWORD = "secret"
AT_ONCE = 15.0  # seconds on a busy machine; less than anything is tried again for


@contextmanager
def told(
    kind: type[StoreError], *words: str, again: bool = False, within: float = AT_ONCE
) -> Iterator[pytest.ExceptionInfo[StoreError]]:
    """The block raises the error, in time, with these words."""
    started = time.monotonic()
    with pytest.raises(StoreError) as raised:
        yield raised
    assert time.monotonic() - started < within
    text = str(raised.value)
    assert type(raised.value) is kind, text
    assert all(word in text for word in words), text
    assert raised.value.transient is again


@pytest.fixture(scope="module")
def guarded() -> Iterator[Neo4j]:
    """A server that asks for a password."""
    need_neo4j()
    with Neo4j(password=PASSWORD) as server:
        yield server


def test_a_wrong_password(guarded: Neo4j) -> None:
    wrong = "mistaken"
    with told(AccessRefused, f"{HOST}:{guarded.port}", "password", "SKILLGRAPH_STORE_PASSWORD") as refused:
        open_store(f"neo4j://neo4j:{wrong}@{HOST}:{guarded.port}")
    assert wrong not in str(refused.value)


def test_no_password(guarded: Neo4j) -> None:
    with told(AccessRefused, "password"):
        open_store(f"neo4j://{HOST}:{guarded.port}")


def test_a_database_that_may_only_be_read(guarded: Neo4j) -> None:
    """The Community edition has no roles: what a user without rights is told is in tests.graph.test_neo4j_faults."""
    store = open_store(guarded.url)
    nodes(store, "Skill", {"id": "skill:sql", "label": "SQL"})
    store.close()
    guarded.stop()
    guarded.start({"server.databases.read_only": "neo4j"})
    store = open_store(guarded.url)
    assert store.types_of(["skill:sql"]) == ["Skill"]
    with told(NotWritable, "may only be read", "server.databases.read_only") as refused:
        nodes(store, "Skill", {"id": "skill:go", "label": "Go"})
    assert PASSWORD not in str(refused.value)
    store.close()


def test_a_server_of_another_age(url: str, proxy: Proxy) -> None:
    proxy.faults.rewrite = lambda said: said.replace(b"Neo4j/5.26.", b"Neo4j/4.44.")
    with told(WrongServer, "4.44", "5.26"):
        open_store(url)


def test_no_neo4j_at_all() -> None:
    """Whatever speaks first, as mail and secure shell do."""
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_greet, args=(listener,), daemon=True).start()
        with told(WrongServer, "7687"):
            open_store(f"neo4j://{HOST}:{listener.getsockname()[1]}")


def _greet(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            client.sendall(b"220 mail.example ESMTP\r\n")
            client.recv(100)


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_nobody_at_the_address(scheme: str) -> None:
    with told(StoreUnreachable, f"{HOST}:1:", "Start Neo4j", again=True):
        open_store(f"{scheme}://{HOST}:1")


def test_a_name_that_nobody_has() -> None:
    with told(StoreUnreachable, "no-such-host.invalid", again=True):
        open_store("neo4j://no-such-host.invalid")


def test_a_server_that_says_nothing(url: str, proxy: Proxy) -> None:
    proxy.faults.silent = True
    with told(StoreUnreachable, again=True):
        open_store(url)


@pytest.mark.parametrize("scheme", ["neo4j+s", "bolt+s", "bolt+ssc"])
def test_a_server_without_a_certificate(url: str, scheme: str) -> None:
    with told(StoreUnreachable, "+s", again=True):
        open_store(url.replace("neo4j", scheme, 1))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout key.pem -out cert.pem"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_shake, args=(context, listener), daemon=True).start()
        with told(NotTrusted, "certificate", "+ssc"):
            open_store(f"neo4j+s://{HOST}:{listener.getsockname()[1]}")


def _shake(context: ssl.SSLContext, listener: socket.socket) -> None:
    while True:
        try:
            context.wrap_socket(listener.accept()[0], server_side=True).close()
        except ssl.SSLError:
            continue
        except OSError:
            return


def test_a_database_that_is_not_there(url: str) -> None:
    with told(StoreNotThere, "nowhere", "CREATE DATABASE"):
        open_store(f"{url}/nowhere")


def test_a_constraint_under_another_name_serves_as_well(url: str) -> None:
    """Whoever prepared the database may have made it."""
    with driver(url) as opened:
        opened.execute_query("DROP CONSTRAINT skillgraph_Resource_id IF EXISTS")
        opened.execute_query("CREATE CONSTRAINT mine FOR (n:Resource) REQUIRE n.id IS UNIQUE")
    store = open_store(url)
    nodes(store, "Skill", {"id": "skill:sql", "label": "SQL"})
    nodes(store, "Skill", {"id": "skill:sql", "label": "SQL queries"}, version=2)
    assert store.types_of(["skill:sql"]) == ["Skill"]
    store.close()
    with driver(url) as opened:
        assert _count(opened.execute_query("MATCH (n {id: 'skill:sql'}) RETURN count(n)").records) == 1
        on_id = "SHOW CONSTRAINTS YIELD labelsOrTypes AS l, properties AS p WHERE l = ['Resource'] AND p = ['id']"
        assert _count(opened.execute_query(f"{on_id} RETURN count(*)").records) == 1


@pytest.mark.parametrize(
    ("there", "drop"),
    [
        ("CREATE INDEX mine FOR (n:Resource) ON (n.id)", "DROP INDEX `mine`"),
        (
            "CREATE CONSTRAINT skillgraph_Resource_id FOR (n:Other) REQUIRE n.other IS UNIQUE",
            "DROP CONSTRAINT `skillgraph_Resource_id`",
        ),
    ],
)
def test_what_stands_in_a_constraints_place_is_told_with_what_removes_it(url: str, there: str, drop: str) -> None:
    with driver(url) as opened:
        opened.execute_query("DROP CONSTRAINT skillgraph_Resource_id IF EXISTS")
        opened.execute_query(there)
        try:
            with told(SchemaClash, "Resource", drop):
                open_store(url)
        finally:
            opened.execute_query(drop)
    open_store(url).close()


@pytest.fixture
def bare(url: str) -> Iterator[Server]:
    """The database, asked past the store."""
    opened = Server(parse_address(*url.split(":", 1)), Limits(answer_seconds=1.5, retry_seconds=0.5))
    yield opened
    opened.close()


def test_a_statement_that_takes_too_long(bare: Server) -> None:
    with told(StoreSlow, "SKILLGRAPH_NEO4J_ANSWER_SECONDS", again=True):
        bare.read("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)")


def test_a_statement_that_takes_too_much_memory(url: str) -> None:
    bare = Server(parse_address(*url.split(":", 1)), Limits(retry_seconds=0.1))
    with told(StoreFull, "memory", again=True, within=bare.limits.answer_seconds):
        bare.read("UNWIND range(1, 100000000) AS a RETURN collect(a)")
    bare.close()


def test_a_statement_that_is_wrong(bare: Server) -> None:
    with told(StoreError, "refused"):
        bare.read("RETURN nothing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL_SIZE", "many"),
        ("POOL_SIZE", "0"),
        ("POOL_SIZE", "1.5"),
        ("CONNECT_SECONDS", "-2"),
        ("RETRY_SECONDS", "nan"),
        ("ANSWER_SECONDS", "inf"),
        ("IDLE_SECONDS", "2s"),
    ],
)
def test_a_setting_that_is_no_number(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SKILLGRAPH_NEO4J_{name}", value)
    with told(BadSetting, f"SKILLGRAPH_NEO4J_{name}", value):
        open_store(f"neo4j://{HOST}:1")


def test_settings_are_taken_from_the_environment() -> None:
    given = {"SKILLGRAPH_NEO4J_POOL_SIZE": "7", "SKILLGRAPH_NEO4J_SILENT_SECONDS": " 1.5 "}
    assert Limits.from_environment(given) == Limits(pool_size=7, silent_seconds=1.5)
    assert Limits.from_environment({"SKILLGRAPH_NEO4J_POOL_SIZE": ""}) == Limits()


def _count(records: Sequence[Record]) -> int:
    (record,) = records
    return int(record[0])
