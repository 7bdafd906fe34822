"""O*NET 29.2 whole, by the command that users type."""

from __future__ import annotations

import shutil
import statistics
import time
from pathlib import Path

from benchmarks.measure import ROOT, skillgraph
from benchmarks.result import Result

FULL_ONET = ROOT.parent / "shared" / "data" / "onet-29.2"


def onet(work: Path) -> list[Result]:
    """Three times into an empty store."""
    if not FULL_ONET.is_dir():
        return [Result("O*NET 29.2 whole", "<= 15 s", "not here: ../shared/data/onet-29.2", False)]
    runs = []
    for turn in range(3):
        folder = work / f"onet-{turn}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        runs.append(skillgraph(folder / "store.db", "load", "onet", str(FULL_ONET), "--json"))
    seconds = statistics.median(run.seconds for run in runs)
    memory = statistics.median(run.memory for run in runs)
    parse = statistics.median(_parse() for _ in range(3))
    return [
        Result(
            "O*NET 29.2 whole into an empty store",
            "<= 15 s",
            f"{seconds:.1f} s, {memory:.0f} MB",
            seconds <= 15,
            f"splitting the lines of the same files in Python: {parse:.1f} s",
        )
    ]


def _parse() -> float:
    started = time.perf_counter()
    for path in FULL_ONET.glob("*.txt"):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                line.split("\t")
    return time.perf_counter() - started
