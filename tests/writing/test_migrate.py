"""Older stores are migrated under the store's lock, whole or not at all; newer ones are refused."""

from __future__ import annotations

import pytest

from graph.errors import NewerStore, StoreError
from graph.neo4j import migrate, schema
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.server import Writer
from graph.open import open_store
from ontology.model import Model
from tests.store.tiny import nodes
from tests.writing.conftest import Ask

OLD = schema.VERSION - 2


@pytest.fixture
def older(store: Neo4jStore, store_url: str, ask: Ask) -> str:
    """A store of two versions before this one: a node's owner stood in `owner`, and tombstones had no space."""
    nodes(store, "Skill", {"id": "skill:a", "label": "A"})
    ask("MATCH (n:Resource) SET n.owner = n._source REMOVE n._source")
    ask("MATCH (s:_Store) SET s.schema_version = $old", old=OLD)
    return store_url


def first_step(writer: Writer, model: Model) -> None:
    writer.run("MATCH (n:Resource) SET n._source = n.owner")


def second_step(writer: Writer, model: Model) -> None:
    writer.run("MATCH (n:Resource) REMOVE n.owner")


def cut_off(writer: Writer, model: Model) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(migrate.STEPS, OLD, first_step)
    monkeypatch.setitem(migrate.STEPS, OLD + 1, second_step)


@pytest.mark.usefixtures("steps")
def test_an_older_store_is_migrated_when_it_is_opened(older: str, ask: Ask) -> None:
    migrated = open_store(older)
    try:
        assert migrated.types_of(["skill:a"]) == ["Skill"]
    finally:
        migrated.close()
    assert ask("MATCH (s:_Store) RETURN s.schema_version") == [[schema.VERSION]]
    assert ask("MATCH (n:Skill) RETURN n._source, n.owner") == [["hr", None]]


@pytest.mark.usefixtures("steps")
def test_rules_of_the_new_version_are_made_with_it(older: str, ask: Ask) -> None:
    ask("DROP INDEX skillgraph_Skill_id")
    open_store(older).close()
    assert ask("SHOW INDEXES YIELD name WHERE name = 'skillgraph_Skill_id' RETURN count(*)") == [[1]]


@pytest.mark.usefixtures("steps")
def test_a_migration_that_is_cut_off_leaves_the_old_store(
    older: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(migrate.STEPS, OLD + 1, cut_off)
    with pytest.raises(KeyboardInterrupt):
        open_store(older)
    assert ask("MATCH (s:_Store) RETURN s.schema_version") == [[OLD]]
    assert ask("MATCH (n:Skill) RETURN n._source, n.owner") == [[None, "hr"]]


def test_a_store_that_is_too_old_is_refused(older: str) -> None:
    with pytest.raises(StoreError, match="cannot migrate a store so old"):
        open_store(older)


def test_a_newer_store_is_refused(store: Neo4jStore, store_url: str, ask: Ask) -> None:
    ask("MATCH (s:_Store) SET s.schema_version = $newer", newer=schema.VERSION + 1)
    with pytest.raises(NewerStore, match="Upgrade Skillgraph"):
        open_store(store_url)
