"""Roles H, M and R: the first fifty of a million people, by our engine and by what else one would take, in one run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from benchmarks.engines.all import ENOUGH, Disagreement, Times, side_by_side
from benchmarks.engines.brute import Brute
from benchmarks.engines.contract import NOW, Engine, asked_of
from benchmarks.engines.cypher import CYPHER, Twin
from benchmarks.engines.duck import Duck
from benchmarks.engines.frames import Frames
from benchmarks.engines.held import HeldTable
from benchmarks.engines.ours import IN_NUMPY, OURS, Ours, number_of
from benchmarks.match.store import Populated, populated
from benchmarks.neo4j_answers import import_into
from benchmarks.result import Result
from benchmarks.roles import H, M, R
from graph.index import Index, IndexKeeper, People
from graph.loops import compiled, plain
from graph.neo4j.engine import Neo4jStore
from graph.open import open_store
from graph.place import VARIABLE as PLACE
from graph.secret import VARIABLE as SECRET
from graph.secret import secret_file
from graph.settings import Settings
from local.jars import lacking
from local.server import LASTING, Neo4j

GOALS: Mapping[str, float] = {H: 2, M: 5, R: 0.15}
"""Milliseconds."""
TIMES_DUCK, TIMES_CYPHER = 70, 2_000
_WORDS = {H: "H, the six commonest skills", M: "M, thirty mixed", R: "R, seven rare ones"}
_HEAP, _CACHE = "12g", "3g"


def match_engines(work: Path) -> list[Result]:
    """The first row of what the engine must reach, all engines beside it."""
    made = populated(work)
    with ExitStack() as held:
        engines = [*held.enter_context(local_engines(made)), *held.enter_context(neo4j(made))]
        return results(made, measured(made, engines))


def measured(made: Populated, engines: Sequence[Engine], calls: int = ENOUGH) -> Mapping[str, Mapping[str, Times]]:
    """Role -> engine -> its times. Raises `Disagreement` unless all give the same rows."""
    return {role: side_by_side(engines, asked_of(role, made.skills), calls) for role in GOALS}


@contextmanager
def local_engines(made: Populated) -> Iterator[Sequence[Engine]]:
    """All that run in this process, ours first."""
    held = HeldTable.of(made.people, NOW)
    with ours(made) as (quick, plain):
        yield [quick, plain, Duck(held), Frames(held), Brute(made.people)]


@contextmanager
def ours(made: Populated) -> Iterator[tuple[Ours, Ours]]:
    """Our engine over one index, its loops compiled, and in numpy."""
    store = open_store(f"sqlite:{made.store}")
    try:
        snapshot = IndexKeeper(store, Settings(), made.index).current().snapshot
        _hold_numbers(snapshot.people, made.people.people)
        yield Ours(store, Index(snapshot, store, compiled)), Ours(store, Index(snapshot, store, plain), IN_NUMPY)
    finally:
        store.close()


def _hold_numbers(people: People, count: int) -> None:
    """Raise `Disagreement` unless the index numbers people as the generator does."""
    for number in (0, count // 2, count - 1):
        if people.count != count or number_of(people.id_of(number)) != number:
            raise Disagreement(
                f"person {number} of {count} is {people.id_of(number)}, one of {people.count}, in the index"
            )


@contextmanager
def neo4j(made: Populated, heap: str = _HEAP, cache: str = _CACHE) -> Iterator[Sequence[Engine]]:
    """The twin in a real Neo4j, filled once and kept beside the population; nobody where none can run."""
    if lacking():
        yield []
        return
    home, filled = made.store.parent / "neo4j", made.store.parent / "neo4j-filled"
    server = Neo4j(home=home, heap=heap, java=LASTING, settings={"server.memory.pagecache.size": cache})
    if not filled.exists():
        shutil.rmtree(home, ignore_errors=True)
        import_into(server, made.store, made.store.parent / "neo4j-csv")
        filled.touch()
    with server:
        store = _opened(made, server.url, home)
        try:
            yield [Twin(store)]
        finally:
            store.close()


def _opened(made: Populated, url: str, home: Path) -> Neo4jStore:
    """The imported store, which has the secret of the file that it was made of."""
    secret = secret_file(made.store).read_text(encoding="utf-8").strip()
    with patch.dict(os.environ, {SECRET: secret, PLACE: str(home / "kept")}):
        store = open_store(url)
    assert isinstance(store, Neo4jStore)
    return store


def results(made: Populated, times: Mapping[str, Mapping[str, Times]]) -> list[Result]:
    """A row a role, and how many times as long the others take for H."""
    people = f"{made.people.people:,} people"
    found = [_of_role(role, engines, people) for role, engines in times.items()]
    return [*found, _ratios({name: each.median for name, each in times[H].items()})]


def _of_role(role: str, engines: Mapping[str, Times], people: str) -> Result:
    (_, ours), *others = engines.items()
    return Result(
        f"{_WORDS[role]}: ranked first 50 of {people}, engine only",
        f"<= {GOALS[role]:g} ms, p99 <= 3 x that",
        f"{ours.median:.3g} ms, p99 {ours.p99:.3g} ms",
        ours.median <= GOALS[role] and ours.p99 <= 3 * ours.median,
        ", ".join(f"{name} {each.median:,.3g} ms{_counted(each)}" for name, each in others),
        {name: each.median for name, each in engines.items()},
    )


def _counted(times: Times) -> str:
    """Of how many calls, where they are few."""
    return f" ({times.calls} calls)" if times.calls < ENOUGH else ""


def _ratios(medians: Mapping[str, float]) -> Result:
    ours = medians[OURS]
    wanted = {name: least for name, least in ((Duck.name, TIMES_DUCK), (CYPHER, TIMES_CYPHER)) if name in medians}
    found = {name: medians[name] / ours for name in medians if name != OURS}
    reached = len(wanted) == 2 and all(found[name] >= least for name, least in wanted.items())
    return Result(
        "H by other engines in the same run, rows the same",
        f">= {TIMES_DUCK} x by DuckDB, >= {TIMES_CYPHER:,} x by Cypher",
        ", ".join(f"{name} {times:,.0f} x" for name, times in found.items()),
        reached,
        f"not here: {lack}" if CYPHER not in medians and (lack := lacking()) else "",
    )
