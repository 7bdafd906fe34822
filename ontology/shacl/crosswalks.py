"""The laws of crosswalks: from foreign scales to home, and never downwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from pyoxigraph import NamedNode

from ontology.shacl.literals import Value
from ontology.shacl.reach import Faults
from ontology.shacl.scales import HOME_TERM, Scales, Step, column, is_below, stated_of, told, values_of
from ontology.shacl.table import Nodes, Table
from ontology.turtle import SG


@dataclass(frozen=True, slots=True)
class _Walk:
    """One CORRESPONDS_TO."""

    edge: int
    starts: list[int]
    ends: list[int]


def _walks(table: Table) -> list[_Walk]:
    edges = np.flatnonzero(table.instances_stated(NamedNode(f"{SG}CORRESPONDS_TO")))
    starts, ends = (stated_of(table, name, edges) for name in ("from", "to"))
    return [_Walk(edge, starts[edge], ends[edge]) for edge in edges.tolist() if edge in starts and edge in ends]


def scale_reaches_home(table: Table, nodes: Nodes) -> list[Faults]:
    at, values = table.values(f"{SG}scale", False, nodes)
    if not len(at):
        return []
    home, scales = table.terms.find(HOME_TERM), column(table, "scale")
    reaching = {home}
    for edge in _walks(table):
        if any(home in scales.get(end, ()) for end in edge.ends):
            reaching.update(scale for start in edge.starts for scale in scales.get(start, ()))
    wrong = ~np.isin(values, list(reaching))
    return [Faults(at[wrong], values[wrong])]


def crosswalk_ends_at_home(table: Table, nodes: Nodes) -> list[Faults]:
    scales, home = column(table, "scale"), table.terms.find(HOME_TERM)
    starts, ends = stated_of(table, "from", nodes.numbers), stated_of(table, "to", nodes.numbers)
    broken = [
        edge
        for edge in starts.keys() & ends.keys()
        if any(home in scales.get(start, ()) for start in starts[edge])
        or any(home not in scales.get(end, ()) for end in ends[edge])
    ]
    return told(nodes, np.array(sorted(broken), np.int64))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A CORRESPONDS_TO on one scale, from a rank to a home rank, and when."""

    edge: int
    rank: Value
    home: Value
    since: Value | None
    until: Value | None


def crosswalk_is_monotone(table: Table, nodes: Nodes) -> list[Faults]:
    by_scale: dict[int, list[_Stretch]] = {}
    for scale, stretch in _stretches(table):
        by_scale.setdefault(scale, []).append(stretch)
    broken = {mine.edge for each in by_scale.values() for mine in each if any(_contradict(mine, one) for one in each)}
    return told(nodes, np.intersect1d(np.array(sorted(broken), np.int64), nodes.numbers))


def _stretches(table: Table) -> Iterator[tuple[int, _Stretch]]:
    scales, walks = Scales(table), _walks(table)
    edges = np.array([walk.edge for walk in walks], np.int64)
    dates = {name: stated_of(table, name, edges) for name in ("since", "until")}
    typed = values_of(table, {each for found in dates.values() for values in found.values() for each in values})
    by_level: dict[int, list[Step]] = {}
    for step in scales.steps:
        by_level.setdefault(step.level, []).append(step)
    for walk in walks:
        since, until = ([typed[each] for each in dates[name].get(walk.edge, ())] or [None] for name in dates)
        lows = {(step.scale, step.value) for start in walk.starts for step in by_level.get(start, ())}
        homes = {scales.values[rank] for end in walk.ends for rank in scales.ranks.get(end, ())}
        for (scale, low), home, begin, end in product(lows, homes, since, until):
            if low and home:
                yield scale, _Stretch(walk.edge, low, home, begin, end)


def _contradict(mine: _Stretch, other: _Stretch) -> bool:
    steeper = is_below(mine.rank, other.rank, equal=False) and is_below(other.home, mine.home, equal=False)
    forked = mine.rank == other.rank and mine.home != other.home and mine.home.family == other.home.family
    if not steeper and not forked:
        return False
    return all(
        begin is None or end is None or is_below(begin, end, equal=False)
        for begin, end in ((mine.since, other.until), (other.since, mine.until))
    )
