"""The n-th call to the store fails, for every n: no part of a batch is seen, and the same load goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.digest import digest
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.loads.tables import LEARNERS, SKILLS, write

EVIDENCE = """
    id,learner,kind,skill,level,shown_at
    evidence:1,person:ada,interview,skill:{0},2,2024-05-01
    evidence:2,person:ben,interview,skill:gone,1,2024-05-02
    evidence:3,person:ben,interview,skill:sql,nine,2024-05-02
    """


class StoreGoneError(OSError):
    """What a test lets a call raise."""


class Failing:
    """A store, or its ledger, whose n-th call fails: once, or that and all later ones."""

    def __init__(self, inner: Any, budget: list[int], for_good: bool) -> None:
        self._inner, self._budget, self._for_good = inner, budget, for_good

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "ledger":
            return Failing(found, self._budget, self._for_good)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            self._budget[0] -= 1
            if self._budget[0] == 0 or (self._budget[0] < 0 and self._for_good):
                raise StoreGoneError("the store went away")
            return found(*args, **options)

        return call


@pytest.fixture
def snapshots(tmp_path: Path) -> tuple[Path, Path]:
    """Two snapshots of one source that differ in every table."""
    one = write(tmp_path / "one", Skill=SKILLS, Learner=LEARNERS, Evidence=EVIDENCE.format("sql"))
    other = write(
        tmp_path / "other",
        Skill=SKILLS.replace("SQL", "databases") + "    skill:new,new\n",
        Learner=LEARNERS.replace("person:ben", "person:eve"),
        Evidence=EVIDENCE.format("shell"),
    )
    return one, other


def golden(store: Store, folder: Path) -> tuple[str, int]:
    """Load a snapshot and give the digest, and how many rows are held."""
    load(store, LoadRequest("tables", (folder,), name="hr", max_rejects=1.0, allow_shrink=True))
    return digest(store), sum(1 for _ in store.ledger.held_rows())


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
def test_whatever_call_fails_the_same_load_goes_on(
    store: Store, snapshots: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, for_good: bool
) -> None:
    monkeypatch.setattr("loaders.write._FIRST", 2)
    monkeypatch.setattr("loaders.write._FEWEST", 2)
    monkeypatch.setattr("loaders.write._MOST", 2)
    for folder in (*snapshots, *snapshots):
        golden(store, folder)
    wanted = [golden(store, folder) for folder in snapshots]

    for number in _failing_calls(store, snapshots, for_good):
        batches = store.changes(0, 10_000)
        assert max(sum(len(item.ids) for item in change.items) for change in batches[1:]) <= 4, number
        assert [golden(store, folder) for folder in snapshots] == wanted, number


def _failing_calls(store: Store, snapshots: tuple[Path, Path], for_good: bool) -> Iterator[int]:
    """Load the first snapshot with the first call failing, then with the second one, until there are no more."""
    number = 0
    while True:
        number += 1
        budget = [number]
        with contextlib.suppress(StoreGoneError):
            failing: Any = Failing(store, budget, for_good)
            request = LoadRequest("tables", (snapshots[0],), name="hr", max_rejects=1.0, allow_shrink=True)
            load(failing, request)
        if budget[0] > 0:
            return
        yield number


def test_the_record_of_an_interrupted_load_says_how_far_it_got(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.write._FIRST", 10)
    monkeypatch.setattr("loaders.write._MOST", 10)
    rows = "".join(f"skill:{n},S{n}\n" for n in range(50))
    request = LoadRequest("tables", (write(tmp_path / "many", Skill="id,label\n" + rows),), name="hr")

    def told(phase: str, done: int, total: int | None) -> None:
        if phase == "write" and done == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(store, request, progress=told)

    (record,) = store.ledger.loads("hr", 1)
    there = sum(kind is not None for kind in store.types_of([f"skill:{n}" for n in range(50)]))
    assert (record.state, record.read, record.written, record.unchanged) == ("interrupted", 50, there, 0)
    assert record.message == f"{there} of the 50 rows to be taken were done"
    assert load(store, request).written == 50 - there
