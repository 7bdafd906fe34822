"""What counts of intervals, points for it, and whose rows are whose: the same by every set of loops, and one by one."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.lens import EVERY_KIND, Lens
from graph.loops import Loops, Rows, compiled, plain
from ontology.values import OPEN

EACH = pytest.mark.parametrize("loops", [plain, compiled], ids=["plain", "compiled"])
INSTANTS = st.integers(0, 12) | st.just(OPEN - 1)
PEOPLE = 9
Interval = tuple[int, int, int, bool, int, int]


@st.composite
def intervals(draw: st.DrawFn) -> list[Interval]:
    """(person, level, kind, unverified, since, until), persons ascending."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, PEOPLE - 1), st.integers(1, 7), st.integers(1, 8), st.booleans(), INSTANTS, INSTANTS
            ),
            max_size=30,
        )
    )
    return sorted((*each[:4], each[4], OPEN if each[5] <= each[4] else each[5]) for each in drawn)


SPANS = st.lists(st.tuples(INSTANTS, INSTANTS), max_size=3).map(tuple)
LENSES = st.builds(Lens, st.integers(0, 12), st.sampled_from([EVERY_KIND, 0b101010, 1 << 8]), SPANS, st.booleans())
KINDS: dict[str, Any] = {
    "person": np.int32, "level": np.uint8, "kind": np.uint8, "unverified": np.bool_,
    "since": np.uint32, "until": np.uint32,
}  # fmt: skip


def rows_of(drawn: list[Interval], times: int = 1) -> Rows:
    """The intervals as rows 2 and on of a table, each as often as is said, so that there is more than one block."""
    padded = [(0, 7, 1, False, 0, OPEN)] * 2 + [each for each in drawn for _ in range(times)]
    columns = {
        name: np.array(values, KINDS[name]) for name, values in zip(KINDS, zip(*padded, strict=True), strict=True)
    }
    return Rows(columns, 2, len(padded))


def counts(interval: Interval, lens: Lens) -> bool:
    _, _, kind, unverified, since, until = interval
    young = not lens.spans or any(first <= since < end for first, end in lens.spans)
    trusted = not (lens.verified_only and unverified)
    return since <= lens.at < until and bool(lens.kinds >> kind & 1) and young and trusted


def expected(drawn: list[Interval], lens: Lens) -> dict[int, int]:
    levels: dict[int, int] = {}
    for each in drawn:
        if counts(each, lens):
            levels[each[0]] = max(levels.get(each[0], 0), each[1])
    return levels


def window(drawn: list[Interval], at: int) -> tuple[int, int]:
    edges = [edge for each in drawn for edge in each[4:]]
    return max((e for e in edges if e <= at), default=0), min((e for e in edges if e > at), default=OPEN)


@EACH
@given(intervals(), LENSES, st.sampled_from([1, 1, 400]))
def test_each_person_holds_the_highest_level_that_counts(
    loops: Loops, drawn: list[Interval], lens: Lens, n: int
) -> None:
    (found,) = loops.thin([rows_of(drawn, n)], lens)
    assert dict(zip(found.persons.tolist(), found.levels.tolist(), strict=True)) == expected(drawn, lens)
    assert found.persons.tolist() == sorted(found.persons.tolist())
    assert found.window == window(drawn, lens.at)


@EACH
@given(st.lists(intervals(), max_size=4), LENSES)
def test_of_several_groups_each_is_seen_by_itself(loops: Loops, groups: list[list[Interval]], lens: Lens) -> None:
    rows = rows_of([each for group in groups for each in group])
    ends = list(accumulate(map(len, groups), initial=rows.start))
    found = loops.thin([Rows(rows.columns, start, stop) for start, stop in pairwise(ends)], lens)
    assert [dict(zip(one.persons.tolist(), one.levels.tolist(), strict=True)) for one in found] == [
        expected(group, lens) for group in groups
    ]
    assert [one.window for one in found] == [window(group, lens.at) for group in groups]


@EACH
@given(intervals(), LENSES, st.lists(st.integers(0, 7), min_size=PEOPLE, max_size=PEOPLE))
def test_levels_are_raised_and_never_lowered(
    loops: Loops, drawn: list[Interval], lens: Lens, before: list[int]
) -> None:
    best = np.array(before, np.uint8)
    assert loops.raise_levels(best, rows_of(drawn), lens) == window(drawn, lens.at)
    levels = expected(drawn, lens)
    assert best.tolist() == [max(level, levels.get(person, 0)) for person, level in enumerate(before)]


@EACH
@given(st.lists(st.integers(0, 7), min_size=PEOPLE, max_size=PEOPLE), st.integers(1, 7), st.integers(1, 420))
def test_a_level_gives_points_up_to_the_needed_one(loops: Loops, levels: list[int], need: int, gain: int) -> None:
    wanted = [5 + gain * min(level, need) for level in levels]
    for points in (np.full(PEOPLE, 5, np.int32), np.full(PEOPLE, 5, np.int64)):
        some = points.copy()
        loops.add_everyone(points, np.array(levels, np.uint8), gain, need)
        assert points.tolist() == wanted
        loops.add_some(some, np.arange(7, 7 + PEOPLE, dtype=np.int32), np.array(levels, np.uint8), gain, need, 7)
        assert some.tolist() == wanted


@EACH
@given(st.lists(intervals(), max_size=4), st.sets(st.integers(0, PEOPLE)))
def test_the_rows_of_some_are_found_in_each_group(loops: Loops, groups: list[list[Interval]], some: set[int]) -> None:
    person = np.array([each[0] for group in groups for each in group], np.int32)
    bounds = np.cumsum([0, *map(len, groups)]).tolist()
    slices = [slice(start, stop) for start, stop in pairwise(bounds)]
    found = loops.find(person, slices, np.array(sorted(some), np.int32))
    wanted = [
        (row, place) for place, each in enumerate(slices) for row in range(each.start, each.stop) if person[row] in some
    ]
    assert list(zip(found.rows.tolist(), found.group.tolist(), strict=True)) == wanted


@EACH
@given(st.dictionaries(st.integers(0, PEOPLE), st.integers(1, 7)), st.lists(st.integers(0, PEOPLE + 1)))
def test_who_holds_nothing_holds_level_0(loops: Loops, held: dict[int, int], some: list[int]) -> None:
    persons = np.array(sorted(held), np.int32)
    levels = np.array([held[person] for person in sorted(held)], np.uint8)
    found = loops.levels_of(persons, levels, np.array(some, np.int32))
    assert found.tolist() == [held.get(person, 0) for person in some]


@EACH
@given(st.sets(st.integers(0, 50)), st.data())
def test_places_are_those_of_a_table_that_has_them_all(loops: Loops, table: set[int], data: st.DataObject) -> None:
    some = sorted(data.draw(st.sets(st.sampled_from(sorted(table))))) if table else []
    found = loops.places(np.array(sorted(table), np.int32), np.array(some, np.int32))
    assert found.tolist() == [sorted(table).index(person) for person in some]
