"""Instants are kept to the second, intervals are half open, and time alone ends what is in force."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from graph.store import Store
from graph.viewer import OPERATOR, Viewer
from ontology.values import OPEN
from tests.store.writing import Row, one, put, rows, tell

YEAR = 365 * 86_400
NOW = int(time.time())
ADA = {"id": "hr:ada", "kind": "internal"}
EAST = Viewer(OPERATOR.scopes, frozenset({"ou:east"}))


def seen(store: Store) -> set[str]:
    """The people whom a viewer of the unit sees."""
    return {node.id for node in store.page("Learner", EAST)}


@pytest.fixture
def unit(store: Store) -> Store:
    people = [{"id": f"hr:{name}", "kind": "internal"} for name in ("ada", "bob", "cem", "dan", "eve")]
    put(store, rows("OrgUnit", {"id": "ou:east"}), rows("Learner", *people))
    return store


@pytest.mark.parametrize("instant", [0, 1, 1_790_000_000, OPEN - 1, OPEN])
def test_an_instant_is_kept_to_the_second(store: Store, instant: int) -> None:
    put(store, rows("Learner", ADA), rows("Skill", {"id": "skill:a"}), rows("Role", {"id": "role:a"}))
    asked = {"from": "role:a", "to": "skill:a", "level": 1_000_000, "since": instant}
    put(store, rows("Evidence", {"id": "ev:1", "learner": "hr:ada", "shown_at": instant}), rows("REQUIRES", asked))

    assert one(store, "ev:1").properties["shown_at"] == instant
    assert store.expand(["role:a"], OPERATOR)[0].properties["since"] == instant
    (facts,) = store.scan("Evidence", ["shown_at", "expires_at"])
    (edges,) = store.scan("REQUIRES", ["since", "until"])
    assert [array.tolist() for array in facts.arrays.values()] == [[instant], [-1]]
    assert [array.tolist() for array in edges.arrays.values()] == [[instant], [-1]]


def test_other_dates_of_a_rule_are_a_correction_of_it(store: Store) -> None:
    put(store, rows("LearningObject", {"id": "lo:1"}), rows("Skill", {"id": "skill:a"}))
    taught = {"from": "lo:1", "to": "skill:a", "level": 2_000_000}

    assert tell(store, rows("TEACHES", taught)) == ["ADDED"]
    assert tell(store, rows("TEACHES", {**taught, "since": 5, "until": OPEN}, version=2)) == ["CHANGED"]
    assert tell(store, rows("TEACHES", {**taught, "since": 5}, version=3)) == ["CHANGED"], "open is not unsaid"
    assert tell(store, rows("TEACHES", {**taught, "since": 5}, version=4)) == ["UNCHANGED"]


def test_members_are_seen_while_they_are_in_the_unit(unit: Store) -> None:
    since_until: dict[str, tuple[int | None, int | None]] = {
        "ada": (None, None),
        "bob": (NOW - YEAR, NOW + YEAR),
        "cem": (NOW - YEAR, NOW - 1),
        "dan": (NOW + YEAR, None),
        "eve": (NOW - 1, OPEN),
    }
    dated = {name: {"since": since, "until": until} for name, (since, until) in since_until.items()}
    edges: list[Row] = [{"from": f"hr:{name}", "to": "ou:east", **dates} for name, dates in dated.items()]
    put(unit, rows("MEMBER_OF", *edges))

    assert seen(unit) == {"hr:ada", "hr:bob", "hr:eve"}


def test_who_is_employed_in_the_unit_now_is_in_it(unit: Store) -> None:
    jobs: list[Row] = [
        {"id": "job:1", "learner": "hr:ada", "org_unit": "ou:east"},
        {"id": "job:2", "learner": "hr:bob", "org_unit": "ou:east", "until": NOW - 1},
        {"id": "job:3", "learner": "hr:dan", "org_unit": "ou:east", "since": NOW + YEAR},
    ]
    put(unit, rows("Employment", *jobs))

    assert seen(unit) == {"hr:ada"}


def test_another_end_of_a_membership_counts_at_once(unit: Store) -> None:
    member = {"from": "hr:ada", "to": "ou:east"}
    put(unit, rows("MEMBER_OF", {**member, "until": NOW - YEAR}))
    assert seen(unit) == set()

    put(unit, rows("MEMBER_OF", {**member, "until": NOW + YEAR}, version=2))
    assert seen(unit) == {"hr:ada"}


def test_time_alone_begins_and_ends_a_membership(unit: Store) -> None:
    """Nothing is written meanwhile, so nothing that is remembered for a change number may stand in the way."""
    turn = int(time.time()) + 8
    leaving, coming = {"from": "hr:ada", "until": turn}, {"from": "hr:bob", "since": turn}
    put(unit, rows("MEMBER_OF", {**leaving, "to": "ou:east"}, {**coming, "to": "ou:east"}))

    before = seen(unit)
    assert time.time() < turn, "this machine is too slow for the test"
    assert before == {"hr:ada"}
    time.sleep(turn - time.time())
    assert seen(unit) == {"hr:bob"}, "an interval holds its first second and not its last"


def test_a_change_record_says_when_it_was_written(store: Store) -> None:
    first, before = store.number(), int(time.time())
    for version in (1, 2, 3):
        put(store, rows("Skill", {"id": "skill:a", "label": str(version)}, version=version))

    instants = [change.at for change in store.changes(first)]
    assert before <= instants[0]
    assert all(one <= other for one, other in pairwise(instants))
    assert instants[-1] <= time.time()
