"""Filters narrow who is ranked, judged at the instant, never how."""

from __future__ import annotations

import pytest

from queries.question import UnknownId
from tests.queries.conftest import Ask, State, people, row_of


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        ({}, ["ada", "cleo", "ben", "dan"]),
        ({"cohort": "cohort:spring"}, ["ada", "ben"]),
        ({"org_unit": "unit:platform"}, ["ada", "cleo"]),
        ({"org_unit": "unit:engineering"}, ["ada", "cleo", "ben"]),
        ({"location": "Berlin"}, ["ada", "cleo"]),
        ({"location": "Leeds"}, ["ben"]),
        ({"kind": "internal"}, ["ada", "cleo", "ben"]),
        ({"kind": "external"}, ["dan"]),
        ({"applied_to": "requisition:berlin"}, ["cleo", "dan"]),
        ({"people": "person:dan,person:ada"}, ["ada", "dan"]),
        ({"people": ["person:dan", "recruit:cleo"]}, ["cleo", "dan"]),
        ({"exclude": "recruit:cleo,person:ada"}, ["ben", "dan"]),
        ({"ready_only": "true"}, ["ada"]),
        ({"org_unit": "unit:engineering", "kind": "internal", "exclude": "person:ada"}, ["cleo", "ben"]),
    ],
)
def test_a_filter_leaves_who_it_names(matches: Ask, filter: dict[str, str], left: list[str]) -> None:
    answer = matches(**filter)
    assert people(answer) == left
    assert answer.total == len(left)


def test_membership_is_judged_at_the_instant(matches: Ask) -> None:
    before, after = matches(org_unit="unit:platform", as_of="2023-04-01"), matches(org_unit="unit:platform")
    assert people(before) == []
    assert people(after) == ["ada", "cleo"]


def test_ranks_are_among_those_who_are_left(matches: Ask) -> None:
    answer = matches(exclude="person:ada")
    assert [row["rank"] for row in answer.rows] == [1, 2, 3]


def test_filters_change_nobodys_points(matches: Ask) -> None:
    whole = matches()
    narrowed = matches(org_unit="unit:engineering", kind="internal")
    for row in narrowed.rows:
        same = row_of(whole, row["person"].removeprefix("person:"))
        assert {**same, "rank": 0} == {**row, "rank": 0}


@pytest.mark.parametrize(
    "filter",
    [
        {"cohort": "cohort:autumn"},
        {"cohort": "unit:platform"},
        {"org_unit": "cohort:spring"},
        {"applied_to": "role:cloud-engineer"},
        {"people": "person:nobody"},
        {"exclude": "skill:linux"},
    ],
)
def test_a_filter_by_something_that_is_not_there_is_told(matches: Ask, filter: dict[str, str]) -> None:
    with pytest.raises(UnknownId) as error:
        matches(**filter)
    assert error.value.field == next(iter(filter))
    assert error.value.value == next(iter(filter.values()))


def test_protected_attributes_change_no_ranking(matches: Ask, state: State) -> None:
    before = matches()
    for value in ("one", "another"):
        state(
            {
                "Protected": [
                    {"id": f"protected:{name}", "learner": f"person:{name}", "attribute": "gender", "value": value}
                    for name in ("ada", "ben", "cleo", "dan", "eve")
                ]
            }
        )
        assert matches().rows == before.rows
