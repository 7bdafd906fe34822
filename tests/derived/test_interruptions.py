"""A deriver may be killed at any write, and others may derive and write at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from graph.neo4j.derived import Deriver, fence
from graph.neo4j.derived.fence import Fence, Overtaken
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.server import Server, Writer
from graph.settings import Settings
from tests.companies import Company, Load
from tests.derived.conftest import Clock, Holds, Say, evidence, open_neo4j, same_person
from tests.derived.told import agree
from tests.index.telling import tell
from tests.oracle import Row

T = TypeVar("T")


class Killed(BaseException):
    """Nothing of the process goes on."""


def company(attempts: int = 6) -> dict[str, list[Row]]:
    """Two people of two records each, with attempts, courses and credentials."""
    people = ("v", "w", "x", "y")
    about = {"assessment": "lab:one", "completion": "course:one", "credential": "credential:one"}
    kinds = ("assessment", "completion", "credential", "interview")
    return {
        "Skill": [{"id": f"skill:{name}", "label": name} for name in "abcde"],
        "LearningObject": [{"id": "course:one", "label": "one", "validity": "P1Y"}],
        "Assessment": [{"id": "lab:one", "label": "one", "attempts": "latest"}],
        "Credential": [{"id": "credential:one", "label": "one", "validity": "P30D"}],
        "Learner": [{"id": f"person:{name}", "label": name} for name in people],
        "Identity": [
            {"id": f"identity:{name}", "learner": f"person:{name}", "system": "email", "value": str(place // 2)}
            for place, name in enumerate(people)
        ],
        "Evidence": [
            {
                "id": f"evidence:{name}-{number}",
                "learner": f"person:{name}",
                "kind": (kind := kinds[number % len(kinds)]),
                "about": about.get(kind, ""),
                "skill": "" if kind in about else "skill:e",
                "level": "" if kind in about else "2",
                "score": "0.8" if kind == "assessment" else "",
                "shown_at": f"2024-0{number + 1}-15",
            }
            for name in people
            for number in range(attempts)
        ],
        "TEACHES": [{"from": "course:one", "to": f"skill:{name}", "level": "2"} for name in "ab"],
        "MEASURES": [{"from": "lab:one", "to": "skill:c", "cut_scores": "1:0.5|2:0.7"}],
        "ATTESTS": [{"from": "credential:one", "to": "skill:d", "level": "3"}],
    }


def rejoined() -> dict[str, list[Row]]:
    """Other records are one person, and the course teaches more."""
    identities = [("v", "0"), ("w", "1"), ("x", "0"), ("y", "2")]
    return {
        "Identity": [
            {"id": f"identity:{name}", "learner": f"person:{name}", "system": "email", "value": value}
            for name, value in identities
        ],
        "TEACHES": [{"from": "course:one", "to": "skill:a", "level": "3"}],
    }


def versioned(rows: dict[str, list[Row]], version: int) -> Load:
    return Load(
        "hr", version, {name: [{**row, "version": str(version)} for row in each] for name, each in rows.items()}
    )


@pytest.fixture
def history() -> Company:
    return Company((versioned(company(), 1),), (versioned(rejoined(), 2),), ())


def dying(server: Server, writes: int) -> Callable[[Callable[[Writer], T]], T]:
    """`server.write` that lets so many writes through."""
    left = iter(range(writes))
    write = server.write

    def once(work: Callable[[Writer], T]) -> T:
        if next(left, None) is None:
            raise Killed
        return write(work)

    return once


def test_killed_before_any_write_it_goes_on_where_it_was(
    store: Neo4jStore, clock: Clock, history: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "ROWS_AT_ONCE", 7)
    told: list[Load] = []
    for load in (*history.first, *history.later):
        tell(store, load)
        told.append(load)
        kills = 0
        for allowed in (0, 1, 2, 3, 5, 8, 13, 10_000):
            with monkeypatch.context() as patch:
                patch.setattr(store.server, "write", dying(store.server, allowed))
                try:
                    Deriver(store, clock).catch_up()
                except Killed:
                    kills += 1
        assert kills >= 3
        agree(store, history.oracle(told), clock.now)


def test_what_was_half_derived_for_other_settings_is_not_believed(
    url: str, store: Neo4jStore, say: Say, holds: Holds, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To one process Ann and Ben are two, by their numbers; to the other they are one, whose later attempt failed."""
    later = {**evidence("2", "assessment", "2024-07-01", about="lab:pods", score="0.1"), "learner": "person:ben"}
    numbers = [
        {"id": f"number:{name}", "learner": f"person:{name}", "system": "employee-number", "value": name}
        for name in ("ann", "ben")
    ]
    say(
        Evidence=[evidence("1", "assessment", about="lab:pods", score="0.9"), later],
        Identity=[*same_person("ann", "ben"), *numbers],
    )
    assert holds("ann", "pods") == 3
    for allowed in range(5):
        other = open_neo4j(url, Settings(unique_identities=()))
        with monkeypatch.context() as patch:
            patch.setattr(other.server, "write", dying(other.server, allowed))
            with pytest.raises(Killed):
                Deriver(other, clock).catch_up()
        other.close()
        assert holds("ann", "pods") == 3, f"killed after {allowed} writes"


def test_derivers_and_writers_at_the_same_time(url: str, clock: Clock, history: Company) -> None:
    stores = [open_neo4j(url) for _ in range(3)]
    tell(stores[0], history.first[0])
    extra = [
        versioned({"Evidence": [{**row, "id": f"{row['id']}-{turn}"} for row in company(4)["Evidence"]]}, 10 + turn)
        for turn in range(4)
    ]
    derivers = [Deriver(store, clock) for store in stores]

    def derive(deriver: Deriver) -> None:
        for _ in range(4):
            deriver.catch_up()

    with ThreadPoolExecutor(4) as pool:
        working = [pool.submit(derive, deriver) for deriver in derivers]
        for load in (*extra, *history.later):
            tell(stores[0], load)
        for each in working:
            each.result()
    derivers[1].catch_up()
    agree(stores[2], history.oracle([*history.first, *extra, *history.later]), clock.now)
    for store in stores:
        store.close()


def test_who_was_overtaken_writes_nothing_more(store: Neo4jStore, deriver: Deriver) -> None:
    deriver.catch_up()
    ((derivations,),) = store.server.read("MATCH (s:_Store) RETURN s.derivations")
    late = Fence(store.server, derivations)
    Fence(store.server, derivations).finish(1, "other settings")
    with pytest.raises(Overtaken):
        late.write([("UNWIND $rows AS row CREATE (:Never)", [1])])
    assert store.server.read("MATCH (n:Never) RETURN n") == []
    deriver.catch_up()
    assert store.server.read("MATCH (s:_Store) RETURN s.derived") == [[store.number()]]
