"""A content hash tells whether two records say the same, row by row or column by column."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.canonical import content_hash, content_hashes

VALUES = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
)
NAMES = ("label", "label@de", "level", "tags", "kind")


@given(st.lists(st.tuples(*(VALUES for _ in NAMES)), max_size=40))
def test_columns_hash_as_rows_do(rows: list[tuple[Any, ...]]) -> None:
    columns = {name: [row[place] for row in rows] for place, name in enumerate(NAMES)}

    assert content_hashes(columns, NAMES) == [content_hash(dict(zip(NAMES, row, strict=True))) for row in rows]


def test_a_long_column_hashes_as_its_rows_do() -> None:
    scores = [row if row % 3 else None for row in range(5000)]

    hashes = content_hashes({"score": scores, "kind": ["assessment"] * 5000}, ["kind", "score"])
    assert hashes == [content_hash({"score": score, "kind": "assessment"}) for score in scores]


def test_what_is_absent_leaves_no_mark() -> None:
    assert content_hash({"label": "a", "code": None, "tags": ()}) == content_hash({"label": "a"})


def test_order_and_repeats_in_a_list_say_nothing() -> None:
    assert content_hash({"tags": ("b", "a", "a")}) == content_hash({"tags": ("a", "b")})


def test_values_of_different_kinds_differ() -> None:
    kinds: list[Any] = [1, "1", True, ("1",), 0, False, "", " "]
    assert len({content_hash({"v": value}) for value in kinds}) == len(kinds)


def test_a_value_counts_under_its_own_name_only() -> None:
    assert content_hash({"a": "x"}) != content_hash({"b": "x"})
    assert content_hash({"a": "x", "b": "y"}) != content_hash({"a": "y", "b": "x"})


def test_hashes_are_signed_64_bit_and_stay_what_they_are() -> None:
    """Stored hashes are compared with later ones: another form would make every row of a store look changed."""
    assert content_hash({}) == content_hashes({"label": [None]}, ["label"])[0]
    assert content_hash({"label": "Ada", "level": 2_000_000}) == REMEMBERED


REMEMBERED = -2191827036384974650
