"""A large index is built by processes of their own: the same to the bit, in bounded memory, and never half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings

from graph.canonical import content_hash
from graph.index import builder, files
from graph.index.builder import renewed
from graph.index.child import Child, ChildFailed, child
from graph.index.flat import flattened
from graph.index.saved import Saved, load_saved
from graph.index.scanner import Job
from graph.index.snapshot import Snapshot, build
from graph.open import open_store
from graph.settings import Settings
from graph.sqlite.engine import SqliteStore
from graph.steady import steady
from graph.store import Batch, Block, Store
from tests.companies import Company, companies
from tests.index.conftest import Say, evidence
from tests.index.telling import tell
from tests.index.test_oracle_held import SLOW


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is."""
    monkeypatch.setattr(builder, "APART", 0)


def same(one: Snapshot, other: Snapshot) -> None:
    """To the bit."""
    (arrays, rest), (others, other_rest) = flattened(one), flattened(other)
    assert rest == other_rest
    assert one.number == other.number
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        assert array.dtype == others[name].dtype, name
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def built_here(store: Store, choice: Settings) -> Snapshot:
    return steady(store, lambda number: build(store, choice, number))


@settings(SLOW, max_examples=6)
@given(companies())
def test_it_is_the_same_from_any_company(company: Company) -> None:
    choice = Settings(source_order=company.source_order)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "_built_here", nowhere_else)
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        for load in (*company.first, *company.later):
            tell(store, load)
        found, version = renewed(store, choice, Path(folder) / "index")
        assert version
        same(found, built_here(store, choice))
        store.close()


def nowhere_else(*_: object) -> Saved:
    raise AssertionError("the other processes have failed")


def test_nothing_but_the_version_is_left(academy: Store, tmp_path: Path) -> None:
    renewed(academy, Settings(), tmp_path / "index")
    (version,) = (path.name for path in (tmp_path / "index").iterdir() if path.is_dir())
    found = {str(path.relative_to(tmp_path / "index")) for path in (tmp_path / "index").rglob("*") if path.is_file()}
    assert found == {"current", f"{version}/columns", f"{version}/manifest.json"}


def test_a_store_that_is_written_to_is_read_in_one_state(academy: Store, say: Say, tmp_path: Path) -> None:
    """Ratings come with their evidence: of no state are there more of the one than of the other."""
    ending: list[bool] = []

    def write() -> None:
        number = 0
        while not ending:
            number += 1
            given = {"evidence": f"evidence:{number}", "rater": "one", "skill": "skill:talk", "level": "2"}
            say(Evidence=[evidence(str(number), "interview")], Rating=[{"id": f"rating:{number}", **given}])

    writer = Thread(target=write)
    writer.start()
    try:
        before = academy.number()
        found, version = renewed(academy, Settings(), tmp_path / "index")
        after = academy.number()
    finally:
        ending.append(True)
        writer.join()
    assert version
    assert before <= found.number <= after
    told = found.number - before_any(academy)
    assert found.base.evidence_end == told + 1
    assert len(found.base.owners["Rating"][0]) == len(found.base.tables["skills"]) == told


def before_any(store: Store) -> int:
    """The change number before the first evidence."""
    changes = store.changes(0)
    return next(change.number for change in changes if any(item.type == "Evidence" for item in change.items)) - 1


def test_where_no_process_can_be_started_it_is_built_here(
    academy: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "_build_apart", failing)
    found, version = renewed(academy, Settings(), tmp_path / "index")
    assert version
    same(found, built_here(academy, Settings()))


def failing(_: builder.Order) -> None:
    raise ChildFailed("killed")


class Listener:
    """A scanner that does nothing."""

    def __init__(self) -> None:
        self.told: list[Job] = []

    def tell(self, job: Job) -> None:
        self.told.append(job)


def test_a_scanner_is_told_the_ratings_of_its_own_evidence(academy: Store, say: Say, tmp_path: Path) -> None:
    assert isinstance(academy, SqliteStore)
    given = {"rater": "one", "skill": "skill:talk", "level": "2"}
    numbers = [str(number) for number in range(9)]
    say(
        Evidence=[evidence(number, "interview") for number in numbers],
        Rating=[{"id": f"rating:{number}", "evidence": f"evidence:{number}", **given} for number in numbers],
    )
    scanners = [Listener() for _ in range(3)]
    builder._gathering(academy, cast("list[Child]", scanners), tmp_path)
    rated = [job.ratings.evidence.tolist() for scanner in scanners for job in scanner.told]
    assert [len(own) for own in rated] == [3, 3, 3]
    keys = academy.keys("Evidence", [f"evidence:{number}" for number in numbers]).tolist()
    assert [key for own in rated for key in own] == sorted(keys)


# ------------------------------------------------------------------------------------------------ killed


HOLDER = """
import sys
from pathlib import Path
from graph.index import builder
from graph.open import open_store
from graph.settings import Settings

builder.APART = 0
store = open_store(sys.argv[1])
with store.hold(sys.argv[3]):
    print("held", flush=True)
    builder.renewed(store, Settings(), Path(sys.argv[2]))
"""
LOCK = "the index's"


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.6, 0.9, 1.3])
def test_killed_at_any_moment_nothing_half_made_is_read(
    academy: Store, say: Say, tmp_path: Path, seconds: float
) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    folder = tmp_path / "index"
    command = [sys.executable, "-c", HOLDER, academy.url, str(folder), LOCK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        time.sleep(seconds)
        ours = descendants(process.pid)
        process.kill()
    with academy.hold(LOCK):
        pass
    wait_for(lambda: not any(map(is_running, ours)))
    found = load_saved(academy, Settings(), folder)
    assert files.verify_current(folder) == "well"
    if found is not None:
        same(found.snapshot, built_here(academy, Settings()))
    assert renewed(academy, Settings(), folder).version
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 1, "what the killed one left is gone"


def test_a_process_that_is_killed_is_said_to_have_failed(academy: Store, tmp_path: Path) -> None:
    with child("graph.index.builder:run") as started:
        os.kill(started._process.pid, signal.SIGKILL)
        with pytest.raises(ChildFailed, match="has ended"):
            started.hear()


def descendants(process: int) -> list[int]:
    """Processes that this one has started, and those that they have."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    found: list[int] = [process]
    for one in found:
        found += (each for each, parent in parents.items() if parent == one)
    return found[1:]


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# ------------------------------------------------------------------------------------------------ memory


FACTS, PEOPLE = 400_000, 20_000
BUILDING = """
import resource
import sys
from pathlib import Path
from graph.index import builder
from graph.open import open_store
from graph.settings import Settings

store = open_store(sys.argv[1])
found, version = builder.renewed(store, Settings(), Path(sys.argv[2]))
assert version and len(found.base.tables["skills"]) == int(sys.argv[3])
own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(own * 1024, others * 1024)
"""


@pytest.fixture
def many(academy: Store) -> Store:
    """So many facts about so many people."""
    people = [f"person:{number}" for number in range(PEOPLE)]
    versions, hashes = [1] * PEOPLE, [content_hash({})] * PEOPLE
    academy.write(Batch("hr", None, [Block("Learner", {"id": people}, versions, hashes)]))
    skills = ["skill:helm", "skill:pods", "skill:linux", "skill:talk"]
    for start in range(0, FACTS, PEOPLE):
        columns: dict[str, Sequence[Any]] = {
            "id": [f"evidence:{start + place}" for place in range(PEOPLE)],
            "learner": people,
            "kind": ["interview"] * PEOPLE,
            "skill": [skills[place % 4] for place in range(PEOPLE)],
            "level": [2_000_000] * PEOPLE,
            "shown_at": [1_700_000_000 + start + place for place in range(PEOPLE)],
        }
        academy.write(Batch("hr", None, [Block("Evidence", columns, versions, hashes)]))
    return academy


def test_memory_is_small_beside_the_facts(many: Store, tmp_path: Path) -> None:
    """A process with 400,000 facts takes little more than one with none; who asked, less than the index has bytes."""
    nothing = measured(tmp_path / "empty.db", tmp_path / "none", 0)
    something = measured(Path(many.url.partition(":")[2]), tmp_path / "index", FACTS)
    assert something[0] - nothing[0] < 20 * FACTS
    assert something[1] - nothing[1] < 150 * FACTS


def measured(path: Path, folder: Path, facts: int) -> tuple[int, int]:
    """Peak bytes of who asks, and of the largest process that builds."""
    open_store(f"sqlite:{path}").close()
    code = BUILDING if facts else BUILDING.replace("store =", "builder.APART = 0\nstore =")
    run = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:{path}", str(folder), str(facts)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    own, others = map(int, run.stdout.split())
    return own, others
