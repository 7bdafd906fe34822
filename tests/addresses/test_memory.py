"""Answers are remembered as long as they stand, and as many as fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.addresses.memory import Made, Memory

_ASKED = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcdef"), st.integers(0, 3_000)), max_size=40)


@given(_ASKED)
def test_what_is_found_is_what_was_kept_at_that_number_and_fits(asked: list[tuple[int, str, int]]) -> None:
    most, kept = 8_000, Memory(8_000)
    made: dict[str, Made] = {}
    for number, key, size in asked:
        kept.keep(number, key, Made(b"x" * size, f'"{number}{key}{size}"'))
        made = {each: one for each, one in made.items() if one.tag[1] == str(number)} | {
            key: Made(b"x" * size, f'"{number}{key}{size}"')
        }
        found = [one for each in made if (one := kept.find(number, each)) is not None]
        assert all(one in made.values() for one in found)
        assert sum(len(one.body) for one in found) <= most
        assert kept.find(number, key) == made[key]
        assert kept.find(number + 1, key) is None


def test_nothing_is_remembered_for_longer_than_what_is_in_force_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Memory()
    kept.keep(1, "a", Made(b"", '"a"'))
    monkeypatch.setattr("time.monotonic", lambda: 1e12)
    assert kept.find(1, "a") is None
