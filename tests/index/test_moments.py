"""The instants at which anything changes: none is missed, and what is kept of them is small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.index import moments
from graph.index.moments import Moments
from ontology.values import LATEST, OPEN

INSTANTS = st.one_of(st.integers(0, 300), st.integers(0, LATEST), st.just(OPEN))
COLUMNS = st.lists(st.lists(INSTANTS, max_size=40), min_size=1, max_size=3)


def column(instants: list[int]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.array(instants, np.uint32)


@given(COLUMNS, st.lists(st.integers(0, LATEST), max_size=5))
def test_the_moments_on_both_sides_of_any_instant(columns: list[list[int]], others: list[int]) -> None:
    found = Moments.of(map(column, columns), 0)
    told = sorted({each for one in columns for each in one} - {OPEN})
    for at in {*others, *told, *(each - 1 for each in told if each)}:
        before = max((each for each in told if each <= at), default=0)
        after = min((each for each in told if each > at), default=None)
        assert found.around(at) == (before, after)


@given(COLUMNS, st.lists(st.integers(0, LATEST), max_size=5))
def test_longer_windows_tell_more_moments_and_miss_none(columns: list[list[int]], others: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "_ROOM", 60)
        found = Moments.of(map(column, columns), 0)
    told = sorted({each for one in columns for each in one} - {OPEN})
    for at in {*others, *told, *(each - 1 for each in told if each)}:
        before, after = found.around(at)
        assert before <= at
        assert all(not before < each <= at for each in told)
        assert all(after is not None and after <= each for each in told if each > at)
        assert after is None or after > at


def test_a_million_different_moments_take_a_quarter_of_a_byte_a_fact() -> None:
    facts = 8_000_000
    instants = np.random.default_rng(7).integers(0, LATEST, facts // 4).astype(np.uint32)
    found = Moments.of([instants], facts)
    assert found.places.nbytes + found.words.nbytes <= moments._ROOM + facts / 4
    assert found.seconds > 1


def test_days_are_kept_exactly() -> None:
    days = np.arange(0, 20_000, dtype=np.uint32) * np.uint32(86_400)
    assert Moments.of([days], 20_000).around(86_400 * 5 + 7) == (86_400 * 5, 86_400 * 6)
