"""`/id/…` as JSON-LD from one worker: addresses of full ESCO's skills and roles, each once, and then again."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.client import Taken, get, many
from benchmarks.measure import skillgraph
from benchmarks.result import Result
from benchmarks.served import Served, served
from benchmarks.vocabulary import FULL_ESCO
from graph.open import open_store
from graph.viewer import PUBLIC

GOAL = 1_000.0  # answers a second
CLIENTS = 8
TYPES = ("Skill", "Role")
_ANSWERS = 4_000
_WARM_UP = 200


def addresses(work: Path) -> list[Result]:
    """Addresses in a shuffled order, so that none is asked for twice before all were."""
    if not FULL_ESCO.is_dir():
        return [Result("`GET /id/…` of full ESCO", ">= 1,000/s", "not here: ../shared/data/esco-1.2.0", False)]
    store = _loaded(work / "addresses")
    ids = _ids(store)
    with served(store, 1, ("graph",)) as server:
        warm, measured = ids[:_WARM_UP], ids[_WARM_UP : _WARM_UP + _ANSWERS]
        _ask(server, [_request(id, server.key) for id in warm])
        before = _seconds(server.pid)
        first = _ask(server, [_request(id, server.key) for id in measured])
        spent = _seconds(server.pid) - before
        again = _ask(server, [_request(id, server.key) for id in measured])
        bare = _ask(server, [get("/healthz", server.key)] * len(measured))
    bytes_each = first.bytes / len(first.each) / 1000
    return [
        Result(
            "`GET /id/…` as JSON-LD, full ESCO, each address for the first time, one worker",
            ">= 1,000 answers/s",
            f"{first.rate:,.0f} answers/s ({bytes_each:.1f} kB)",
            first.rate >= GOAL,
            f"{spent / len(measured) * 1000:.2f} ms of processor time each; `GET /healthz`: {bare.rate:,.0f}/s",
        ),
        Result(
            "the same addresses once more",
            ">= 1,000 answers/s",
            f"{again.rate:,.0f} answers/s",
            again.rate >= GOAL,
        ),
    ]


def _loaded(folder: Path) -> Path:
    store = folder / "store.db"
    if not store.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        skillgraph(store, "load", "esco", str(FULL_ESCO), "--json")
    return store


def _ids(path: Path) -> list[str]:
    store = open_store(f"sqlite:{path}", create=False)
    found = [node.id for name in TYPES for node in store.page(name, PUBLIC, limit=100_000)]
    store.close()
    Random(7).shuffle(found)
    return found


def _request(id: str, key: str) -> bytes:
    return get(f"/id/{id}?format=jsonld", key)


def _ask(server: Served, requests: Sequence[bytes]) -> Taken:
    return asyncio.run(many(server.port, requests, CLIENTS, len(requests)))


def _seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
