"""How the engine's time grows with people: the index's tables made directly in columns, up to ten million people."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.all import ENOUGH, Times, side_by_side
from benchmarks.engines.brute import Brute
from benchmarks.engines.contract import asked_of
from benchmarks.engines.ours import Ours
from benchmarks.match.engines import ours
from benchmarks.match.store import Populated, populated
from benchmarks.population import KINDS, PAIRS, UNVERIFIED, Facts, Population
from benchmarks.result import Result
from benchmarks.roles import RARE, H, R
from benchmarks.tables import PEOPLE, person_id
from graph.evidence import classes
from graph.index import Index
from graph.index.people import BasePeople, People
from graph.index.snapshot import Snapshot
from graph.index.tables import Layered, Table
from graph.loops import compiled
from graph.persons import Grouping
from ontology.model import load_model

SIZES = (100_000, 1_000_000, 10_000_000)
VOCABULARY_OF = 2_000
"""People of the store whose roles and skills are used; its own people are put aside."""
_COLUMNS = "match-columns"
LARGEST, LINEAR = 20.0, 1.15
"""Milliseconds for H at the largest size; the most that the exponent of growth may be."""


def match_growth(work: Path) -> list[Result]:
    """H and R at each size, rows held to the brute force."""
    try:
        return growth(populated(work, VOCABULARY_OF), work, SIZES)
    finally:
        shutil.rmtree(work / _COLUMNS, ignore_errors=True)


def growth(made: Populated, work: Path, sizes: Sequence[int], calls: int = ENOUGH) -> list[Result]:
    """The times, and the exponent of the law between the two largest sizes."""
    found = {size: _at(made, work / _COLUMNS, size, calls) for size in sizes}
    h, r = ({size: times[role] for size, times in found.items()} for role in (H, R))
    (small, large), exponent = sizes[-2:], _exponent(h)
    return [
        Result(
            f"H among {large:,} people, {round(PAIRS * large):,} pairs of person and skill",
            "<= 20 ms, linear",
            f"{h[large].median:.3g} ms, p99 {h[large].p99:.3g} ms; grows with people to the power of {exponent:.2f}",
            h[large].median <= LARGEST and exponent <= LINEAR,
            _told(h),
            {f"{size:,}": each.median for size, each in h.items()},
        ),
        Result(
            f"R among {large:,} people, as many of whom hold its skills",
            "unchanged",
            f"{r[large].median:.3g} ms",
            r[large].median <= LINEAR * r[small].median,
            _told(r),
        ),
    ]


@dataclass(frozen=True)
class Growing(Population):
    """The skills of R are held by as many people, however many there are; all others by as large a share."""

    @cached_property
    def popularity(self) -> NDArray[np.int64]:
        found = Population(self.people, self.skills, self.seed).popularity.copy()
        rare = [skill for skill in RARE if skill < self.skills]
        found[rare] = np.minimum(Population(PEOPLE, self.skills, self.seed).popularity[rare], self.people)
        return found


def grown(snapshot: Snapshot, people: Population, skills: Sequence[str], folder: Path) -> Snapshot:
    """The snapshot with this population in place of its own: vocabulary, roles and rules stay."""
    base = snapshot.base
    tables = {name: table.where(np.zeros(len(table), np.bool_)) for name, table in base.tables.items()}
    tables["skills"] = _skills_table(people, snapshot.vocabulary.keys_of(skills), base.tables["skills"], folder)
    crowd = _people(people.people)
    layers = {name: Layered(table) for name, table in tables.items()}
    return replace(snapshot, base=replace(base, people=crowd, tables=tables), people=People(crowd), layers=layers)


def _at(made: Populated, folder: Path, size: int, calls: int) -> Mapping[str, Times]:
    people = Growing(size, made.people.skills, made.people.seed)
    with ours(made) as (engine, _):
        snapshot = grown(engine.index.snapshot, people, made.skills.ids, folder)
        large = Ours(engine.store, Index(snapshot, engine.store, compiled))
        found = {role: side_by_side([large, Brute(people)], asked_of(role, made.skills), calls) for role in (H, R)}
    return {role: times[large.name] for role, times in found.items()}


def _skills_table(people: Population, keys: NDArray[np.int64], like: Table, folder: Path) -> Table:
    """Every fact, by the key of its skill, mapped from files: written skill by skill, it is never in memory whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    types = {name: column.dtype for name, column in like.columns.items()} | {"evidence": np.dtype(np.uint32)}
    order, starts = np.argsort(keys), [0]
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in types}
        for skill in order.tolist():
            facts = people.of_skill(skill)
            columns = _columns(facts, starts[-1])
            for name, type in types.items():
                files[name].write(columns[name].astype(type).tobytes())
            starts.append(starts[-1] + len(facts))
    mapped = {name: np.memmap(folder / name, type, "r").view(np.ndarray) for name, type in types.items()}
    return Table(keys[order], np.array(starts, np.int64), mapped)


def _columns(facts: Facts, first: int) -> Mapping[str, NDArray[Any]]:
    return {
        **{column.name: getattr(facts, column.name) for column in fields(facts)},
        "kind": _codes()[facts.kind],
        "unverified": facts.verification == UNVERIFIED,
        "evidence": np.arange(first, first + len(facts)),
    }


@cache
def _codes() -> NDArray[np.uint8]:
    """The index's code of each of `KINDS`."""
    known = list(classes(load_model()))
    return np.array([known.index(kind) + 1 for kind in KINDS], np.uint8)


def _people(count: int) -> BasePeople:
    """One record a person."""
    numbers = np.arange(count, dtype=np.int64)
    grouping = Grouping(numbers.astype(np.int32), numbers, ())
    return BasePeople.of([person_id(number) for number in range(count)], numbers + 1, grouping)


def _exponent(times: Mapping[int, Times]) -> float:
    """Between the two largest sizes: 1 is linear."""
    small, large = sorted(times)[-2:]
    return math.log(times[large].median / times[small].median) / math.log(large / small)


def _told(times: Mapping[int, Times]) -> str:
    return ", ".join(f"{size:,} people {each.median:.3g} ms" for size, each in times.items())
