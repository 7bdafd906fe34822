"""The same versioned rows once or many times, in any order and in any number of loads: the same graph."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.digest import digest
from graph.open import open_store
from loaders.load import load_rows

Told = tuple[str, int, dict[str, list[dict[str, Any]]]]
"""Source name, snapshot instant, tables."""

SKILLS = ("skill:a", "skill:b", "skill:c")
PEOPLE = ("person:v", "person:w")


def _skill(draw: st.DrawFn, version: int) -> dict[str, Any]:
    replaced = draw(st.lists(st.sampled_from(("skill:y", "skill:z")), max_size=2))
    return {"id": draw(st.sampled_from(SKILLS)), "label": draw(st.sampled_from("XYZ")), "replaced_by": replaced}


def _evidence(draw: st.DrawFn, version: int) -> dict[str, Any]:
    """Sometimes with a version of its own, which then outranks the load's."""
    own = {"version": 100 + version} if draw(st.booleans()) else {}
    return own | {
        "id": draw(st.sampled_from(("ev:1", "ev:2", "ev:3"))),
        "learner": draw(st.sampled_from(PEOPLE)),
        "kind": draw(st.sampled_from(("interview", "self_rating"))),
        "skill": draw(st.sampled_from(SKILLS)),
        "level": draw(st.sampled_from((1, 2, 3))),
        "shown_at": "2024-05-01",
    }


def _edge(draw: st.DrawFn, version: int) -> dict[str, Any]:
    return {"from": "role:r", "to": draw(st.sampled_from(SKILLS)), "level": draw(st.sampled_from((1, 2)))}


@st.composite
def loads(draw: st.DrawFn) -> list[Told]:
    """A few loads whose versions all differ; each table has its own source, and an id stands once in a load."""
    told: list[Told] = [
        ("people", 1, {"Learner": [{"id": id, "label": id} for id in PEOPLE]}),
        ("retired", 1, {"Skill": [{"id": id, "label": id} for id in ("skill:y", "skill:z")]}),
        ("roles", 1, {"Role": [{"id": "role:r", "label": "R"}]}),
    ]
    tables = {"Skill": ("skills", _skill), "Evidence": ("lms", _evidence), "REQUIRES": ("profiles", _edge)}
    for version in range(2, draw(st.integers(3, 8))):
        table = draw(st.sampled_from(sorted(tables)))
        source, make = tables[table]
        rows = {
            (row.get("id"), row.get("to")): row for row in [make(draw, version) for _ in range(draw(st.integers(1, 3)))]
        }
        told.append((source, version, {table: list(rows.values())}))
    return told


def loaded(told: Sequence[Told]) -> str:
    """The digest of a fresh store after these loads."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'store.db'}")
        for source, snapshot, tables in told:
            record = load_rows(store, source, tables, snapshot_at=snapshot)
            assert record.rejected == 0
        found = digest(store)
        store.close()
    return found


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_order_and_any_repeat_reach_one_digest(data: st.DataObject) -> None:
    told = data.draw(loads())
    shuffled = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=3))

    assert loaded([*shuffled, *repeats]) == loaded(told)
