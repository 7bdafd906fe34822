"""Texts as arrays are the texts, and are found where they stand."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.index.texts import Texts

LIKE_EACH_OTHER = st.text("ab\N{LATIN SMALL LETTER E WITH ACUTE}\N{GOTHIC LETTER AHSA}", max_size=8)
MANY = st.lists(st.one_of(LIKE_EACH_OTHER, st.text(max_size=3), st.just("x" * 300)), max_size=60)


@given(MANY)
def test_each_and_all_of_them(texts: list[str]) -> None:
    found = Texts.of(texts)
    assert len(found) == len(texts)
    assert list(found) == texts
    assert [found[place] for place in range(len(texts))] == texts


@given(MANY, MANY)
def test_where_each_stands_among_others_in_order(texts: list[str], others: list[str]) -> None:
    ascending = sorted(set(texts))
    found = Texts.of(ascending)
    for text in {*texts, *others, ""}:
        place = bisect_left(ascending, text)
        assert found.place(text) == place
        assert found.find(text) == (place if text in texts else None)


def test_there_is_none_after_the_last() -> None:
    with pytest.raises(IndexError, match="there is no text 1: there are 1"):
        Texts.of(["one"])[1]


def test_ids_take_a_few_bytes_each() -> None:
    found = Texts.of([f"hr-person:{number:08}" for number in range(10_000)])
    assert sum(array.nbytes for array in (found.data, found.shared, found.rest, found.blocks)) < 7 * 10_000
