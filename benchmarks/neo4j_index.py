"""The column index built from a Neo4j store: `python -m benchmarks.neo4j_index URL FOLDER` is the process measured."""

from __future__ import annotations

import resource
import shutil
import statistics
import sys
import time
from contextlib import chdir
from pathlib import Path

import orjson

from benchmarks.measure import process
from benchmarks.neo4j_store import write_files
from benchmarks.result import Result
from graph.index import IndexKeeper
from graph.neo4j.derived.fence import Fence
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.shape import derived_for
from graph.open import open_store
from graph.settings import Settings
from local.server import LASTING, Neo4j

EVIDENCE, PEOPLE = 5_000_000, 500_000
EDGES = 2 * EVIDENCE
BUILDS = 3
_SOON = EDGES // 10


def neo4j_index(work: Path) -> list[Result]:
    """The index of ten million edges, and what of it was reading them."""
    found = _measured(work / "neo4j-index")
    rate, reading = EDGES / found["building"], EDGES / found["reading"]
    return [
        Result(
            "column index built from Neo4j, 10 million SUPPORTS edges",
            ">= 400,000 edges/s, memory flat",
            f"{rate:,.0f} edges/s ({found['building']:.1f} s, saved, peak {found['peak']:.0f} MB); reading alone: peak "
            f"{found['soon']:.0f} MB after a tenth, {found['after']:.0f} MB after all",
            rate >= 400_000 and found["after"] <= 1.1 * found["soon"] and found["edges"] == EDGES,
            f"reading alone: {reading:,.0f} edges/s",
        )
    ]


def _measured(home: Path) -> dict[str, float]:
    """What the process says, and its peak in MB."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    server = Neo4j(home=home, heap="2g", java=LASTING, settings={"server.memory.pagecache.size": "1g"})
    try:
        with chdir(home):  # where the report of the import goes
            server.admin("database", "import", "full", "neo4j", *write_files(home / "import", EVIDENCE, PEOPLE))
        server.start()
        run = process([sys.executable, "-m", "benchmarks.neo4j_index", server.url, str(home / "index")])
    finally:
        server.close()
        shutil.rmtree(home, ignore_errors=True)
    found: dict[str, float] = orjson.loads(run.output.splitlines()[-1])
    return {**found, "peak": run.memory}


def main(url: str, folder: str) -> None:
    """Read everything twice, the first time to warm the server; then build and save the index."""
    store = open_store(url)
    assert isinstance(store, Neo4jStore)
    ((derivations,),) = store.server.read("MATCH (s:_Store) RETURN coalesce(s.derivations, 0)")
    Fence(store.server, derivations).finish(
        store.number(), derived_for(store.settings)
    )  # what was imported is all of it
    first, again = read(store), read(store)
    built = [_build(store, Path(folder) / str(turn)) for turn in range(BUILDS)]
    building, edges = statistics.median(seconds for seconds, _ in built), built[0][1]
    reading = min(first["reading"], again["reading"])
    told = {**first, "reading": reading, "building": building, "edges": edges}
    sys.stdout.write(orjson.dumps(told).decode() + "\n")


def _build(store: Neo4jStore, folder: Path) -> tuple[float, int]:
    """Seconds to build and save the index, and its edges."""
    started = time.perf_counter()
    index = IndexKeeper(store, Settings(), folder).current()
    return time.perf_counter() - started, len(index.snapshot.base.tables["skills"])


def read(store: Neo4jStore) -> dict[str, float]:
    """Seconds to read what is kept, and the peak in MB after a tenth of it and after all."""
    edges, soon, started = 0, 0.0, time.perf_counter()
    for part in store.supported() or ():
        edges += len(part.skills.of)
        if not soon and edges >= _SOON:
            soon = _peak()
    return {"reading": time.perf_counter() - started, "soon": soon, "after": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
