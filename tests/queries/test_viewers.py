"""What a viewer may not see is as if it were not there."""

from __future__ import annotations

from typing import Any

import pytest

from graph.viewer import OPERATOR, Viewer
from queries.question import Forbidden, UnknownId
from tests.queries.conftest import Ask, people

MATCHER = Viewer(frozenset({"match"}))
PLATFORM = Viewer(frozenset({"match", "graph", "people"}), org_units=frozenset({"unit:platform"}))
ENGINEERING = Viewer(frozenset({"match"}), org_units=frozenset({"unit:engineering"}))
PERSON_QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("person-skills", {}),
    ("person-roles", {}),
    ("person-gap", {"role": "role:cloud-engineer"}),
]


def test_names_are_for_viewers_with_the_scope_people(matches: Ask) -> None:
    assert [row["label"] for row in matches(viewer=MATCHER).rows] == [None] * 4
    assert [row["label"] for row in matches(viewer=PLATFORM).rows] == ["Ada Lovelace", "Cleo Marsh"]


def test_an_org_unit_narrows_rows_ranks_and_totals(matches: Ask) -> None:
    answer = matches(viewer=PLATFORM, exclude="person:ada")
    assert (people(answer), answer.total, answer.rows[0]["rank"]) == (["cleo"], 1, 1)


def test_sub_units_are_seen_too(matches: Ask) -> None:
    assert people(matches(viewer=ENGINEERING)) == ["ada", "cleo", "ben"]


def test_who_is_seen_is_judged_now_not_at_the_instant_asked_about(matches: Ask) -> None:
    assert people(matches(viewer=PLATFORM, as_of="2024-08-20")) == ["ada", "cleo"]
    assert people(matches(viewer=ENGINEERING, as_of="2023-04-01")) == ["ben"]


def test_ties_that_were_cut_are_counted_among_the_seen(asked: Ask) -> None:
    profile = '[{"skill": "skill:communication", "level": 1}]'
    assert asked("role-matches", profile=profile, limit="1").cut_ties == 1
    assert asked("role-matches", profile=profile, limit="1", viewer=PLATFORM).cut_ties == 0


@pytest.mark.parametrize(("question", "more"), PERSON_QUESTIONS)
def test_an_unseen_person_looks_like_one_that_is_not_there(asked: Ask, question: str, more: dict[str, Any]) -> None:
    messages = []
    for person in ("person:dan", "person:xyz"):
        with pytest.raises(UnknownId) as error:
            asked(question, viewer=PLATFORM, person=person, **more)
        messages.append(str(error.value).replace(person, "X"))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("filter", ["people", "exclude"])
def test_an_unseen_person_cannot_be_found_out_by_a_filter(matches: Ask, filter: str) -> None:
    messages = []
    for person in ("person:dan", "person:xyz"):
        with pytest.raises(UnknownId) as error:
            matches(viewer=PLATFORM, **{filter: person})
        messages.append(str(error.value).replace(person, "X"))
    assert messages[0] == messages[1]


@pytest.mark.parametrize(("question", "more"), PERSON_QUESTIONS)
def test_a_seen_person_is_answered_as_for_the_operator(asked: Ask, question: str, more: dict[str, Any]) -> None:
    own = asked(question, viewer=PLATFORM, person="recruit:cleo", **more)
    assert own.rows == asked(question, viewer=OPERATOR, person="person:cleo", **more).rows


@pytest.mark.parametrize(
    ("question", "scope"),
    [("role-matches", "match"), ("person-gap", "match"), ("role-profile", "graph"), ("skill-sources", "graph")],
)
def test_a_question_needs_its_scope_before_its_parameters_are_read(asked: Ask, question: str, scope: str) -> None:
    others = frozenset({"match", "graph", "people", "publish", "load", "audit", "admin"}) - {scope}
    with pytest.raises(Forbidden) as error:
        asked(question, viewer=Viewer(others), nonsense="1")
    assert error.value.scope == scope
