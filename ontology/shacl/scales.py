"""Levels and their scales as laws read them off a table, for graphs with faults of any kind too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from pyoxigraph import NamedNode

from ontology.shacl.literals import Value
from ontology.shacl.reach import Faults
from ontology.shacl.table import Nodes, Numbers, Table
from ontology.shacl.values import typed_values
from ontology.turtle import SG

HOME = "https://w3id.org/skillgraph/scale/home"
HOME_TERM = NamedNode(HOME)


@dataclass(frozen=True, slots=True)
class Step:
    """One way to read a Level: it may state two scales or ranks, which is another fault."""

    level: int
    scale: int
    rank: int
    value: Value | None  # of the rank
    bound: Value | None  # lower bound, else rank


class Scales:
    """Levels by scale and by themselves."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.home = table.terms.find(HOME_TERM)
        self.scales = column(table, "scale")
        self.ranks = column(table, "rank")
        self.bounds = column(table, "lower_bound")
        levels = [level for level in self.ranks if level in self.scales]
        numbers = {each for column in (self.ranks, self.bounds) for values in column.values() for each in values}
        self.values = values_of(table, numbers)
        self.steps = [step for level in levels for step in self._steps(level)]
        self.by_scale: dict[int, list[Step]] = {}
        for step in self.steps:
            self.by_scale.setdefault(step.scale, []).append(step)

    def _steps(self, level: int) -> Iterator[Step]:
        stated = self.bounds.get(level)
        for scale, rank in product(self.scales[level], self.ranks[level]):
            for bound in stated or (rank,):
                yield Step(level, scale, rank, self.values[rank], self.values[bound])


def column(table: Table, name: str) -> dict[int, list[int]]:
    """Subject -> values of one of our properties."""
    pairs, found = table.pairs(f"{SG}{name}"), dict[int, list[int]]()
    for subject, value in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True):
        found.setdefault(subject, []).append(value)
    return found


def values_of(table: Table, numbers: Iterable[int]) -> dict[int, Value | None]:
    ordered = sorted(numbers)
    return dict(zip(ordered, typed_values(table.terms, np.array(ordered, np.int64)), strict=True))


def is_below(low: Value | None, high: Value | None, equal: bool = True) -> bool | None:
    """SPARQL's `<=` or `<`; None is its error."""
    if low is None or high is None or low.family != high.family:
        return None
    return bool(low.key <= high.key if equal else low.key < high.key)


def stated_of(table: Table, name: str, numbers: Numbers) -> dict[int, list[int]]:
    """Of some nodes their values of one of our properties."""
    at, values = table.values(f"{SG}{name}", False, table.nodes(numbers))
    found: dict[int, list[int]] = {}
    for place, value in zip(at.tolist(), values.tolist(), strict=True):
        found.setdefault(int(numbers[place]), []).append(value)
    return found


def told(nodes: Nodes, numbers: Numbers) -> list[Faults]:
    """Nodes that break a law as a whole: each is its own value, as SPARQL constraints have it."""
    return [Faults(np.searchsorted(nodes.numbers, numbers), numbers)]
