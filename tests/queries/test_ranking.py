"""Order, shared ranks, cut ties, pages of the tiny company's ranking."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import pytest

from graph.index import IndexKeeper
from graph.store import Store
from graph.viewer import OPERATOR
from queries import cursor as cursors
from queries.ask import ask, find
from queries.parse import parse
from queries.question import QuestionError
from tests.queries.conftest import NOW, Ask, State, people

TWINS = [
    {"id": f"evidence:twin-{name}", "learner": f"person:{name}", "kind": "work_sample", "skill": "skill:communication",
     "level": 1, "shown_at": "2024-01-01"}
    for name in ("eve", "dan", "cleo")
]  # fmt: skip
COMMUNICATION = '[{"skill": "skill:communication", "level": 1}]'


def test_equals_share_a_rank_in_the_order_of_their_ids(asked: Ask, state: State) -> None:
    state({"Evidence": TWINS, "Learner": [{"id": "person:Zoe"}]})
    answer = asked("role-matches", profile=COMMUNICATION, as_of="2024-03-01")
    assert [(row["person"], row["rank"]) for row in answer.rows] == [
        ("person:cleo", 1),
        ("person:dan", 1),
        ("person:eve", 1),
    ]


def test_the_next_rank_counts_everyone_before_it(asked: Ask, state: State) -> None:
    state({"Evidence": TWINS[:2]})
    state({"Evidence": [{**TWINS[2], "skill": "skill:linux"}]})
    answer = asked(
        "role-matches",
        profile='[{"skill": "skill:communication", "level": 1, "weight": 2}, {"skill": "skill:linux", "level": 1}]',
        as_of="2024-02-01",
        threshold="0",
    )
    by_points = [row["points"] for row in answer.rows]
    assert [row["rank"] for row in answer.rows] == [1 + sum(b > p for b in by_points) for p in by_points]


def test_an_answer_says_how_many_equals_its_limit_cut_off(asked: Ask, state: State) -> None:
    state({"Evidence": TWINS})
    answer = asked("role-matches", profile=COMMUNICATION, as_of="2024-03-01", limit="1")
    assert (people(answer), answer.total, answer.cut_ties) == (["cleo"], 3, 2)


def test_pages_together_are_the_whole_answer(matches: Ask) -> None:
    rows: list[Mapping[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = matches(limit="1", **cursor)
        rows += answer.rows
        if answer.next is None:
            break
        cursor = {"cursor": answer.next}
    assert rows == list(matches().rows)


def test_a_page_is_judged_at_the_first_pages_instant(company: Store, keeper: IndexKeeper) -> None:
    given = {"role": "role:cloud-engineer", "limit": "1"}
    first = ask(company, keeper, OPERATOR, "role-matches", given, NOW)
    assert first.next is not None
    later = ask(company, keeper, OPERATOR, "role-matches", {**given, "cursor": first.next}, NOW + 10**8)
    assert later.as_of == first.as_of == NOW
    assert later.rows[0]["rank"] == 2


def test_who_moves_between_pages_stands_where_they_stand_now(matches: Ask, state: State) -> None:
    first = matches(limit="1")
    state({"Evidence": [{"id": "evidence:cleo-permit", "learner": "person:cleo", "kind": "credential",
                         "about": "credential:permit", "shown_at": "2024-12-01"}]})  # fmt: skip
    assert people(matches(limit="1", cursor=first.next)) == ["cleo"], "she is ready now, with fewer points than Ada"


def test_who_is_gone_between_pages_does_not_break_them(matches: Ask, company: Store) -> None:
    first = matches(limit="2")
    assert people(first) == ["ada", "cleo"]
    company.erase("person:cleo")
    assert people(matches(limit="2", cursor=first.next)) == ["ben", "dan"]


@pytest.mark.parametrize("other", [{"limit": "2"}, {"threshold": "0.5"}, {"as_of": "2024-06-01"}])
def test_a_cursor_used_with_other_parameters_is_refused(matches: Ask, other: dict[str, str]) -> None:
    cursor = matches(limit="1").next
    with pytest.raises(QuestionError, match="cursor"):
        matches(**{"limit": "1", "cursor": cursor, **other})


def test_a_changed_cursor_is_refused(matches: Ask) -> None:
    cursor = matches(limit="1").next or ""
    for changed in (cursor[:-2], f"A{cursor[1:]}", f"{cursor}A", "é", "x"):
        with pytest.raises(QuestionError, match="cursor"):
            matches(limit="1", cursor=changed)


FORGED_PLACES = [
    ("1", True, 1, "person:ada"), (1.5, True, 1, "person:ada"), (-1, True, 1, "person:ada"),
    (True, True, 1, "person:ada"), (2**32 - 1, True, 1, "person:ada"), (10**400, True, 1, "person:ada"),
    (NOW, 1, 1, "person:ada"), (NOW, None, 1, "person:ada"), (NOW, True, -1, "person:ada"),
    (NOW, True, 2**62, "person:ada"), (NOW, True, 0.5, "person:ada"), (NOW, True, False, "person:ada"),
    (NOW, True, 1, None), (NOW, True, 1, ["person:ada"]), (NOW, True, 1, "\ud800"),
]  # fmt: skip


@pytest.mark.parametrize("place", FORGED_PLACES, ids=repr)
def test_a_cursor_that_says_what_no_page_ends_with_is_refused(matches: Ask, place: tuple[Any, ...]) -> None:
    given = {"role": "role:cloud-engineer"}
    forged = cursors.write("role-matches", parse(find("role-matches"), given), cursors.Place(*place))
    with pytest.raises(QuestionError, match="is not a cursor"):
        matches(cursor=forged)


@pytest.mark.parametrize("body", ["5", "null", "{}", "[]", '["x"]', "[" * 2_900])
def test_a_cursor_that_holds_something_else_is_refused(matches: Ask, body: str) -> None:
    raw = blake2b(body.encode(), digest_size=6, person=b"sg-cursor").digest() + body.encode()
    with pytest.raises(QuestionError, match="is not a cursor"):
        matches(cursor=urlsafe_b64encode(raw).decode().rstrip("="))
