"""Constraints on the values of a node taken together (SHACL sections 4.2, 4.4.5, 4.5, 4.8)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyoxigraph import NamedNode

from ontology.shacl.reach import Faults, Reach
from ontology.shacl.shapes import Beside, Closed, Constraint, Count, Of
from ontology.shacl.table import NO_PAIRS, TYPE, Numbers, Table
from ontology.shacl.values import typed_values
from ontology.turtle import RDFS

_RESOURCE = NamedNode(f"{RDFS}Resource")

SetTest = Callable[[Table, Any, Reach], list[Faults]]


def _counted(_: Table, constraint: Count, reach: Reach) -> list[Faults]:
    counts = np.bincount(reach.at, minlength=len(reach.nodes))
    wrong = counts < constraint.number if constraint.component == "MinCount" else counts > constraint.number
    return [Faults(np.flatnonzero(wrong))]


def _has_value(table: Table, constraint: Of, reach: Reach) -> list[Faults]:
    has = np.zeros(len(reach.nodes), bool)
    has[reach.at[reach.values == table.terms.find(constraint.term)]] = True
    return [Faults(np.flatnonzero(~has))]


def _unique_language(table: Table, _: Constraint, reach: Reach) -> list[Faults]:
    if len(table.terms.languages) == 1:
        return []
    spoken = table.terms.language_of[reach.values]
    tagged = np.flatnonzero(spoken)
    if len(tagged) < 2:
        return []
    keys = np.sort(reach.at[tagged].astype(np.int64) * len(table.terms.languages) + spoken[tagged])
    again = np.unique(keys[1:][keys[1:] == keys[:-1]])
    return [Faults(again // len(table.terms.languages))]


def _other(table: Table, constraint: Beside, reach: Reach) -> tuple[Numbers, Numbers]:
    return table.values(constraint.predicate, False, reach.nodes)


def _equal(table: Table, constraint: Beside, reach: Reach) -> list[Faults]:
    at, values = _other(table, constraint, reach)
    total = len(table.terms)
    mine, others = reach.at * np.int64(total) + reach.values, at * np.int64(total) + values
    odd = np.setxor1d(mine, others)
    return [Faults(odd // total, odd % total)]


def _disjoint(table: Table, constraint: Beside, reach: Reach) -> list[Faults]:
    at, values = _other(table, constraint, reach)
    total = len(table.terms)
    both = np.intersect1d(reach.at * np.int64(total) + reach.values, at * np.int64(total) + values)
    return [Faults(both // total, both % total)]


def _less(table: Table, constraint: Beside, reach: Reach) -> list[Faults]:
    """Every value with every value of the other property at the same node; what has no order is out of order."""
    at, values = _other(table, constraint, reach)
    if not len(at) or not len(reach.at):
        return []
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    first = np.searchsorted(at, reach.at, "left")
    counts = np.searchsorted(at, reach.at, "right") - first
    mine = np.repeat(np.arange(len(reach.at)), counts)
    within = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts)
    theirs = values[np.repeat(first, counts) + within]
    holds = _compared(table, reach.values[mine], theirs, constraint.component == "LessThan")
    wrong = np.unique(mine[~holds])
    return [Faults(reach.at[wrong], reach.values[wrong])]


def _compared(table: Table, low: Numbers, high: Numbers, strictly: bool) -> Any:
    """Whether each low value is below its high one: by rank within the family of values."""
    numbers = np.unique(np.concatenate([low, high]))
    families, ranks = _ranked(typed_values(table.terms, numbers))
    a, b = np.searchsorted(numbers, low), np.searchsorted(numbers, high)
    below = operator.lt if strictly else operator.le
    return (families[a] == families[b]) & (families[a] > 0) & below(ranks[a], ranks[b])


def _ranked(values: list[Any]) -> tuple[Numbers, Numbers]:
    """For each value the number of its family, 0 for none, and its rank there; equal values have one rank."""
    families, ranks = np.zeros(len(values), np.int64), np.zeros(len(values), np.int64)
    by_family: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None:
            by_family.setdefault(value.family, []).append(place)
    for family, places in enumerate(by_family.values(), 1):
        keys = sorted({values[place].key for place in places})
        rank = {key: number for number, key in enumerate(keys)}
        families[places] = family
        ranks[places] = [rank[values[place].key] for place in places]
    return families, ranks


def _closed(table: Table, constraint: Closed, reach: Reach) -> list[Faults]:
    """Triples of the values with a predicate that is not allowed; what is an rdfs:Resource says nothing new."""
    found, values = [], table.nodes(reach.values)
    for predicate in table.predicates:
        if predicate in constraint.allowed or table.pairs(predicate) is NO_PAIRS:
            continue
        places, objects = table.values(predicate, False, values)
        if predicate == TYPE:
            resource = table.terms.find(_RESOURCE)
            places, objects = places[objects != resource], objects[objects != resource]
        if len(places):
            found.append(Faults(*_back(reach, values.numbers[places], objects), predicate))
    return found


def _back(reach: Reach, subjects: Numbers, objects: Numbers) -> tuple[Numbers, Numbers]:
    """The focus nodes that have each subject among their values, with the object."""
    order = np.argsort(reach.values, kind="stable")
    values = reach.values[order]
    first = np.searchsorted(values, subjects, "left")
    counts = np.searchsorted(values, subjects, "right") - first
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return reach.at[order][np.repeat(first, counts) + within], np.repeat(objects, counts)


SET_TESTS: Mapping[str, SetTest] = {
    "MinCount": _counted,
    "MaxCount": _counted,
    "HasValue": _has_value,
    "UniqueLang": _unique_language,
    "Equals": _equal,
    "Disjoint": _disjoint,
    "LessThan": _less,
    "LessThanOrEquals": _less,
    "Closed": _closed,
}
"""For each component what finds the faults."""
