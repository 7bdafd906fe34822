"""Persons: connected sets of Learner records, joined by Identity (design section 5).

Two records are of one person when they state the same (system, value), or are both joined to a third; an identity with
`verified` false joins nobody. Some systems give a person one value only (an employee number): should records joined
so state two of them, that is a contradiction. Then only those records stay joined that state the same such values, and
the contradiction is listed, never resolved by guessing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import starts_of

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Records that shared identities would join, were it not for several values of an identity a person has once."""

    system: str
    values: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """Learner records in ascending order of their ids (code points), each with the source that owns it."""

    ids: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class Identities:
    """Identity rows: the record's position in `Records`, system, value, and whether it is stated to be unverified."""

    record: Rows
    system: Sequence[str]
    value: Sequence[str]
    unverified: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which records are one person: persons are numbered in ascending order of their ids."""

    person: NDArray[np.int32]  # of each record
    primary: Rows  # of each person: the record whose id is the person's
    contradictions: tuple[Contradiction, ...]


def find_persons(
    records: Records, identities: Identities, source_order: Sequence[str], unique: Sequence[str]
) -> Grouping:
    """The persons; the same whatever the order of identities."""
    tokens = _tokens(identities)
    component = _components(len(records.ids), tokens)
    once = _of_systems(tokens, unique)
    contradictions = _split(component, _contradictory(component, once), once, records.ids)
    return _numbered(component, records, source_order, contradictions)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Joining identities: the record of each, and the number of its (system, value) in `names`."""

    record: Rows
    number: Rows
    names: list[tuple[str, str]]


def _tokens(identities: Identities) -> _Tokens:
    rows = np.flatnonzero(~identities.unverified)
    numbers: dict[tuple[str, str], int] = {}
    systems, values = identities.system, identities.value
    named = ((systems[row], values[row]) for row in rows.tolist())
    number = np.fromiter((numbers.setdefault(name, len(numbers)) for name in named), np.int64, len(rows))
    return _Tokens(identities.record[rows], number, list(numbers))


def _of_systems(tokens: _Tokens, systems: Sequence[str]) -> _Tokens:
    """The tokens of some systems only."""
    wanted = np.array([system in systems for system, _ in tokens.names], np.bool_)
    chosen = np.flatnonzero(wanted[tokens.number])
    return _Tokens(tokens.record[chosen], tokens.number[chosen], tokens.names)


def _components(count: int, tokens: _Tokens) -> Rows:
    """Each record's component, named by its smallest record: hooking and pointer jumping over shared tokens."""
    order = np.lexsort((tokens.record, tokens.number))
    record, number = tokens.record[order], tokens.number[order]
    same = np.flatnonzero(number[1:] == number[:-1])
    left, right = record[same], record[same + 1]
    component = np.arange(count)
    while (component[left] != component[right]).any():
        one, other = component[left], component[right]
        np.minimum.at(component, np.maximum(one, other), np.minimum(one, other))
        while (component[component] != component).any():
            component = component[component]
    return component


def _contradictory(component: Rows, once: _Tokens) -> dict[int, dict[str, set[str]]]:
    """component -> system -> values, where a component states several values of one system."""
    where = component[once.record]
    order = np.lexsort((once.number, where))
    pairs = order[starts_of([where[order], once.number[order]])]
    found, counts = np.unique(where[pairs], return_counts=True)
    stated: dict[int, dict[str, set[str]]] = {}
    for place in pairs[np.isin(where[pairs], found[counts > 1])].tolist():
        system, value = once.names[int(once.number[place])]
        stated.setdefault(int(where[place]), {}).setdefault(system, set()).add(value)
    torn = {
        where: {system: values for system, values in systems.items() if len(values) > 1}
        for where, systems in stated.items()
    }
    return {where: systems for where, systems in torn.items() if systems}


def _split(
    component: Rows, torn: dict[int, dict[str, set[str]]], once: _Tokens, ids: Sequence[str]
) -> tuple[Contradiction, ...]:
    """Take contradictory components apart, in place: records with the same once-only values stay joined."""
    values_of: dict[int, set[int]] = {}
    for record, number in zip(once.record.tolist(), once.number.tolist(), strict=True) if torn else ():
        values_of.setdefault(record, set()).add(number)
    members_of: dict[int, list[int]] = {}
    for member in np.flatnonzero(np.isin(component, np.array(sorted(torn), np.int64))).tolist():
        members_of.setdefault(int(component[member]), []).append(member)
    contradictions = []
    for where, members in sorted(members_of.items()):
        first: dict[frozenset[int], int] = {}
        for member in members:
            alike = frozenset(values_of.get(member, ()))
            component[member] = first.setdefault(alike, member) if alike else member
        named = tuple(ids[member] for member in members)
        contradictions += [
            Contradiction(system, tuple(sorted(values)), named) for system, values in sorted(torn[where].items())
        ]
    return tuple(contradictions)


def _numbered(
    component: Rows, records: Records, source_order: Sequence[str], contradictions: tuple[Contradiction, ...]
) -> Grouping:
    """Choose each person's id and number persons by it."""
    places = dict.fromkeys(records.sources, len(source_order))
    places |= {source: place for place, source in enumerate(source_order)}
    place = np.fromiter(map(places.__getitem__, records.sources), np.int64, len(component))
    order = np.lexsort((np.arange(len(component)), place, component))
    chosen = order[starts_of([component[order]])]  # one record a component, components ascending
    primary = np.sort(chosen)
    person_of_component = np.zeros(len(component), np.int32)
    person_of_component[component[primary]] = np.arange(len(primary), dtype=np.int32)
    return Grouping(person_of_component[component], primary, contradictions)
