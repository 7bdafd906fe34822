"""Full ESCO over Bolt into an empty Neo4j, and the same again.

`python -m benchmarks.neo4j_esco FOLDER` is the process measured: `skillgraph load esco FOLDER --json`, which tells on a
second line how many edges it wrote and how long it took to write them.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measure import Run, process
from benchmarks.result import Result
from cli.main import app
from graph.neo4j.engine import Neo4jStore
from graph.store import Batch, Receipt
from local.server import LASTING, Neo4j

ROUNDS = 3


def neo4j_esco(work: Path, esco: Path) -> list[Result]:
    """Each time a fresh server with 2 GB of heap; the second load finds all of it there."""
    if not esco.is_dir():
        return [Result("full ESCO over Bolt", "<= 40 s", "not here: ../shared/data/esco-1.2.0", False)]
    rounds = [_round(work / "neo4j-esco", esco) for _ in range(ROUNDS)]
    first, again = (statistics.median(run.seconds for run in runs) for runs in zip(*rounds, strict=True))
    told = [_told(run) for pair in rounds for run in pair]
    same = all(load["read"] == load["unchanged"] + load["skipped"] for load, _ in told[1::2])
    rate, whole = (statistics.median(edges[name] for _, edges in told[::2]) for name in ("batch", "all"))
    return [
        Result("full English ESCO over Bolt, empty Neo4j", "<= 40 s", f"{first:.1f} s", first <= 40),
        Result(
            "the same again over Bolt",
            "all unchanged, <= 15 s",
            f"{'all unchanged' if same else 'NOT all unchanged'}, {again:.1f} s",
            same and again <= 15,
        ),
        Result(
            "edges of that load over Bolt, looked for, written and committed, the median batch",
            ">= 25,000/s",
            f"{rate:,.0f}/s",
            rate >= 25_000,
            f"all its edges, from a cold start: {whole:,.0f}/s; all its rows: {told[0][0]['rows_per_second']:,.0f}/s",
        ),
    ]


def _told(run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the load says, and what its edges took."""
    *load, edges = run.output.splitlines()
    return json.loads("\n".join(load)), json.loads(edges)


def _round(home: Path, esco: Path) -> tuple[Run, Run]:
    shutil.rmtree(home, ignore_errors=True)
    with Neo4j(
        home=home / "server", heap="2g", java=LASTING, settings={"server.memory.pagecache.size": "512m"}
    ) as server:
        environment = {"SKILLGRAPH_STORE": server.url, "SKILLGRAPH_HOME": str(home)}
        command = [sys.executable, "-m", "benchmarks.neo4j_esco", str(esco)]
        return process(command, environment), process(command, environment)


def main(esco: str) -> None:
    """Load, and time every batch of edges."""
    batches: list[tuple[int, float]] = []
    write = Neo4jStore.write

    def timed(store: Neo4jStore, batch: Batch) -> Receipt:
        started = time.perf_counter()
        receipt = write(store, batch)
        if all(block.type in store.model.edges for block in batch.blocks):
            batches.append((sum(map(len, batch.blocks)), time.perf_counter() - started))
        return receipt

    arguments: list[Any] = ["load", "esco", esco, "--json"]
    with patch.object(Neo4jStore, "write", timed):
        app(arguments, standalone_mode=False)
    sys.stdout.write(json.dumps(_rates(batches)) + "\n")


def _rates(batches: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Edges a second: of the batch that half the edges were written faster than, and of all."""
    if not batches:
        return {"batch": 0.0, "all": 0.0}
    each = [edges / seconds for edges, seconds in batches for _ in range(edges)]
    return {"batch": statistics.median(each), "all": len(each) / sum(seconds for _, seconds in batches)}


if __name__ == "__main__":
    main(*sys.argv[1:])
