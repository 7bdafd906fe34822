"""role-matches with a Neo4j store beside the same with SQLite: the same data, the same process, turn by turn."""

from __future__ import annotations

import os
import shlex
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

from benchmarks.generate import ROLE
from benchmarks.measure import skillgraph
from benchmarks.people import people_store
from benchmarks.result import Result
from graph.index import IndexKeeper
from graph.open import open_store
from graph.secret import VARIABLE, secret_file
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from local.jars import lacking
from local.server import LASTING, Neo4j
from queries.ask import ask

WHAT = "role-matches with a Neo4j store, 100,000 people, answered from the index, 50 explained"
GOAL = "within 10 % of the same with SQLite"
TURNS, CALLS = 20, 10
WARM_UP = 500  # answers until Java has compiled what they need of it


def neo4j_answers(work: Path) -> list[Result]:
    """Medians of both; beside them the first answer, for which everything is read from the server."""
    if lack := lacking():
        return [Result(WHAT, GOAL, f"not here: {lack}", False)]
    file = people_store(work)
    with imported(file, work / "people-neo4j") as server, open_both(file, server, work) as (sqlite, neo4j):
        indexes = _keeper(neo4j, work), _keeper(sqlite, work)
        for keeper in indexes:
            keeper.current()
        first = _taken(lambda: _ask(neo4j, indexes[0]))
        for _ in range(WARM_UP):
            _ask(neo4j, indexes[0])
        ours, theirs = _by_turns(lambda: _ask(neo4j, indexes[0]), lambda: _ask(sqlite, indexes[1]))
    return [
        Result(
            WHAT,
            GOAL,
            f"{ours:.1f} ms",
            ours <= 1.1 * theirs,
            f"with SQLite: {theirs:.1f} ms; the first with Neo4j, before anything is remembered: {first:.0f} ms",
        )
    ]


@contextmanager
def imported(
    file: Path, folder: Path, heap: str = "2g", settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Neo4j]:
    """A running server with what the store file holds, filled by `skillgraph export neo4j-import`."""
    shutil.rmtree(folder / "neo4j", ignore_errors=True)
    server = Neo4j(
        home=folder / "neo4j", heap=heap, java=LASTING, settings={"server.memory.pagecache.size": "512m", **settings}
    )
    import_into(server, file, folder / "csv")
    with server:
        yield server


def import_into(server: Neo4j, file: Path, csv: Path) -> None:
    """Fill a server that does not run, through a folder of its own that is removed again."""
    shutil.rmtree(csv, ignore_errors=True)
    skillgraph(file, "export", "neo4j-import", "--out", str(csv))
    with chdir(csv):
        server.admin(*import_arguments(csv / "import.sh"))
    shutil.rmtree(csv)


def import_arguments(script: Path) -> list[str]:
    """What the exported script says to `neo4j-admin`."""
    command = script.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()[-1]
    return ["neo4j" if word.startswith("$") else word for word in shlex.split(command)[1:]]


@contextmanager
def open_both(file: Path, server: Neo4j, work: Path) -> Iterator[tuple[Store, Store]]:
    """The two stores, with one secret."""
    secret = secret_file(file).read_text(encoding="utf-8").strip()
    with patch.dict(os.environ, {VARIABLE: secret, "SKILLGRAPH_HOME": str(work / "people-home")}):
        stores = open_store(f"sqlite:{file}"), open_store(server.url)
        try:
            yield stores
        finally:
            for store in stores:
                store.close()


def _keeper(store: Store, work: Path) -> IndexKeeper:
    folder = work / "people-index" / store.url.partition(":")[0]
    folder.mkdir(parents=True, exist_ok=True)
    return IndexKeeper(store, Settings(), folder)


def _ask(store: Store, keeper: IndexKeeper) -> object:
    return ask(store, keeper, OPERATOR, "role-matches", {"role": ROLE, "limit": "50"})


def _by_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Medians in milliseconds; what else the machine does meanwhile falls on both."""
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(TURNS):
        for call, times in zip((one, other), taken, strict=True):
            call()
            times += [_taken(call) for _ in range(CALLS)]
    return statistics.median(taken[0]), statistics.median(taken[1])


def _taken(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
