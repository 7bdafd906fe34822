"""Neo4j holds no state for its readers: what is read of one is remembered, and known to be of one."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event, Thread

import pytest
from neo4j import READ_ACCESS

from graph.errors import Moved
from graph.index import IndexKeeper
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.server import Counts
from graph.settings import Settings
from graph.steady import ROUNDS, steady
from graph.viewer import OPERATOR, Viewer
from loaders.load import LoadRequest, load
from ontology.values import parse_instant
from queries.ask import ask
from tests.conftest import COMPANY
from tests.store.writing import one, put, rows

NOW = parse_instant("2025-01-01")[0]
ROLE = {"role": "role:cloud-engineer"}

A, B = {"id": "skill:a", "label": "A"}, {"id": "skill:b", "label": "B"}


@pytest.fixture
def company(neo4j_store: Neo4jStore) -> Neo4jStore:
    load(neo4j_store, LoadRequest(source="tables", paths=(COMPANY,)))
    return neo4j_store


def test_a_repeated_answer_costs_one_trip_to_the_server(company: Neo4jStore, trips: list[str]) -> None:
    keeper = IndexKeeper(company, Settings())
    first = ask(company, keeper, OPERATOR, "role-matches", ROLE, NOW)
    trips.clear()

    assert ask(company, keeper, OPERATOR, "role-matches", ROLE, NOW) == first
    assert len(trips) == 1


def test_an_answer_from_memory_is_made_while_the_server_is_asked(
    company: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = IndexKeeper(company, Settings())
    for _ in range(2):  # until the store is seen to stand still
        ask(company, keeper, OPERATOR, "role-matches", ROLE, NOW)
    counts, read = company.server.counts, Event()

    def late() -> Counts:
        assert read.wait(10), "nothing is read before the server has answered"
        return counts()

    monkeypatch.setattr(company.server, "counts", late)

    def reading(_: int) -> Mapping[str, object]:
        found = company.many(["role:cloud-engineer"], OPERATOR)
        read.set()
        return found

    assert steady(company, reading).keys() == {"role:cloud-engineer"}


def test_what_was_written_a_moment_ago_is_in_the_next_answer(neo4j_store: Neo4jStore) -> None:
    """However still the store was before."""
    put(neo4j_store, rows("Skill", A))
    for version in range(2, 8):
        assert [one(neo4j_store, "skill:a").properties["label"] for _ in range(3)]  # seen to stand still
        elsewhere(neo4j_store, {**A, "label": f"{version}"}, version)
        assert one(neo4j_store, "skill:a").properties["label"] == f"{version}"


def test_a_repeated_read_costs_one_trip_until_something_is_written(neo4j_store: Neo4jStore, trips: list[str]) -> None:
    put(neo4j_store, rows("Skill", A))
    neo4j_store.many(["skill:a"], OPERATOR)
    trips.clear()
    for _ in range(3):
        assert neo4j_store.many(["skill:a"], OPERATOR)["skill:a"].properties == {"label": "A"}
    assert len(trips) == 3

    put(neo4j_store, rows("Skill", {**A, "label": "New"}, version=2))
    assert neo4j_store.many(["skill:a"], OPERATOR)["skill:a"].properties == {"label": "New"}


def test_what_has_no_change_number_is_not_remembered_either(neo4j_store: Neo4jStore) -> None:
    edge = {"from": "skill:a", "to": "skill:b"}
    put(neo4j_store, rows("Skill", A, B), rows("RELATED", edge))
    assert one(neo4j_store, "skill:a").edges[0].sources == ("hr",)
    number = neo4j_store.number()

    put(neo4j_store, rows("RELATED", edge), source="lms")
    assert neo4j_store.number() == number
    assert one(neo4j_store, "skill:a").edges[0].sources == ("hr", "lms")


def test_what_one_viewer_read_is_shown_to_another_as_that_one_may_see_it(neo4j_store: Neo4jStore) -> None:
    put(neo4j_store, rows("Learner", {"id": "hr:ada", "label": "Ada", "kind": "internal"}))

    assert one(neo4j_store, "hr:ada").properties == {"label": "Ada", "kind": "internal"}
    assert one(neo4j_store, "hr:ada", Viewer(frozenset({"match"}))).properties == {"kind": "internal"}
    assert neo4j_store.get("hr:ada", Viewer(frozenset({"match"}), frozenset())) is None


def test_what_was_read_of_a_state_that_moved_is_not_remembered(neo4j_store: Neo4jStore) -> None:
    put(neo4j_store, rows("Skill", A))

    def read_while_it_is_written() -> None:
        with neo4j_store.snapshot():
            neo4j_store.many(["skill:a"], OPERATOR)
            elsewhere(neo4j_store, {**A, "label": "New"})

    with pytest.raises(Moved):
        read_while_it_is_written()
    assert one(neo4j_store, "skill:a").properties == {"label": "New"}


def test_a_reader_whom_writers_never_leave_alone_makes_them_wait(neo4j_store: Neo4jStore) -> None:
    put(neo4j_store, rows("Skill", A))
    read: list[int] = []

    def reading(number: int) -> tuple[int, object]:
        read.append(number)
        label = one(neo4j_store, "skill:a").properties["label"]
        if len(read) <= ROUNDS:
            elsewhere(neo4j_store, {**A, "label": f"{len(read)}"}, version=len(read) + 1)
        return number, label

    found = steady(neo4j_store, reading)
    assert len(read) == ROUNDS + 1
    assert found == (neo4j_store.number(), one(neo4j_store, "skill:a").properties["label"])


def test_writers_do_not_wait_for_ever(neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.neo4j.states.STILL_SECONDS", -1.0)
    monkeypatch.setattr(neo4j_store.server, "alone", lambda seconds: neo4j_store.server.steady())  # noqa: ARG005
    with pytest.raises(Moved), neo4j_store.still():
        neo4j_store.types_of(["skill:a"])


def test_reads_are_sent_to_servers_that_read(company: Neo4jStore, accesses: list[str]) -> None:
    company.server.spread = True  # where a leader's lock tells nothing of its readers, it is not asked for
    keeper = IndexKeeper(company, Settings())
    accesses.clear()
    ask(company, keeper, OPERATOR, "role-matches", ROLE, NOW)
    company.search("kubernets", OPERATOR)
    company.get("person:ada", OPERATOR)
    company.changes(0)
    company.page("Learner", Viewer(OPERATOR.scopes, frozenset({"unit:platform"})))
    for name in ("Evidence", "REQUIRES"):
        list(company.scan(name, company.stated_columns(name)))
        list(company.owned("tables", name))

    assert set(accesses) == {READ_ACCESS}


def elsewhere(store: Neo4jStore, skill: dict[str, str], version: int = 2) -> None:
    """Written by another thread, as snapshots are a thread's own."""
    writer = Thread(target=put, args=(store, rows("Skill", skill, version=version)))
    writer.start()
    writer.join()
