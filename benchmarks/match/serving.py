"""Over HTTP: one client, sixteen clients on two workers, and the memory of the processes that serve."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from benchmarks.client import Taken, get, many
from benchmarks.engines.all import ENOUGH, Times
from benchmarks.match.store import Populated, populated
from benchmarks.result import Result
from benchmarks.roles import H, M, R
from benchmarks.served import Served, memory, served

P50, P99, RATE, OWN, RESIDENT = 6.0, 20.0, 300.0, 50.0, 600.0
CLIENTS, WORKERS = 16, 2
_ANSWERS = 3_000
_WARM_UP = 60


def match_serving(work: Path) -> list[Result]:
    """Fifty people fully explained."""
    made = populated(work)
    return [*one_client(made, ENOUGH), *throughput(made, _ANSWERS)]


def one_client(made: Populated, calls: int) -> list[Result]:
    with served(made.store) as server:
        found = {role: asyncio.run(_alone(server, role, calls)) for role in (H, M, R)}
        bare = asyncio.run(_health(server, calls))
        resident = memory(server.processes()[0])["resident"]
    h = Times.of(found[H].each)
    others = {role: Times.of(found[role].each) for role in (M, R)}
    return [
        Result(
            "`GET /v1/role-matches`, H, 50 people explained, one client",
            "p50 <= 6 ms, p99 <= 20 ms",
            f"p50 {h.median:.1f} ms, p99 {h.p99:.1f} ms ({found[H].bytes / len(found[H].each) / 1000:.0f} kB)",
            h.median <= P50 and h.p99 <= P99,
            f"M p50 {others[M].median:.1f} ms, R {others[R].median:.1f} ms; `GET /healthz`: {bare.median:.1f} ms",
        ),
        Result(
            f"memory of a serving process, {made.people.people:,} people, mapped pages included",
            "<= 600 MB",
            f"{resident:.0f} MB",
            resident <= RESIDENT,
        ),
    ]


def throughput(made: Populated, answers: int) -> list[Result]:
    """H, M and R in turn, by clients that share the machine with the workers."""
    with served(made.store, WORKERS) as server:
        asyncio.run(_crowd(server, _WARM_UP * CLIENTS))
        taken = asyncio.run(_crowd(server, answers))
        sizes = [memory(pid) for pid in server.processes()]
    second = max(size["own"] for size in sizes)
    share = taken.client / taken.all
    times = Times.of(taken.each)
    return [
        Result(
            "16 clients, H, M and R in turn, 2 workers",
            ">= 300 answers/s",
            f"{taken.rate:.0f} answers/s",
            taken.rate >= RATE,
            f"p50 {times.median:.0f} ms, p99 {times.p99:.0f} ms, {taken.bytes / taken.all / 1e6:.0f} MB/s; "
            f"the client took {share:.0%} of a core",
        ),
        Result(
            "a second worker, of its own",
            "<= 50 MB",
            f"{second:.0f} MB",
            second <= OWN,
            "resident: " + ", ".join(f"{size['resident']:.0f} MB" for size in sizes),
        ),
    ]


def path_of(role: str) -> str:
    """Fifty people, explained, as they stand now."""
    return f"/v1/role-matches?role={role}&limit=50"


async def _alone(server: Served, role: str, calls: int) -> Taken:
    request = [get(path_of(role), server.key)]
    await many(server.port, request, 1, _WARM_UP)
    return await many(server.port, request, 1, calls)


async def _health(server: Served, calls: int) -> Times:
    return Times.of((await many(server.port, [get("/healthz", server.key)], 1, calls)).each)


async def _crowd(server: Served, answers: int) -> Taken:
    requests: Sequence[bytes] = [get(path_of(role), server.key) for role in (H, M, R)]
    return await many(server.port, requests, CLIENTS, answers)
