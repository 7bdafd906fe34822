"""kill -9 of a loader in another process, at random moments of a fixed seed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import loaders.write
from graph.digest import digest
from graph.open import open_store
from graph.place import staging_folder
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.loads.tables import write

STORES = 4
BATCH = 40

CHILD = """
import sys
from pathlib import Path
import loaders.write
from graph.open import open_store
from graph.place import staging_folder
from loaders.load import LoadRequest, load
loaders.write._FIRST = loaders.write._FEWEST = loaders.write._MOST = int(sys.argv[3])
store = open_store(sys.argv[1])
def told(phase, done, total):
    print(phase, flush=True)
load(store, LoadRequest("tables", (Path(sys.argv[2]),), name="hr", allow_shrink=True), progress=told)
print("done", flush=True)
"""


def company(folder: Path, skills: int) -> Path:
    """A thousand or so rows of several types that refer to each other."""
    people = range(200)
    return write(
        folder,
        Skill="id,label\n" + "".join(f"skill:{n},Skill {n}\n" for n in range(skills)),
        BROADER="from,to\n" + "".join(f"skill:{n},skill:{n // 2}\n" for n in range(1, skills)),
        Learner="id,label\n" + "".join(f"person:{n},Person {n}\n" for n in people),
        Evidence="id,learner,kind,skill,level,shown_at\n"
        + "".join(f"ev:{n},person:{n},interview,skill:{n % 40},{n % 3 + 1},2024-05-01\n" for n in people),
    )


@contextmanager
def small_batches(rows: int = BATCH) -> Iterator[None]:
    """Loads of this process write batches of so many rows, so that there is time to disturb them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_FIRST", "_FEWEST", "_MOST"):
            patch.setattr(loaders.write, name, rows)
        yield


def killed(store_url: str, folder: Path, dice: random.Random) -> bool:
    """Start a load in another process and kill it in some phase of it; False when it was done before."""
    phase, delay = dice.choice(["read", "check", "write", "write"]), dice.random() * 0.1
    command = [sys.executable, "-c", CHILD, store_url, str(folder), str(BATCH)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() in (phase, "done"):
                break
        time.sleep(delay)
        child.kill()
        return child.wait() == -signal.SIGKILL


def whole_batches(store: Store) -> None:
    """Every change record names what is there, and no more than a batch at once; nothing refers to nothing."""
    assert all(finding.well for finding in store.health())
    for change in store.changes(0, 10_000):
        assert sum(len(item.ids) for item in change.items) <= max(BATCH, 100)  # 100: the seed
    skills = {id for batch in store.owned("hr", "Skill") for (id,) in batch}
    for batch in store.owned("hr", "BROADER"):
        assert {end for pair in batch for end in pair} <= skills


def one_store(url: str, seed: int, snapshots: list[Path], wanted: int) -> tuple[int, str]:
    """Loads of ever other snapshots, each killed now and then; the kills, and the digest after one that was not."""
    dice, kills = random.Random(seed), 0
    open_store(url).close()
    while kills < wanted:
        kills += killed(url, snapshots[(kills + 1) % 2], dice)
        store = open_store(url)
        whole_batches(store)
        store.close()
    store = open_store(url)
    assert store.ledger.loads("hr")[0].state in ("interrupted", "done")
    record = load(store, LoadRequest("tables", (snapshots[0],), name="hr", allow_shrink=True))
    assert record.read == record.written + record.unchanged
    found = digest(store)
    store.close()
    staging = staging_folder(url)
    assert staging is not None
    assert not list(staging.glob("*"))
    return kills, found


@dataclass(frozen=True)
class Killed:
    """What came of all kills: digests after the last load of each store, beside that of a load never killed."""

    kills: int
    digests: frozenset[str]
    golden: str

    @property
    def clean(self) -> bool:
        return self.digests == {self.golden}

    @property
    def sentence(self) -> str:
        return f"{self.kills} kills, 0 torn, 0 failed opens, {'one' if self.clean else 'NOT the golden'} digest"


def kill_loads(folder: Path, kills: int) -> Killed:
    """Kill loads of several stores at once; raises `AssertionError` where a store is torn or does not open."""
    snapshots = [company(folder / "all", 300), company(folder / "fewer", 150)]
    urls = [f"sqlite:{folder / f'store-{number}.db'}" for number in range(STORES)]
    with ThreadPoolExecutor(STORES) as threads:
        found = list(threads.map(one_store, urls, range(STORES), [snapshots] * STORES, [kills // STORES] * STORES))
    digests = frozenset(each for _, each in found)
    return Killed(sum(count for count, _ in found), digests, golden(folder, snapshots[0]))


def golden(folder: Path, snapshot: Path) -> str:
    """The digest after a load that nothing disturbed, into a file."""
    store = open_store(f"sqlite:{folder / 'golden.db'}")
    load(store, LoadRequest("tables", (snapshot,), name="hr"))
    found = digest(store)
    store.close()
    return found
