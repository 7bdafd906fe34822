"""Rows in order of group and person, whatever their number and kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.index import sorting
from graph.index.sorting import narrowed, order, rows_among, table

GROUPS = st.one_of(st.integers(-3, 3), st.integers(-(2**40), 2**40))
ROWS = st.lists(st.tuples(GROUPS, st.integers(-1, 5)), max_size=50)


@given(ROWS, st.sampled_from([64, 1]), st.sampled_from([1, 3, 1 << 20]), st.sampled_from([0, 1 << 20]))
def test_group_then_person_then_as_they_came(rows: list[tuple[int, int]], word: int, piece: int, spare: int) -> None:
    group = np.array([group for group, _ in rows], np.int64)
    person = np.array([person for _, person in rows], np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_WORD", word)
        patch.setattr(sorting, "_SLICE", piece)
        patch.setattr(sorting, "_SPARE", spare)
        found = table(group, {"person": person, "row": np.arange(len(rows))})
    expected = sorted((group, person, row) for row, (group, person) in enumerate(rows) if person >= 0)
    columns = (found.groups(), found.columns["person"], found.columns["row"])
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    assert found.keys.tolist() == sorted({group for group, _, _ in expected})


@given(st.lists(st.integers(1, 50)), st.lists(st.integers(1, 60)), st.sampled_from([1, 7, 1 << 20]))
def test_the_rows_of_some_keys(column: list[int], keys: list[int], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_SLICE", piece)
        found = rows_among(np.array(column, np.uint32), np.array(keys, np.int64))
    assert found.tolist() == [row for row, key in enumerate(column) if key in keys]


@pytest.mark.parametrize(("highest", "kept"), [(2**32 - 1, np.uint32), (2**32, np.int64)])
def test_keys_are_narrow_where_they_fit(highest: int, kept: type[np.generic]) -> None:
    found = narrowed(np.array([0, highest]))
    assert found.dtype == kept
    assert found.tolist() == [0, highest]


def test_no_rows_are_in_order() -> None:
    found = order(np.zeros(0, np.uint32), np.zeros(0, np.int32))
    assert (len(found), found.keys.tolist(), found.starts.tolist()) == (0, [], [0])
