"""The index itself: `python -m benchmarks.match.index STORE FOLDER` is the process whose time and memory are told."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import orjson

from benchmarks.match.store import Populated, populated
from benchmarks.measure import ROOT
from benchmarks.result import Result
from benchmarks.served import family, memory
from graph.index import IndexKeeper
from graph.open import open_store
from graph.settings import Settings

SECONDS, MEGABYTES, OPENING, BYTES = 20.0, 1_200, 50.0, 20.0
_BUILDS, _OPENINGS = 3, 5
_LOOK_SECONDS = 0.1


def match_index(work: Path) -> list[Result]:
    """Built from the store, opened again, and its size."""
    return index_results(populated(work))


def index_results(made: Populated, builds: int = _BUILDS) -> list[Result]:
    """Medians of whole processes, starting Python included."""
    built = [_process(made, fresh=True) for _ in range(builds)]
    opened = [_process(made, fresh=False) for _ in range(_OPENINGS)]
    facts = int(built[0]["facts"])
    seconds = statistics.median(run["seconds"] for run in built)
    most = max(run["memory"] for run in built)
    opening = statistics.median(run["milliseconds"] for run in opened)
    size = sum(file.stat().st_size for file in made.index.rglob("*") if file.is_file())
    return [
        Result(
            f"index built from the store, {facts:,} facts",
            "<= 20 s, <= 1.2 GB",
            f"{seconds:.1f} s, {most:,.0f} MB in all processes together",
            seconds <= SECONDS and most <= MEGABYTES,
            f"asked for within the process: {statistics.median(run['milliseconds'] for run in built) / 1000:.1f} s",
        ),
        Result("the index opened", "<= 50 ms", f"{opening:.0f} ms", opening <= OPENING),
        Result(
            "size of the index, everything in its folder",
            "<= 20 bytes a fact",
            f"{size / facts:.1f} bytes a fact, {size / 1e6:,.0f} MB",
            size <= BYTES * facts,
        ),
    ]


def _process(made: Populated, fresh: bool) -> dict[str, float]:
    """What the process says, with its wall seconds, and the most that it and all it started had together, in MB."""
    if fresh:
        shutil.rmtree(made.index, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.match.index", f"sqlite:{made.store}", str(made.index)]
    started, most = time.perf_counter(), 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        while asking.poll() is None:
            most = max(most, _together(asking.pid))
            time.sleep(_LOOK_SECONDS)
        told: dict[str, float] = orjson.loads(asking.stdout.read().splitlines()[-1])
    return {**told, "seconds": time.perf_counter() - started, "memory": most}


def _together(pid: int) -> float:
    """MB of a process and all that it started; what has just ended counts nothing."""
    total = 0.0
    with suppress(OSError, KeyError):
        for each in family(pid):
            with suppress(OSError, KeyError):
                total += memory(each)["share"]
    return total


def main(url: str, folder: str) -> None:
    """Ask for the index, which builds it or opens it; prints how long that took, and how many facts it holds."""
    store = open_store(url)
    keeper = IndexKeeper(store, Settings(), Path(folder))
    started = time.perf_counter()
    index = keeper.current()
    taken = (time.perf_counter() - started) * 1000
    facts = len(index.snapshot.base.tables["skills"])
    sys.stdout.write(orjson.dumps({"milliseconds": taken, "facts": facts}).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
