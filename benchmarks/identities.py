"""Who is one person: a million people known to four systems joined, and a hundred more.

Personnel states an employee number and an address of everybody; three in ten are known to the hiring system too, by the
same address in capitals, one in ten to the learning system by a SHA-1 of it (xAPI), and one in ten by badges, hashed
with one of three salts. So 1,500,000 records and 2,500,000 identities are 1,000,000 persons.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks.measure import process
from benchmarks.result import Result
from graph.alike import mbox_sha1sum
from graph.canonical import content_hash
from graph.index import IndexKeeper
from graph.index.records import group, read_identities, read_learners
from graph.open import open_store
from graph.settings import Settings
from graph.store import Batch, Block, Store

PEOPLE, MORE, TURNS = 1_000_000, 100, 5
SALTS = ("oak", "elm", "ash")
_AT_ONCE = 20_000  # people

Told = dict[str, Any]
Row = tuple[str, Told, list[tuple[str, str]]]
"""Source, record, its identities."""


def identities(work: Path) -> list[Result]:
    """In a process of its own, on a store that is made once."""
    folder = work / "identities"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        process([sys.executable, "-m", "benchmarks.identities", "make", str(folder)])
        (folder / "made").touch()
    run = process([sys.executable, "-m", "benchmarks.identities", "measure", str(folder)])
    found: dict[str, float] = orjson.loads(run.output.splitlines()[-1])
    return [
        Result(
            "identities of 1,000,000 people in four systems read from the store and joined, 200,000 of them hashed",
            "<= 20 s",
            f"{found['joined']:.1f} s, {found['persons']:,.0f} persons",
            found["joined"] <= 20,
            f"reading alone: {found['read']:.1f} s",
        ),
        Result(
            "100 more people, until the index has joined them; 100 of whom half are hashed",
            "<= 0.2 s",
            f"{found['plain']:.3f} s; {found['hashed']:.3f} s",
            found["plain"] <= 0.2 and found["hashed"] <= 0.2,
        ),
    ]


def told(first: int, last: int) -> Iterator[Row]:
    """What is stated of the people from one to another."""
    for person in range(first, last):
        address = f"person.{person:07d}@example.org"
        numbered = [("employee-number", f"{person:07d}"), ("email", address)]
        yield "hris", {"id": f"hris:{person:07d}", "kind": "internal"}, numbered
        if person % 10 < 3:
            yield "ats", {"id": f"ats:{person:07d}", "kind": "external"}, [("email", address.upper())]
        if person % 10 == 3:
            yield "lms", {"id": f"lms:{person:07d}", "kind": "internal"}, [("mbox_sha1sum", mbox_sha1sum(address))]
        if person % 10 == 4:
            yield "badges", {"id": f"badges:{person:07d}", "kind": "internal"}, [_badge(address, person)]


def _badge(address: str, person: int) -> tuple[str, str]:
    salt = SALTS[person // 10 % len(SALTS)]
    return "hashed:sha256", f"{sha256((address + salt).encode()).hexdigest()} {salt}"


def write(store: Store, rows: Iterator[Row]) -> None:
    """Records with their identities, a batch a source."""
    by_source: dict[str, tuple[list[Told], list[Told]]] = {}
    for source, record, stated in rows:
        learners, own = by_source.setdefault(source, ([], []))
        learners.append(record)
        own += (
            {
                "id": f"{record['id']}-{system.replace(':', '.')}",
                "learner": record["id"],
                "system": system,
                "value": value,
            }
            for system, value in stated
        )
    for source, (learners, own) in by_source.items():
        store.write(Batch(source, None, [_block("Learner", learners), _block("Identity", own)]))


def _block(name: str, rows: list[Told]) -> Block:
    columns = {column: [row[column] for row in rows] for column in rows[0]}
    hashes = [content_hash({column: value for column, value in row.items() if column != "id"}) for row in rows]
    return Block(name, columns, [1] * len(rows), hashes)


def make(folder: Path) -> None:
    """The store, and its index."""
    store = open_store(f"sqlite:{folder / 'store.db'}")
    for first in range(0, PEOPLE, _AT_ONCE):
        write(store, told(first, min(first + _AT_ONCE, PEOPLE)))
    store.optimise()
    store.close()


def measure(folder: Path) -> dict[str, float]:
    """Seconds, medians; what is added is of people that nobody knew, so every turn adds others."""
    store = open_store(f"sqlite:{folder / 'store.db'}")
    settings = Settings()
    reading, joining, persons = [], [], 0
    for _ in range(TURNS):
        started = time.perf_counter()
        learners, own = read_learners(store), read_identities(store)
        reading.append(time.perf_counter() - started)
        persons = len(group(learners, own, settings).primary)
        joining.append(time.perf_counter() - started)
    del learners, own
    keeper = IndexKeeper(store, settings, folder / "index")
    keeper.current()
    plain = [_added(store, keeper, _newcomers) for _ in range(TURNS)]
    hashed = [_added(store, keeper, _hashed) for _ in range(TURNS)]
    assert keeper.counters.built <= 1
    store.close()
    return {
        "read": statistics.median(reading), "joined": statistics.median(joining), "persons": persons,
        "plain": statistics.median(plain), "hashed": statistics.median(hashed),
    }  # fmt: skip


def _newcomers(number: int) -> Iterator[Row]:
    """People that nobody knew, in personnel and the hiring system."""
    first = PEOPLE + 1_000 * number
    return (row for row in told(first, first + 1_000) if row[0] in ("hris", "ats"))


def _hashed(number: int) -> Iterator[Row]:
    """New records, hashed, of people who are known."""
    for person in range(7 + 1_000 * number % PEOPLE, PEOPLE, 10):
        address = f"person.{person:07d}@example.org"
        mbox = ("mbox_sha1sum", mbox_sha1sum(address))
        yield "badges", {"id": f"badges:{person:07d}", "kind": "internal"}, [_badge(address, person)]
        yield "lms", {"id": f"lms:{person:07d}", "kind": "internal"}, [mbox]


def _added(store: Store, keeper: IndexKeeper, rows: Callable[[int], Iterator[Row]]) -> float:
    """Seconds until the index is at the store's number again; other rows at every number."""
    write(store, islice(rows(store.number()), MORE))
    started = time.perf_counter()
    keeper.current()
    return time.perf_counter() - started


if __name__ == "__main__":
    task, where = sys.argv[1:]
    if task == "make":
        make(Path(where))
    else:
        sys.stdout.write(orjson.dumps(measure(Path(where))).decode() + "\n")
