"""What `skillgraph check` finds wrong with a store in Neo4j."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from graph.errors import StoreNotThere
from graph.neo4j.address import parse_address
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.limits import Limits
from graph.neo4j.server import Server
from graph.report import Finding
from graph.settings import Settings
from ontology.model import Model
from tests.store.tiny import edges, nodes

By = Callable[[str], None]


@pytest.fixture
def by_hand(store: Neo4jStore) -> By:
    """Runs Cypher as somebody does who edits the graph in Neo4j Browser."""

    def run(query: str) -> None:
        store.server.repeatable(query)

    return run


def found(store: Neo4jStore, what: str) -> Finding:
    (finding,) = [each for each in store.health() if each.what == what]
    return finding


def test_a_new_store_says_what_it_is_in(store: Neo4jStore) -> None:
    assert found(store, "database").found.startswith("Neo4j Kernel 5.")
    assert found(store, "constraints and indexes").found.endswith("all there")
    assert found(store, "derived").well
    assert found(store, "clocks").well


def test_a_constraint_that_is_gone_is_told_with_what_makes_it_again(store: Neo4jStore, by_hand: By) -> None:
    by_hand("DROP CONSTRAINT skillgraph_Resource_id")

    finding = found(store, "constraints and indexes")
    assert (finding.well, finding.found) == (False, "not there: skillgraph_Resource_id")
    by_hand(finding.fix.partition(": ")[2])
    assert found(store, "constraints and indexes").well


def test_a_fact_whose_person_was_deleted_by_hand_is_found(store: Neo4jStore, by_hand: By) -> None:
    nodes(store, "Learner", {"id": "person:ada"}, {"id": "person:ben"})
    nodes(store, "Identity", {"id": "i:1", "learner": "person:ada", "system": "badge", "value": "1"})
    nodes(store, "Identity", {"id": "i:2", "learner": "person:ben", "system": "badge", "value": "2"})
    by_hand("MATCH (n:Learner {id: 'person:ada'}) DETACH DELETE n")

    finding = found(store, "references")
    assert (finding.well, finding.found) == (False, "lead nowhere: Identity.learner 1")


def test_edges_to_what_may_not_stand_there_are_found(store: Neo4jStore, by_hand: By) -> None:
    nodes(store, "Skill", {"id": "skill:a"})
    nodes(store, "Role", {"id": "role:a"})
    nodes(store, "Scale", {"id": "scale:x"})
    nodes(store, "Level", {"id": "level:x1", "scale": "scale:x", "rank": 1})
    edges(store, "REQUIRES", {"from": "role:a", "to": "skill:a", "scale": "scale:x"})
    assert found(store, "references").well
    by_hand("MATCH (a:Skill {id: 'skill:a'}), (b:Role {id: 'role:a'}) CREATE (a)-[:DEPENDS_ON]->(b)")
    by_hand("MATCH (s:Scale {id: 'scale:x'}) DETACH DELETE s")

    assert found(store, "references").found == "lead nowhere: DEPENDS_ON to 1, Level.scale 1, REQUIRES.scale 1"


def test_what_is_derived_may_be_a_little_behind_but_not_for_long(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes(store, "Skill", {"id": "skill:a"})
    assert found(store, "derived").well

    later = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: later)
    finding = found(store, "derived")
    assert not finding.well
    assert "skillgraph serve" in finding.fix


def test_what_is_derived_for_other_settings_is_told(store: Neo4jStore) -> None:
    nodes(store, "Skill", {"id": "skill:a"})
    store.catch_up()
    store.settings = Settings(source_order=("lms",))
    finding = found(store, "derived")
    assert (finding.well, finding.found) == (False, "for other settings than this process has")
    assert "SKILLGRAPH_SOURCE_ORDER" in finding.fix
    assert "SKILLGRAPH_UNIQUE_IDENTITIES" in finding.fix

    store.catch_up()
    assert found(store, "derived").well


def test_a_store_that_somebody_deleted_is_told(store: Neo4jStore, by_hand: By, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand("MATCH (s:_Store) DELETE s")
    with pytest.raises(StoreNotThere):
        nodes(store, "Skill", {"id": "skill:a"})
    monkeypatch.setattr(store, "number", lambda: 1)  # it was there a moment ago
    with pytest.raises(StoreNotThere):
        store.catch_up()
    assert not found(store, "schema and model").well


def test_clocks_that_differ_are_told(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    late = time.time() - 60
    monkeypatch.setattr(time, "time", lambda: late)

    finding = found(store, "clocks")
    assert not finding.well
    assert "ahead of" in finding.found


def test_loads_at_work_are_named_with_their_process(store: Neo4jStore) -> None:
    assert found(store, "loads at work").found == "none"
    with store.hold("hr"), store.hold("\0derived"):
        assert found(store, "loads at work").found.startswith("1: hr by process ")


def test_a_database_that_is_away_is_one_finding(model: Model) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = parse_address("neo4j", f"//127.0.0.1:{free.getsockname()[1]}")
    store = Neo4jStore(address, Server(address, Limits(retry_seconds=0.1)), model, Settings())
    (finding,) = store.health()
    assert (finding.what, finding.well) == ("database", False)
    assert finding.fix
    store.close()
