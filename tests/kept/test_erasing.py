"""An erased person takes along what was derived, and what loads put aside while one looked."""

from __future__ import annotations

import threading

import pytest

from graph.ledger import HeldRow
from graph.neo4j import erasing
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.held import Naming, find_naming
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY
from tests.store.ada import ADA, fill, held
from tests.store.tiny import nodes

SUPPORTED = "MATCH (e:Evidence)-[:SUPPORTS]->(s) RETURN e.id, s.id ORDER BY e.id, s.id"
HELD = "MATCH (p:Learner)-[:HAS_SKILL]->(s) RETURN p.id, s.id ORDER BY p.id, s.id"
OF_ADA = "MATCH (:Learner {id: 'person:ada'})<-[:learner]-(e:Evidence) RETURN collect(e.id)"


@pytest.fixture
def company(store: Neo4jStore) -> Neo4jStore:
    record = load(store, LoadRequest(source="tables", paths=(COMPANY,)))
    assert (record.rejected, record.waiting) == (0, 0)
    return store


def test_what_was_derived_of_the_person_goes_and_nobody_elses(company: Neo4jStore) -> None:
    of_ada = set(company.server.read(OF_ADA)[0][0])
    supported, skills = company.server.read(SUPPORTED), company.server.read(HELD)
    assert of_ada & {evidence for evidence, _ in supported}
    assert "person:ada" in {person for person, _ in skills}

    company.erase("person:ada")
    assert company.server.read(SUPPORTED) == [row for row in supported if row[0] not in of_ada]
    assert company.server.read(HELD) == [row for row in skills if row[0] != "person:ada"]
    company.optimise()
    assert company.server.read(SUPPORTED) == [row for row in supported if row[0] not in of_ada]
    assert all(finding.well for finding in company.health())


def test_rows_put_aside_while_one_looked_are_found_too(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store)
    number = store.ledger.start("hr", "hr", 1, complete=True)
    store.ledger.hold_rows([held(number, 1, people=(ADA,)), held(number, 2, people=("person:ben",))])
    looks = list[int]()

    def meanwhile(*given: object) -> Naming:
        found = find_naming(*given)  # type: ignore[arg-type]
        looks.append(len(found.keys))
        if len(looks) == 1:
            store.ledger.hold_rows([held(number, 3, raw={"who": "Ada Lovelace"}), held(number, 4)])
        return found

    monkeypatch.setattr(erasing, "find_naming", meanwhile)
    assert store.erase(ADA).held_rows == 2
    assert looks == [1, 2]
    assert [row.row for row in store.ledger.held_rows()] == [2, 4]


def test_others_write_while_a_person_is_erased(store: Neo4jStore) -> None:
    fill(store)
    before, stop, written = store.number(), threading.Event(), list[int]()

    def write() -> None:
        while not stop.is_set():
            written.append(nodes(store, "Skill", {"id": f"skill:{len(written)}"}).number or 0)

    writer = threading.Thread(target=write)
    writer.start()
    report = store.erase(ADA)
    stop.set()
    writer.join()
    assert store.types_of([ADA, "recruit:ada"]) == [None, None]
    assert sorted([*written, report.number or 0]) == list(range(before + 1, store.number() + 1))


def test_who_reads_what_many_loads_put_aside_gets_each_row_once(store: Neo4jStore) -> None:
    first, second = (store.ledger.start(name, name, 1, complete=True) for name in ("hr", "lms"))
    rows = [held(load, row) for row in range(2_500) for load in (first, second)]
    store.ledger.hold_rows(rows)

    def places(found: list[HeldRow]) -> list[tuple[int, int]]:
        return [(row.load, row.row) for row in found]

    assert places(list(store.ledger.held_rows())) == places(rows)
    assert places(list(store.ledger.held_rows(load=second))) == [(second, row) for row in range(2_500)]
    assert places(list(store.ledger.held_rows(name="hr"))) == [(first, row) for row in range(2_500)]
