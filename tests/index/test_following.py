"""What a snapshot follows its store by, and when it gives up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from graph.index import IndexKeeper, following
from graph.index.following import Follower, OtherHistory
from graph.index.regroup import TooMuch
from graph.index.snapshot import build
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.companies import Load
from tests.index.conftest import Say, evidence
from tests.index.telling import tell


@pytest.fixture
def follower(academy: Store) -> Follower:
    return Follower(build(academy, Settings(), academy.number()), academy, Settings())


def one_more(store: Store, id: str, **cells: str) -> None:
    row = {**evidence(id, "interview", skill="skill:talk", level="2", **cells), "version": "1"}
    tell(store, Load("hr", 1, {"Evidence": [row]}))


@pytest.mark.parametrize("later", [1, 3])
def test_an_older_copy_that_was_written_to_since_is_noticed(academy: Store, tmp_path: Path, later: int) -> None:
    """As many changes as the snapshot knows, or more: it is the record at its own number that differs."""
    academy.close()
    shutil.copyfile(academy.url.partition(":")[2], tmp_path / "copy.db")
    store, copy = open_store(academy.url), open_store(f"sqlite:{tmp_path / 'copy.db'}")
    follower = Follower(build(store, Settings(), store.number()), store, Settings())
    one_more(store, "1")
    assert follower.step() is not None
    for number in range(later):
        one_more(copy, f"other-{number}")
    follower.store = copy
    if later == 1:
        one_more(copy, "last")
    with pytest.raises(OtherHistory):
        follower.step()
    for each in (store, copy):
        each.close()


def test_a_lower_number_is_another_history(academy: Store, follower: Follower) -> None:
    follower.snapshot = follower.snapshot.at(academy.number() + 1)
    with pytest.raises(OtherHistory):
        follower.step()


def test_many_new_rows_are_a_build(academy: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_FEW", 2)
    monkeypatch.setattr(following, "_ROWS_A_RECORD", 2)
    for number in range(5):
        one_more(academy, str(number))
    with pytest.raises(TooMuch):
        follower.step()


def test_a_base_is_outgrown_well_before_answers_wait_for_a_build(
    academy: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_FEW", 2)
    monkeypatch.setattr(following, "_ROWS_A_RECORD", 2)
    monkeypatch.setattr(following, "_LITTLE", 4)
    steps = 0
    while not follower.outgrown:
        one_more(academy, str(steps))
        follower.step()
        steps += 1
    assert steps == 5
    for number in range(steps, 3 * steps):
        one_more(academy, str(number))
        assert follower.step() is not None


def test_a_base_that_nobody_replaces_is_built_anew_at_last(
    academy: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_FEW", 1)
    monkeypatch.setattr(following, "_ROWS_A_RECORD", 1)
    monkeypatch.setattr(following, "_LITTLE", 2)
    for number in range(9):
        one_more(academy, str(number))
        assert follower.step() is not None
    one_more(academy, "last")
    with pytest.raises(TooMuch):
        follower.step()


def test_runs_stay_few_and_hold_every_row(academy: Store, academy_keeper: IndexKeeper, say: Say) -> None:
    academy_keeper.current()
    for number in range(40):
        say(Evidence=[evidence(str(number), "interview", skill="skill:talk", level="2")])
        runs = academy_keeper.current().snapshot.layers["skills"].runs
        assert sum(map(len, runs)) == number + 1
        assert len(runs) <= 3
