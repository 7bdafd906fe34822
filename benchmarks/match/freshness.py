"""Evidence that arrives while people look: how soon every worker's answers hold it, and how long answers take."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import numpy as np
import orjson

from benchmarks.client import Connection, answered_by, connect, get, post
from benchmarks.engines.all import Times
from benchmarks.match.serving import WORKERS, path_of
from benchmarks.match.store import Populated, populated
from benchmarks.measure import skillgraph
from benchmarks.population import ENDS
from benchmarks.result import Result
from benchmarks.roles import H
from benchmarks.served import Served, served
from benchmarks.tables import person_id
from ontology.values import format_instant

ROWS_A_SECOND, BATCH = 2_000, 100
SEEN_WITHIN, SLOWER = 500.0, 2.0
_SECONDS = 30.0
_EVERY = 0.25  # seconds between two pieces of evidence that are looked for
_PAUSE = 0.02  # seconds between two looks at H
_LANES = 2  # connections that post
_SOURCE = "bench-arriving"
_REACHED_WITHIN = 30.0  # seconds until there is a connection to every worker: one may still be starting
_AGAIN = 0.01  # seconds between two connections


def match_freshness(work: Path) -> list[Result]:
    """On a copy of the store, which is written to."""
    made = populated(work)
    folder = work / "match-arriving"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made.store.parent, folder, ignore=shutil.ignore_patterns("tables"))
    copy = Populated(made.people, made.skills, folder / made.store.name)
    skillgraph(copy.store, "ask", "role-matches", f"role={H}", "limit=1")  # the index of the copy
    try:
        return freshness(copy, _SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def freshness(made: Populated, seconds: float) -> list[Result]:
    """What every worker says while evidence arrives, beside what it said before."""
    with served(made.store, WORKERS, scopes=("match", "load"), source=_SOURCE) as server:
        found = asyncio.run(_Arrivals(made, server).watched(seconds))
    quiet, busy, seen = (Times.of(each) for each in (found.quiet, found.busy, found.seen))
    return [
        Result(
            f"evidence posted, then seen by each of {WORKERS} workers, while {found.rate:,.0f} rows/s arrive",
            "p99 <= 500 ms while 2,000 rows/s arrive",
            f"p99 {seen.p99:.0f} ms, p50 {seen.median:.0f} ms ({seen.calls} pieces of evidence)",
            seen.p99 <= SEEN_WITHIN and found.rate >= 0.95 * ROWS_A_SECOND,
            f"the answer to a post: p50 {Times.of(found.posts).median:.0f} ms",
        ),
        Result(
            "H over HTTP meanwhile",
            "within 2 x of before",
            f"p50 {busy.median:.1f} ms, p99 {busy.p99:.0f} ms",
            busy.median <= SLOWER * quiet.median,
            f"before: p50 {quiet.median:.1f} ms, p99 {quiet.p99:.0f} ms",
        ),
    ]


@dataclass(slots=True)
class Seen:
    """Seconds: of answers before and while evidence arrives, of posts, and from a post until all workers told of it."""

    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    rate: float = 0.0  # rows a second that were taken


class _Arrivals:
    """Posts evidence at a steady rate, and looks for some of it at every worker."""

    def __init__(self, made: Populated, server: Served) -> None:
        self._made, self._server = made, server
        self._numbers = np.random.default_rng(made.people.seed)
        self._posted = 0
        self._found = Seen()

    async def watched(self, seconds: float) -> Seen:
        """A quiet while first, then a busy one."""
        with ExitStack() as opened:
            asking = await self._of_each_worker(opened)
            await self._asking(asking, self._found.quiet, time.perf_counter() + seconds / 3)
            looking = await self._of_each_worker(opened)  # only now: a server closes what is quiet for seconds
            before = time.perf_counter()
            until = before + seconds
            await asyncio.gather(
                *(self._posting(until, lane) for lane in range(_LANES)),
                self._asking(asking, self._found.busy, until),
                self._looking(looking, until),
            )
            self._found.rate = self._posted / (time.perf_counter() - before)
        return self._found

    async def _of_each_worker(self, opened: ExitStack) -> Sequence[Connection]:
        """A connection to each, closed with the others."""
        found: dict[int, Connection] = {}
        processes = self._server.processes()
        until = time.perf_counter() + _REACHED_WITHIN
        while len(found) < WORKERS:
            if time.perf_counter() > until:
                raise RuntimeError(f"only {len(found)} of {WORKERS} workers answered within {_REACHED_WITHIN:.0f} s")
            connection = await connect(self._server.port)
            opened.callback(connection.close)
            await connection.ask(get(path_of(H), self._server.key))
            worker = answered_by(connection, self._server.port, processes)
            if worker is None or worker in found:
                connection.close()
                await asyncio.sleep(_AGAIN)
            else:
                found[worker] = connection
        return list(found.values())

    async def _asking(self, workers: Sequence[Connection], taken: list[float], until: float) -> None:
        """H, now and then, of each in turn."""
        request, turns = get(path_of(H), self._server.key), cycle(workers)
        while time.perf_counter() < until:
            started = time.perf_counter()
            await next(turns).ask(request)
            taken.append(time.perf_counter() - started)
            await asyncio.sleep(_PAUSE)

    async def _posting(self, until: float, lane: int) -> None:
        """Batches at their times; a late one is followed at once by the next."""
        connection = await connect(self._server.port)
        step = _LANES * BATCH / ROWS_A_SECOND
        due = time.perf_counter() + lane * step / _LANES
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            await connection.ask(post("/v1/evidence", self._server.key, self._rows(BATCH)))
            self._found.posts.append(time.perf_counter() - started)
            due += step
        connection.close()

    async def _looking(self, workers: Sequence[Connection], until: float) -> None:
        """One piece of evidence at a time: posted, then asked for at every worker until it is told."""
        poster = await connect(self._server.port)
        while time.perf_counter() < until:
            started = time.perf_counter()
            told = orjson.loads(await poster.ask(post("/v1/evidence", self._server.key, self._rows(1))))
            await asyncio.gather(*(self._seen_by(worker, told["version"]) for worker in workers))
            self._found.seen.append(time.perf_counter() - started)
            await asyncio.sleep(_EVERY)
        poster.close()

    async def _seen_by(self, worker: Connection, version: int) -> None:
        request = get(f"/v1/role-matches?role={H}&limit=1&explain=false", self._server.key)
        while orjson.loads(await worker.ask(request))["version"] < version:
            await asyncio.sleep(0.01)

    def _rows(self, count: int) -> bytes:
        """New evidence of anybody, about the skills that everybody asks for."""
        skills, first = self._made.skills.ids, self._posted
        self._posted += count
        people = self._numbers.integers(0, self._made.people.people, count).tolist()
        rows = [
            {
                "id": f"bench-arriving:{first + n}",
                "learner": person_id(person),
                "kind": "work_sample",
                "skill": skills[(first + n) % 6],
                "level": 1 + (first + n) % 3,
                "shown_at": format_instant(ENDS - n),
            }
            for n, person in enumerate(people)
        ]
        return orjson.dumps({"evidence": rows})
