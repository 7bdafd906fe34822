"""What is derived and ends with time alone ends by itself: an API looks after its store though nobody asks it."""

from __future__ import annotations

import time

import pytest
from neo4j import Driver

from api.app import create_app
from api.logs import Lines
from graph.open import open_store
from graph.store import Store
from local.server import Neo4j
from tests.api.conftest import running
from tests.faults.served import until
from tests.neo4j import driver
from tests.store.writing import put, rows

ENDS_SECONDS = 4
SOON = 5.0


def show(store: Store, skill: str, **more: int) -> None:
    """The person shows the skill."""
    stated = {"learner": "person:ann", "kind": "interview", "level": 2_000_000, "shown_at": 1_700_000_000}
    put(store, rows("Evidence", {"id": f"evidence:{skill}", "skill": f"skill:{skill}", **stated, **more}))


def held(opened: Driver) -> set[str]:
    """The skills that somebody holds, by what stands in the database now."""
    records, _, _ = opened.execute_query("MATCH (:Learner)-[:HAS_SKILL]->(s:Skill) RETURN s.id")
    return {id for (id,) in records}


def test_what_ends_is_gone_soon_though_nobody_asks(server: Neo4j, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lines, "info", lambda _, __: None)
    store = open_store(server.url)
    skills = [{"id": f"skill:{name}", "label": name} for name in ("lasting", "passing")]
    put(store, rows("Skill", *skills), rows("Learner", {"id": "person:ann", "label": "Ann"}))
    show(store, "lasting")
    with driver(server.url) as opened, running(create_app(server.url)):
        until(60, lambda: "skill:lasting" in held(opened))  # the app has to start first
        ends = int(time.time()) + ENDS_SECONDS
        show(store, "passing", expires_at=ends)
        until(ENDS_SECONDS, lambda: "skill:passing" in held(opened))
        until(ends + SOON - time.time(), lambda: "skill:passing" not in held(opened))
        assert time.time() >= ends
        assert held(opened) == {"skill:lasting"}
    store.close()
