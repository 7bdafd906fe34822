"""The laws of levels: each on its scale, and the levels of a scale in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ontology.shacl.literals import Value, value_of
from ontology.shacl.reach import Faults
from ontology.shacl.scales import HOME_TERM, Scales, Step, is_below, told, values_of
from ontology.shacl.table import Nodes, Numbers, Table
from ontology.turtle import SG, XSD

HIGHEST_HOME_RANK = 7
"""Points are counted in 420ths of a level, and 420 is lcm(1..7): above it they would not be whole numbers."""


def level_is_on_its_scale(table: Table, nodes: Nodes) -> list[Faults]:
    at, values = table.values(f"{SG}level", False, nodes)
    if not len(at):
        return []
    scales = Scales(table)
    ends = np.zeros(len(nodes), bool)
    ends[table.values(f"{SG}to", False, nodes)[0]] = True
    rows, chosen = _with_scale(table, nodes, at, scales.home)
    total = np.int64(len(table.terms))
    distinct, places = np.unique((values[rows] * total + chosen) * 2 + ends[at[rows]], return_inverse=True)
    cases = [(pair // 2 // total, pair // 2 % total, pair % 2 > 0) for pair in distinct]
    typed = values_of(table, {int(value) for value, _, _ in cases})
    wrong = np.array([_is_off(scales, typed[int(value)], int(scale), bool(end)) for value, scale, end in cases], bool)
    broken = np.unique(rows[wrong[places]])
    return [Faults(at[broken], values[broken])]


def _with_scale(table: Table, nodes: Nodes, at: Numbers, home: int) -> tuple[Numbers, Numbers]:
    """Rows of levels with each scale that their node states, else home."""
    places, stated = table.values(f"{SG}scale", False, nodes)
    if not len(places):
        return np.arange(len(at)), np.full(len(at), home)
    order = np.argsort(places, kind="stable")
    places, stated = places[order], stated[order]
    first = np.searchsorted(places, at, "left")
    counts = np.searchsorted(places, at, "right") - first
    times = np.maximum(counts, 1)
    rows = np.repeat(np.arange(len(at)), times)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    picked = np.minimum(np.repeat(first, times) + within, len(stated) - 1)
    return rows, np.where(np.repeat(counts, times) > 0, stated[picked], home)


def _is_off(scales: Scales, value: Value | None, scale: int, end: bool) -> bool:
    """An edge's level has a level of its scale at or below it; a home level one at or above it.

    What is no number at all is not of its datatype, which is fault enough.
    """
    if value is None:
        return False
    if end and not any(is_below(step.bound, value) for step in scales.by_scale.get(scale, ())):
        return True
    return scale == scales.home and not any(is_below(value, step.value) for step in scales.by_scale.get(scale, ()))


def level_bounds_rise(table: Table, nodes: Nodes) -> list[Faults]:
    broken = [number for steps in Scales(table).by_scale.values() for number in _contradicting(steps)]
    return told(nodes, np.intersect1d(np.array(broken, np.int64), nodes.numbers))


def _contradicting(steps: list[Step]) -> Iterator[int]:
    """Levels that share a rank with another, or whose bound is not below that of every level above."""
    families: dict[str, list[Step]] = {}
    for step in steps:
        if step.value:
            families.setdefault(step.value.family, []).append(step)
    for alike in families.values():
        lowest = _Lowest()
        for same in reversed(_by_rank(alike)):
            shared = len({each.level for each in same}) > 1
            yield from (each.level for each in same if shared or lowest.is_at_most(each))
            for each in same:
                lowest.note(each)


def _by_rank(steps: list[Step]) -> list[list[Step]]:
    groups: dict[Any, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.value.key if step.value else None, []).append(step)
    return [groups[key] for key in sorted(groups)]


class _Lowest:
    """The lowest bound of the levels seen, and the lowest of any other level than that one; by family of values."""

    def __init__(self) -> None:
        self._two: dict[str, list[tuple[Any, int]]] = {}

    def is_at_most(self, step: Step) -> bool:
        """Whether another level's bound is at or below this one's."""
        found = self._two.get(step.bound.family, ()) if step.bound else ()
        return any(level != step.level and step.bound and key <= step.bound.key for key, level in found)

    def note(self, step: Step) -> None:
        if step.bound:
            known = {level: key for key, level in self._two.get(step.bound.family, ())}
            known[step.level] = min(known.get(step.level, step.bound.key), step.bound.key)
            self._two[step.bound.family] = sorted((key, level) for level, key in known.items())[:2]


def home_rank_is_at_most_7(table: Table, nodes: Nodes) -> list[Faults]:
    scales = table.pairs(f"{SG}scale")
    home = set(scales.subjects[scales.objects == table.terms.find(HOME_TERM)].tolist())
    at, values = table.values(f"{SG}rank", False, nodes)
    highest, typed = value_of(str(HIGHEST_HOME_RANK), f"{XSD}integer"), values_of(table, set(values.tolist()))
    wrong = [
        int(nodes.numbers[place]) in home and is_below(typed[value], highest) is False
        for place, value in zip(at.tolist(), values.tolist(), strict=True)
    ]
    chosen = np.flatnonzero(np.array(wrong, bool))
    return [Faults(at[chosen], values[chosen])]
