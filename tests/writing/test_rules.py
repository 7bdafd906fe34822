"""Constraints and indexes: made from the model, made once, and what stands in their way is named with its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.errors import NotAStore, SchemaClash
from graph.neo4j.adapt import lacking_rules
from graph.neo4j.schema import SEARCH, rules
from graph.open import open_store
from ontology.model import Model
from tests.writing.conftest import Ask, opened

CONSTRAINT = "skillgraph_Resource_id"
INDEX = "skillgraph_Skill_id"


@pytest.fixture
def bare(ask: Ask) -> Iterator[Ask]:
    """Without the rules that the tests are about; theirs go with the test."""
    drop(ask)
    yield ask
    drop(ask)


def drop(ask: Ask) -> None:
    named = "WHERE name IN ['mine', $constraint, $index, $search] RETURN name"
    names = {"constraint": CONSTRAINT, "index": INDEX, "search": SEARCH}
    for (name,) in ask(f"SHOW CONSTRAINTS YIELD name {named}", **names):
        ask(f"DROP CONSTRAINT {name}")
    for (name,) in ask(f"SHOW INDEXES YIELD name {named}", **names):
        ask(f"DROP INDEX {name}")


def test_a_new_store_has_every_rule(store_url: str, model: Model, bare: Ask) -> None:
    store = opened(store_url)
    try:
        assert lacking_rules(store.server, rules(model)) == []
    finally:
        store.close()
    assert bare("SHOW CONSTRAINTS YIELD name WHERE name = $name RETURN name", name=CONSTRAINT) == [[CONSTRAINT]]


def test_a_store_that_was_made_to_the_end_is_not_looked_at_again(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(store_url).close()
    monkeypatch.setattr("graph.neo4j.adapt.ensure_rules", lambda *_: pytest.fail("looked for constraints"))
    open_store(store_url).close()


def test_a_store_that_was_cut_off_in_the_making_is_made_to_the_end(store_url: str, bare: Ask) -> None:
    open_store(store_url).close()
    bare("MATCH (n) DETACH DELETE n")
    bare("CREATE (:_Store {name: 'store', number: 0, writes: 0, last_key: 0})")

    open_store(store_url).close()
    assert bare("MATCH (s:_Store) RETURN count(s), max(s.number)") == [[1, 1]]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE CONSTRAINT mine FOR (n:Resource) REQUIRE n.id IS UNIQUE",
        "CREATE INDEX mine FOR (n:Skill) ON (n.id)",
        "CREATE CONSTRAINT mine FOR (n:Skill) REQUIRE n.id IS UNIQUE",  # does all that the index would
        "CREATE TEXT INDEX mine FOR (n:Skill) ON (n.id)",  # stands beside it
    ],
)
def test_what_does_the_same_under_another_name_is_taken(store_url: str, bare: Ask, statement: str) -> None:
    bare(statement)
    open_store(store_url).close()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "CREATE INDEX mine FOR (n:Resource) ON (n.id)",
            r"its index mine stands where Skillgraph needs a uniqueness constraint on `Resource` \(`id`\).*"
            r"run DROP INDEX `mine`",
        ),
        (
            f"CREATE INDEX {CONSTRAINT} FOR (n:Person) ON (n.name)",
            f"its index {CONSTRAINT} stands where .* run DROP INDEX `{CONSTRAINT}`",
        ),
        (
            f"CREATE CONSTRAINT {INDEX} FOR (n:Person) REQUIRE n.name IS UNIQUE",
            rf"its constraint {INDEX} stands where Skillgraph needs an index on .* run DROP CONSTRAINT `{INDEX}`",
        ),
        (
            "CREATE FULLTEXT INDEX mine FOR (n:Resource) ON EACH [n._search]",
            "its full-text index mine stands where Skillgraph needs a full-text index",
        ),
    ],
)
def test_what_stands_in_the_way_is_named(store_url: str, bare: Ask, statement: str, says: str) -> None:
    bare(statement)
    with pytest.raises(SchemaClash, match=says):
        open_store(store_url)

    drop(bare)
    open_store(store_url).close()


def test_another_programs_resources_are_left_alone(store_url: str, bare: Ask) -> None:
    bare("CREATE (:Resource {uri: 'https://firm.example/a'})")
    with pytest.raises(NotAStore, match="label Resource of another program"):
        open_store(store_url)


def test_no_two_nodes_have_one_id(store_url: str, bare: Ask) -> None:
    open_store(store_url).close()
    (one, other), *_ = zip(*bare("MATCH (n:Resource) RETURN n.id LIMIT 2"), strict=True)
    with pytest.raises(Exception, match="already exists"):
        bare("MATCH (n:Resource {id: $one}) SET n.id = $other", one=one, other=other)
