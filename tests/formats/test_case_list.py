"""Lists of CASE in pages: whatever the limit, the pages together are the list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.case_list import page_of
from api.problems import Problem

FIELDS = ("identifier", "title")
THINGS = st.lists(
    st.fixed_dictionaries({"identifier": st.uuids().map(str), "title": st.sampled_from("abc")}), max_size=9
)


@given(THINGS, st.integers(1, 4), st.sampled_from(["asc", "desc"]))
def test_pages_together_are_the_list_in_its_order(every: list[dict[str, Any]], limit: int, order: str) -> None:
    asked = {"sort": "title", "orderBy": order, "limit": str(limit)}
    pages = [page_of(every, {**asked, "offset": str(start)}, FIELDS, "/x") for start in range(0, len(every) + 1, limit)]
    assert [each for page in pages for each in page.things] == sorted(
        every, key=lambda each: str(each["title"]), reverse=order == "desc"
    )
    for page in pages:
        assert page.headers["X-Total-Count"] == str(page.total) == str(len(every))
    assert 'rel="next"' not in pages[-1].headers["Link"]


def test_before_a_page_behind_the_end_is_the_last_one() -> None:
    every = [{"title": text} for text in "abc"]
    links = page_of(every, {"limit": "2", "offset": "1000"}, FIELDS, "/x").headers["Link"]
    assert '</x?limit=2&offset=2>; rel="prev"' in links


@given(THINGS, st.sampled_from("abcd"))
def test_a_condition_and_its_contrary_part_the_list(every: list[dict[str, Any]], title: str) -> None:
    chosen, others = (page_of(every, {"filter": f"title{test}'{title}'"}, FIELDS, "/x").things for test in ("=", "!="))
    assert [each for each in every if each["title"] == title] == chosen
    assert len(chosen) + len(others) == len(every)


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "title"},
        {"filter": "colour='red'"},
        {"filter": "title='a' AND title='b' OR title='c'"},
        {"fields": "colour"},
        {"sort": "colour"},
        {"orderBy": "up"},
        {"limit": "0"},
        {"offset": "-1"},
    ],
)
def test_what_is_not_understood_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(Problem):
        page_of([], asked, FIELDS, "/x")
