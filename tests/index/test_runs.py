"""Rows laid over a base say what a plain list of them says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.index.owners import NewerOwners
from graph.index.runs import with_rows, without
from graph.index.tables import Layered, Table

PEOPLE, GROUPS = 6, 4
ROWS = st.lists(
    st.tuples(st.integers(1, GROUPS), st.integers(0, PEOPLE - 1), st.integers(0, 1 << 33)), min_size=1, max_size=20
)
"""(group, person, evidence); the evidence of a base fits into four bytes, that of runs need not."""

Plain = list[tuple[int, int, int]]


def columns(rows: Plain, kind: type[np.generic]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    group, person, evidence = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return group, {"person": person.astype(np.int32), "evidence": evidence.astype(kind)}


def told(layered: Layered, groups: list[int]) -> Plain:
    selection = layered.select(groups)
    found = (selection.positions(), selection.column("person"), selection.column("evidence"))
    return sorted((groups[place], person, evidence) for place, person, evidence in zip(*map(list, found), strict=True))


@pytest.mark.parametrize("lowest", [0, (1 << 31) - 3, 1 << 40])
@given(ROWS, st.lists(ROWS | st.sets(st.integers(0, PEOPLE - 1), min_size=1), max_size=12))
def test_added_and_taken_away(lowest: int, base: Plain, steps: list[Plain | set[int]]) -> None:
    """Whatever the keys of groups are."""
    base = [(lowest + group, person, evidence % (1 << 32)) for group, person, evidence in base]
    layered, plain = Layered(Table.build(*columns(base, np.uint32))), list(base)
    for step in steps:
        if isinstance(step, list):
            more = [(lowest + group, person, evidence) for group, person, evidence in step]
            layered = with_rows(layered, *columns(more, np.int64))
            plain += more
        else:
            gone = np.isin(np.arange(PEOPLE), list(step))
            layered = without(layered, gone, gone if layered.changed is None else gone | layered.changed)
            plain = [row for row in plain if row[1] not in step]
    assert told(layered, list(range(lowest + 1, lowest + GROUPS + 1))) == sorted(plain)
    assert len(layered.all().column("person")) == len(plain)
    for person in range(PEOPLE):
        groups, rows = layered.of_person(person)
        own = sorted(zip(groups.tolist(), rows.column("evidence").tolist(), strict=True))
        assert own == sorted((group, evidence) for group, of, evidence in plain if of == person)
    for run in layered.runs:
        order = list(zip(run.groups().tolist(), run.columns["person"].tolist(), strict=True))
        assert order == sorted(order)


@given(st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(-1, 5)), max_size=8), max_size=10))
def test_owners_are_all_that_were_told(steps: list[list[tuple[int, int]]]) -> None:
    owners, plain = NewerOwners(), list[tuple[int, int]]()
    for step in steps:
        handles, persons = (np.array([pair[place] for pair in step], np.int64) for place in (0, 1))
        owners = owners.with_rows(handles, persons.astype(np.int32))
        plain += step
    assert owners.end == max((handle + 1 for handle, _ in plain), default=0)
    for handle in range(31):
        assert owners.persons(np.array([handle])) == {person for each, person in plain if each == handle}
