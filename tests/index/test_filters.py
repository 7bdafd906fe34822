"""Who is ranked: filters are judged at one instant (design section 4)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from graph.index import Index, IndexKeeper
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR, Viewer
from ontology.values import parse_instant
from tests.index.conftest import Say
from tests.oracle import Row


@pytest.fixture
def firm(academy: Store, say: Say) -> Store:
    """A plant with a hall in it; Ann moves from the plant's office to the hall, Ben is outside."""
    say(
        OrgUnit=[{"id": "unit:plant", "label": "plant"}, {"id": "unit:hall", "label": "hall", "part_of": "unit:plant"}],
        Cohort=[{"id": "cohort:pilot", "label": "pilot"}],
        Requisition=[{"id": "opening:1", "label": "opening"}],
        Learner=[
            {"id": "person:ann", "label": "Ann", "location": "Oslo"},
            {"id": "person:ben", "label": "Ben", "kind": "external", "location": "Bergen"},
            {"id": "person:cem", "label": "Cem", "kind": "internal"},
        ],
        MEMBER_OF=[
            {"from": "person:ben", "to": "cohort:pilot", "since": "2024-01-01", "until": "2024-06-30"},
            {"from": "person:cem", "to": "unit:hall"},
        ],
        Employment=[job("1", "unit:plant", "2023"), job("2", "unit:hall", "2024", location="Bergen")],
        Application=[
            {"id": "application:1", "learner": "person:ben", "requisition": "opening:1", "applied_at": "2024-03-01"}
        ],
    )
    return academy


def job(number: str, unit: str, year: str, **cells: str) -> Row:
    """An Employment of Ann's for a year."""
    dates = {"since": f"{year}-01-01", "until": f"{year}-12-31"}
    return {"id": f"job:{number}", "learner": "person:ann", "org_unit": unit, **dates, **cells}


@pytest.fixture
def index(firm: Store) -> Index:
    return IndexKeeper(firm, Settings()).current()


def at(day: str) -> int:
    return parse_instant(day)[0]


def names(index: Index, mask: Iterable[bool] | None) -> set[str]:
    assert mask is not None
    return {index.people.id_of(number).removeprefix("person:") for number, inside in enumerate(mask) if inside}


def test_a_cohorts_members_are_those_while_they_are(index: Index) -> None:
    days = ("2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01")
    found = [names(index, index.members_of(["cohort:pilot"], at(day))) for day in days]
    assert found == [set(), {"ben"}, {"ben"}, set()]


def test_an_org_unit_includes_its_sub_units_and_whom_it_employs(index: Index) -> None:
    assert names(index, index.members_of(["unit:plant"], at("2023-06-01"))) == {"ann", "cem"}
    assert names(index, index.members_of(["unit:hall"], at("2023-06-01"))) == {"cem"}
    assert names(index, index.members_of(["unit:hall"], at("2024-06-01"))) == {"ann", "cem"}
    assert names(index, index.members_of(["unit:plant"], at("2025-06-01"))) == {"cem"}
    assert names(index, index.members_of(["unit:unknown"], at("2025-06-01"))) == set()


def test_the_place_is_that_of_an_employment_in_force_else_ones_own(index: Index) -> None:
    assert names(index, index.located("Bergen", at("2023-06-01"))) == {"ben"}
    assert names(index, index.located("Bergen", at("2024-06-01"))) == {"ann", "ben"}
    assert names(index, index.located("Oslo", at("2024-06-01"))) == set()
    assert names(index, index.located("Oslo", at("2025-06-01"))) == {"ann"}
    assert names(index, index.located("Nowhere", at("2025-06-01"))) == set()


def test_inside_is_who_says_so_or_is_employed(index: Index) -> None:
    assert names(index, index.internal(at("2024-06-01"))) == {"ann", "cem"}
    assert names(index, index.internal(at("2025-06-01"))) == {"cem"}


def test_who_applied_had_applied_by_then(index: Index) -> None:
    assert names(index, index.applied_to("opening:1", at("2024-02-29"))) == set()
    assert names(index, index.applied_to("opening:1", at("2024-03-01"))) == {"ben"}


def test_a_key_limited_to_org_units_sees_their_people_now(index: Index) -> None:
    limited = Viewer(frozenset({"match"}), org_units=frozenset({"unit:plant"}))
    assert index.visible(OPERATOR, at("2024-06-01")) is None
    assert names(index, index.visible(limited, at("2024-06-01"))) == {"ann", "cem"}
    assert names(index, index.visible(limited, at("2025-06-01"))) == {"cem"}
    assert names(index, index.visible(Viewer(frozenset({"match"}), org_units=frozenset()), at("2025-06-01"))) == set()


def test_boundaries_are_where_something_starts_or_ends(index: Index) -> None:
    assert index.last_boundary(at("2023-06-01")) == at("2023-01-01")
    assert index.last_boundary(at("2024-01-01") - 1) == at("2023-01-01")
    assert index.last_boundary(at("2024-01-01")) == at("2024-01-01")
    assert index.last_boundary(at("2024-02-29")) == at("2024-01-01")
    assert index.last_boundary(at("2024-03-01")) == at("2024-03-01")
    assert index.last_boundary(at("2100-01-01")) == index.last_boundary(at("2025-01-01"))
    assert index.last_boundary(at("1975-01-01")) == 0


def test_moves_are_seen_by_a_delta(firm: Store, say: Say) -> None:
    keeper = IndexKeeper(firm, Settings())
    keeper.current()
    say(MEMBER_OF=[{"from": "person:cem", "to": "unit:hall"}], removed=True)
    assert names(keeper.current(), keeper.current().members_of(["unit:plant"], at("2025-06-01"))) == set()
    say(Employment=[{"id": "job:2"}], removed=True)
    index = keeper.current()
    assert names(index, index.internal(at("2024-06-01"))) == {"cem"}
    say(
        OrgUnit=[{"id": "unit:hall", "label": "hall"}],
        Learner=[{"id": "person:ann", "label": "Ann", "location": "Rome"}],
    )
    index = keeper.current()
    assert names(index, index.located("Rome", at("2024-06-01"))) == {"ann"}
    assert names(index, index.members_of(["unit:plant"], at("2023-06-01"))) == {"ann"}
    assert keeper.counters.built == 1
