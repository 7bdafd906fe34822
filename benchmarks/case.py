"""A CASE package of 10,000 items and 30,000 associations into an empty store, by the command that users type."""

from __future__ import annotations

import shutil
import statistics
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson

from benchmarks.measure import process, skillgraph
from benchmarks.result import Result

ITEMS, ASSOCIATIONS = 10_000, 30_000
GOAL = 5.0  # seconds
_CHANGED = "2025-01-31T08:00:00+00:00"
_PLACE = "https://case.example/ims/case/v1p0"
_ABREAST = 10  # children of an item


def case(work: Path) -> list[Result]:
    """The package three times, each into a store of its own; beside it Python's json reading the same file."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / "package.json"
    path.write_bytes(orjson.dumps(package(ITEMS, ASSOCIATIONS)))
    runs = []
    for turn in range(3):
        folder = work / f"case-{turn}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        runs.append(skillgraph(folder / "store.db", "load", "case", str(path), "--json"))
    seconds = statistics.median(run.seconds for run in runs)
    memory = statistics.median(run.memory for run in runs)
    text = runs[-1].output
    told = orjson.loads(text[text.index("{") : text.rindex("}") + 1])
    whole = told["read"] == told["written"] == ITEMS + ASSOCIATIONS + 1
    bare = process([sys.executable, "-c", f"import json; json.load(open({str(path)!r}))"])
    return [
        Result(
            f"a CASE package of {ITEMS:,} items and {ASSOCIATIONS:,} associations",
            f"<= {GOAL:.0f} s",
            f"{seconds:.1f} s, {memory:.0f} MB{'' if whole else ', NOT every row written'}",
            seconds <= GOAL and whole,
            f"Python starting and reading the same JSON: {bare.seconds:.1f} s",
        )
    ]


def package(items: int, associations: int) -> dict[str, Any]:
    """A framework in which every item has a parent; the other associations lead from one item to another."""
    random = Random(6)
    names = [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(items + 1)]
    return {
        "CFDocument": {
            **_own(names[0], "CFDocuments"),
            "creator": "Tiny",
            "title": "What Tiny asks for",
            "adoptionStatus": "Adopted",
        },
        "CFItems": [_item(name, number) for number, name in enumerate(names[1:], start=1)],
        "CFAssociations": list(_associations(names, associations, random)),
    }


def _own(identifier: str, kind: str) -> dict[str, Any]:
    return {"identifier": identifier, "uri": f"{_PLACE}/{kind}/{identifier}", "lastChangeDateTime": _CHANGED}


def _item(identifier: str, number: int) -> dict[str, Any]:
    return {
        **_own(identifier, "CFItems"),
        "fullStatement": f"Explains, to somebody new to it, step {number} of the work and why it is done so",
        "abbreviatedStatement": f"Explains step {number}",
        "humanCodingScheme": f"T.{number}",
        "CFItemType": "Competency",
        "language": "en",
        "educationLevel": ["09", "10"],
    }


def _associations(names: list[str], count: int, random: Random) -> Iterator[dict[str, Any]]:
    for number in range(1, len(names)):
        yield _association(random, "isChildOf", names[number], names[(number - 1) // _ABREAST])
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < count - len(names) + 1:
        pairs.add(tuple(random.sample(range(1, len(names)), 2)))  # type: ignore[arg-type]
    for place, (one, other) in enumerate(sorted(pairs)):
        yield _association(random, ("isRelatedTo", "precedes")[place % 2], names[one], names[other])


def _association(random: Random, kind: str, origin: str, destination: str) -> dict[str, Any]:
    identifier = str(uuid.UUID(int=random.getrandbits(128), version=4))
    links = {"originNodeURI": origin, "destinationNodeURI": destination}
    ends = {
        name: {"title": node, "identifier": node, "uri": f"{_PLACE}/CFItems/{node}"} for name, node in links.items()
    }
    return {**_own(identifier, "CFAssociations"), "associationType": kind, **ends}
