"""Who is chosen of a board: the same by every set of loops, and what plain sorting gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.loops import Choice, Chosen, Loops, Page, Sums, compiled, plain

NUMBERS = st.integers(0, 4)
PEOPLE = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=40)
EACH = pytest.mark.parametrize("loops", [plain, compiled], ids=["plain", "compiled"])
STEP = 20


@dataclass(frozen=True)
class Asked:
    """What is drawn: `scale` people stand where one was drawn, so that more than one block is looked at."""

    people: list[tuple[int, int, int]]
    choice: Choice
    scale: int

    @property
    def sums(self) -> Sums:
        rows = np.tile(np.array(self.people, np.int32).reshape(-1, 3), (self.scale, 1))
        return Sums(*(np.ascontiguousarray(column) for column in (rows[:, 0] + rows[:, 1], rows[:, 1], rows[:, 2])))


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    people = draw(PEOPLE)
    after = draw(st.none() | st.tuples(st.integers(1, 8 + STEP), st.integers(-1, 45)))
    choice = Choice(draw(NUMBERS), draw(NUMBERS), STEP, draw(st.integers(1, 9)), draw(st.booleans()), after)
    return Asked(people, choice, draw(st.sampled_from([1, 1, 300])))


def key(sums: Sums, person: int, choice: Choice) -> int:
    points, preferred, met = (int(each[person]) for each in (sums.points, sums.preferred, sums.met))
    ready = points - preferred >= choice.least and met == choice.musts
    return points + ready * choice.step if points and (ready or not choice.ready_only) else 0


def by_sorting(sums: Sums, choice: Choice, people: Sequence[int]) -> Chosen:
    keys = {person: key(sums, person, choice) for person in people}
    everyone = sorted((person for person in keys if keys[person]), key=lambda one: (-keys[one], one))
    last, after = choice.after or (10**9, 0)
    higher = [one for one in everyone if keys[one] > last]
    passed = [one for one in everyone if keys[one] == last and one <= after]
    rest = everyone[len(higher) + len(passed) :]
    first, left = rest[: choice.limit], rest[choice.limit :]
    tied = sum(keys[one] == keys[first[-1]] for one in left) if first else 0
    chosen = np.array(first, np.int32), np.array([keys[one] for one in first], np.int64)
    return Chosen(*chosen, len(everyone), len(higher), len(passed), tied)


def alike(one: Chosen, other: Chosen) -> None:
    assert one.persons.tolist() == other.persons.tolist()
    assert one.keys.tolist() == other.keys.tolist()
    assert (one.total, one.higher, one.passed, one.tied) == (other.total, other.higher, other.passed, other.tied)


def offered(loops: Loops, sums: Sums, choice: Choice, stretches: int = 1) -> Chosen:
    """Everyone, in so many stretches."""
    page, count = Page(choice.limit), len(sums.points)
    for start, stop in pairwise(np.linspace(0, count, stretches + 1).astype(int).tolist()):
        loops.offer_stretch(page, choice, sums.part(slice(start, stop)), start)
    return loops.chosen(page)


@EACH
@given(asked(), st.integers(1, 4))
def test_a_page_is_a_part_of_the_sorted_whole(loops: Loops, of: Asked, stretches: int) -> None:
    expected = by_sorting(of.sums, of.choice, range(len(of.sums.points)))
    alike(offered(loops, of.sums, of.choice, stretches), expected)


@EACH
@given(asked(), st.data())
def test_a_page_of_some_is_a_part_of_these(loops: Loops, of: Asked, data: st.DataObject) -> None:
    count, page = len(of.sums.points), Page(of.choice.limit)
    some = sorted(data.draw(st.sets(st.integers(0, count - 1), max_size=60))) if count else []
    for part in (some[: len(some) // 2], some[len(some) // 2 :]):
        loops.offer_some(page, of.choice, of.sums.part(np.array(part, np.int64)), np.array(part, np.int32))
    alike(loops.chosen(page), by_sorting(of.sums, of.choice, some))


@EACH
@given(asked())
def test_sums_are_left_out_where_nobody_has_any_and_nothing_must_be_met(loops: Loops, of: Asked) -> None:
    sums, nothing, choice = of.sums, np.zeros(0, np.int32), replace(of.choice, musts=0)
    zeros = np.zeros_like(sums.points)
    without = offered(loops, Sums(sums.points, nothing, nothing), choice)
    alike(without, offered(loops, Sums(sums.points, zeros, zeros), choice))


@EACH
@given(asked())
def test_sums_beyond_32_bits_are_chosen_of_alike(loops: Loops, of: Asked) -> None:
    wide = Sums(*(each.astype(np.int64) for each in (of.sums.points, of.sums.preferred, of.sums.met)))
    alike(offered(loops, wide, of.choice, 2), offered(loops, of.sums, of.choice))
