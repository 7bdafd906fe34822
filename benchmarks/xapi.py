"""xAPI statements by file and by push: what an academy of 5,000 people sends."""

from __future__ import annotations

import random
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson

from benchmarks.measure import Run, skillgraph
from benchmarks.result import Result
from benchmarks.served import served

STATEMENTS, PEOPLE, COURSES = 300_000, 5_000, 500
BATCH, BATCHES = 100, 200
SHARE = 0.3  # of a stream that tells an outcome; the rest tells of things looked at and answered
_ADL, _LMS = "http://adlnet.gov/expapi", "https://lms.example"


def xapi(work: Path) -> list[Result]:
    """By file: a stream as learning systems send it, and one of outcomes alone; by push: one client, one worker."""
    folder = work / "xapi"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return [
        _by_file(folder, f"xAPI statements by file, {SHARE:.0%} of them outcomes", SHARE),
        _by_file(folder, "xAPI statements by file, all of them outcomes", 1.0),
        _by_push(folder),
    ]


def _by_file(folder: Path, what: str, share: float) -> Result:
    path = folder / "statements.jsonl"
    with path.open("wb") as file:
        file.writelines(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in stream(STATEMENTS, share))
    parse = statistics.median(_parsed(path) for _ in range(3))
    loads = [_loaded(folder, path) for _ in range(3)]
    rate = STATEMENTS / statistics.median(run.seconds for run in loads)
    memory = max(run.memory for run in loads)
    note = f"orjson reading the same lines, nothing kept: {STATEMENTS / parse:,.0f}/s"
    return Result(what, ">= 30,000/s", f"{rate:,.0f}/s, {memory:.0f} MB", rate >= 30_000, note)


def _loaded(folder: Path, path: Path) -> Run:
    store = _catalogue(folder)
    run = skillgraph(store, "load", "xapi", str(path), "--name", "lms", "--json")
    counts = orjson.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1])
    assert counts["rejected"] == counts["waiting"] == 0, counts
    return run


def _by_push(folder: Path) -> Result:
    """Each batch is on disk before it is acknowledged; the next is sent then."""
    rates = []
    for _ in range(3):
        bodies = [orjson.dumps(batch) for batch in _batches(stream((BATCHES + 10) * BATCH, 1.0))]
        with served(_catalogue(folder), scopes=("load", "people"), source="lms") as server:
            headers = {
                "Authorization": f"Bearer {server.key}",
                "X-Experience-API-Version": "2.0.0",
                "Content-Type": "application/json",
            }
            with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=60) as client:
                for body in bodies[:10]:
                    client.post("/xapi/statements", content=body).raise_for_status()
                started = time.perf_counter()
                for body in bodies[10:]:
                    client.post("/xapi/statements", content=body).raise_for_status()
                rates.append(BATCHES * BATCH / (time.perf_counter() - started))
    rate = statistics.median(rates)
    what = f"xAPI statements by push, all of them outcomes, batches of {BATCH}, durable, one client, one worker"
    return Result(what, ">= 3,000/s", f"{rate:,.0f}/s", rate >= 3_000)


def stream(count: int, share: float) -> Iterator[dict[str, Any]]:
    """Statements from a seed, in the order of time; `share` of them complete, pass or fail a course."""
    chosen = random.Random(20250301)
    for number in range(count):
        told = chosen.random() < share
        verb = chosen.choice(("completed", "passed", "failed") if told else ("experienced", "answered"))
        yield _statement(chosen, number, verb)


def _statement(chosen: random.Random, number: int, verb: str) -> dict[str, Any]:
    day, second = divmod(number * 97, 86_400)
    return {
        "id": str(UUID(int=chosen.getrandbits(128), version=4)),
        "actor": {
            "objectType": "Agent",
            "name": "A learner",
            "account": {"homePage": _LMS, "name": f"u{chosen.randrange(PEOPLE)}"},
        },
        "verb": {"id": f"{_ADL}/verbs/{verb}", "display": {"en-US": verb}},
        "object": {
            "objectType": "Activity",
            "id": f"{_LMS}/course/{chosen.randrange(COURSES)}",
            "definition": {"type": f"{_ADL}/activities/course", "name": {"en-US": "A course"}},
        },
        "result": {"success": verb != "failed", "completion": True, "score": {"scaled": round(chosen.random(), 2)}},
        "context": {"registration": str(UUID(int=chosen.getrandbits(128), version=4)), "platform": "LMS"},
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.123Z", time.gmtime(1_700_000_000 + day * 86_400 + second)),
    }


def _batches(some: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for each in some:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []


def _catalogue(folder: Path) -> Path:
    """A fresh store that knows the courses."""
    place = folder / "store"
    shutil.rmtree(place, ignore_errors=True)
    tables = place / "tables"
    tables.mkdir(parents=True)
    rows = "".join(f"{_LMS}/course/{number}\n" for number in range(COURSES))
    (tables / "LearningObject.csv").write_text(f"id\n{rows}")
    store = place / "store.db"
    skillgraph(store, "load", "tables", str(tables), "--name", "catalogue")
    return store


def _parsed(path: Path) -> float:
    started = time.perf_counter()
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)
    return time.perf_counter() - started
