"""Full ESCO over Bolt into an empty Neo4j, and the same again."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from benchmarks.measure import Run, process
from benchmarks.result import Result
from local.server import Neo4j


def neo4j_esco(work: Path, esco: Path) -> list[Result]:
    """One server with 2 GB of heap, fresh; the second load finds all of it there."""
    if not esco.is_dir():
        return [Result("full ESCO over Bolt", "<= 40 s", "not here: ../shared/data/esco-1.2.0", False)]
    home = work / "neo4j-esco"
    shutil.rmtree(home, ignore_errors=True)
    with Neo4j(home=home / "server", heap="2g", settings={"server.memory.pagecache.size": "512m"}) as server:
        first, again = (_load(server, home, esco) for _ in range(2))
    told = json.loads(again.output)
    same = told["read"] == told["unchanged"] + told["skipped"]
    return [
        Result("full English ESCO over Bolt, empty Neo4j", "<= 40 s", f"{first.seconds:.1f} s", first.seconds <= 40),
        Result(
            "the same again over Bolt",
            "all unchanged, <= 15 s",
            f"{'all unchanged' if same else 'NOT all unchanged'}, {again.seconds:.1f} s",
            same and again.seconds <= 15,
        ),
    ]


def _load(server: Neo4j, home: Path, esco: Path) -> Run:
    command = [sys.executable, "-m", "cli.main", "load", "esco", str(esco), "--json"]
    return process(command, {"SKILLGRAPH_STORE": server.url, "SKILLGRAPH_HOME": str(home)})
