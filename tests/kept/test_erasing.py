"""An erased person takes along what was derived, and what loads put aside while one looked."""

from __future__ import annotations

import threading

import pytest

from graph.ledger import HeldRow
from graph.neo4j import erasing, mentions
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.held import Naming, find_naming
from graph.neo4j.mentions import Versions, find_versions
from graph.neo4j.server import Rows
from graph.neo4j.traces import texts_left
from loaders.load import LoadRequest, load
from tests.conftest import COMPANY
from tests.kept.conftest import opened
from tests.store.ada import ADA, fill, held, rating
from tests.store.tiny import nodes
from tests.store.writing import became, gone, put, rows

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


def test_versions_superseded_while_one_looked_lose_the_person_too(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    looks = list[int]()

    def meanwhile(*given: object) -> Versions:
        found = find_versions(*given)  # type: ignore[arg-type]
        looks.append(len(found.ids))
        if len(looks) == 1:
            nodes(store, "Rating", rating("rating:3", "evidence:2", "person:eve", 2), version=3)
            monkeypatch.delattr(mentions, "_VERSIONS")  # nobody waits while all are looked through
        return found

    monkeypatch.setattr(erasing, "find_versions", meanwhile)
    assert store.erase(ADA).left == ()
    assert looks[1] == looks[0] + 1
    (raters,) = store.server.read("MATCH (h:_History {type: 'Rating'}) RETURN collect(h.props)")[0]
    assert len(raters) == 2
    assert all('"rater":"erased:' in props for props in raters)


def test_what_is_left_of_the_person_is_looked_for_under_the_long_limit(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    steady = list[bool]()

    def looking(*given: object) -> tuple[str, ...]:
        steady.append(store.server.engaged)
        return texts_left(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(erasing, "texts_left", looking)
    store.erase(ADA)
    assert steady == [True]


def test_an_erased_person_does_not_come_back_by_a_reader_that_lags(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    before, read = store.server.counts(), store.server.read
    store.erase(ADA)

    def late(query: str, /, **given: object) -> Rows:
        return [] if "_Erased" in query else read(query, **given)

    monkeypatch.setattr(store.server, "counts", lambda: before)
    monkeypatch.setattr(store.server, "read", late)
    assert became(put(store, rows("Learner", {"id": ADA}, version=9))) == [["ERASED"]]


def test_whoever_holds_the_stores_lock_needs_no_second_connection(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLGRAPH_NEO4J_POOL_SIZE", "1")
    monkeypatch.setenv("SKILLGRAPH_NEO4J_RETRY_SECONDS", "0.5")
    store = opened(store_url)
    nodes(store, "Skill", {"id": "skill:a"})
    nodes(store, "Learner", {"id": ADA})
    store.erase(ADA)

    planned_inside = [gone("Skill", {"id": "skill:a"}), rows("Learner", {"id": ADA}, version=9)]
    assert became(put(store, *planned_inside)) == [["REMOVED"], ["ERASED"]]
    store.close()


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
