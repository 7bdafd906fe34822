"""Persons: connected sets of Learner records, joined by Identity and by decision (design section 5, decision 013).

Two records are of one person when they state the same identity (as `graph.alike` compares them), when a SAME_PERSON
says so, or when both are joined to a third; an identity with `verified` false joins nobody. Two things forbid what
only identities would join: some systems give a person one value (an employee number), and an OTHER_PERSON. Then those
records stay joined that a SAME_PERSON joins, or that state the same such values and no OTHER_PERSON parts; and unless
every two of the persons that are left were parted by decision, the contradiction is listed, never resolved by guessing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import starts_of
from graph.tokens import Identities, Rows, Tokens

SAME, OTHER = "SAME_PERSON", "OTHER_PERSON"
Pairs = tuple[Rows, Rows]
Key = TypeVar("Key", int, str)
NO_PAIRS: Pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Records that would be joined, were it not for several values of an identity a person has once.

    Of the system `OTHER_PERSON` the values are the ids of records that were decided to be different persons.
    """

    system: str
    values: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Records:
    """Learner records in ascending order of their ids (code points), each with the source that owns it."""

    ids: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class Links:
    """What was decided: pairs of positions in `Records`, in any order and direction."""

    same: Pairs = NO_PAIRS
    other: Pairs = NO_PAIRS

    @classmethod
    def of(cls, decided: Iterable[tuple[str, Key, Key]], places: Mapping[Key, int]) -> Links:
        """Of (edge type, record, record); those of records that have no place are left out."""
        pairs: dict[str, list[tuple[int, int]]] = {SAME: [], OTHER: []}
        for name, one, other in decided:
            if one in places and other in places:
                pairs[name].append((places[one], places[other]))
        same, other_ = (np.array(pairs[name], np.int64).reshape(-1, 2).T for name in (SAME, OTHER))
        return cls((same[0], same[1]), (other_[0], other_[1]))


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which records are one person: persons are numbered in ascending order of their ids."""

    person: NDArray[np.int32]  # of each record
    primary: Rows  # of each person: the record whose id is the person's
    contradictions: tuple[Contradiction, ...]


def find_persons(
    records: Records,
    identities: Identities,
    source_order: Sequence[str],
    unique: Sequence[str],
    links: Links | None = None,
) -> Grouping:
    """The persons; the same whatever the order of identities and of links."""
    count, tokens, links = len(records.ids), Tokens.of(identities), links or Links()
    component = _components(count, [tokens.pairs(), links.same])
    torn = _Torn(component, tokens.of_systems(unique), links)
    contradictions = torn.taken_apart(records.ids)
    return _numbered(component, records, source_order, contradictions)


def _components(count: int, pairs: Iterable[Pairs]) -> Rows:
    """Each node's component, named by its smallest node: hooking and pointer jumping over pairs of nodes."""
    left, right = (np.concatenate(side) for side in zip(*pairs, strict=True))
    component = np.arange(count)
    while (component[left] != component[right]).any():
        one, other = component[left], component[right]
        np.minimum.at(component, np.maximum(one, other), np.minimum(one, other))
        while (component[component] != component).any():
            component = component[component]
    return component


class _Torn:
    """Components that hold what is not one person."""

    def __init__(self, component: Rows, once: Tokens, links: Links) -> None:
        """`once`: the identities of which a person has one value."""
        self._component, self._once = component, once
        self._unit, self._void = _units(len(component), links)
        self._same_value = _same_values(once, self._unit)
        self._parted = _within(links.other, component)

    def taken_apart(self, ids: Sequence[str]) -> tuple[Contradiction, ...]:
        """Take them apart, in place, and tell what is left to decide, in the order of the components."""
        several = self._several()
        torn = sorted({*several, *self._component[self._parted[0]].tolist()})
        if not torn:
            return ()
        once_of, parted_of = self._once_of(torn), self._parted_of()
        found: list[Contradiction] = []
        for where, members in _grouped(self._component, torn):
            pieces = self._pieces(members, once_of, parted_of[where])
            for piece in pieces:
                self._component[piece] = piece[0]
            if not self._decided(pieces, once_of, parted_of[where]):
                named = tuple(ids[member] for member in members)
                found += _told(several.get(where, {}), sorted({*chain.from_iterable(parted_of[where])}), ids, named)
        return tuple(found)

    def _several(self) -> dict[int, dict[str, set[str]]]:
        """component -> system -> its values, where they are several."""
        where, value = self._component[self._once.record], self._same_value[self._once.number]
        order = np.lexsort((value, where))
        first = order[starts_of([where[order], value[order]])]
        found, counts = np.unique(where[first], return_counts=True)
        suspected = np.flatnonzero(np.isin(where, found[counts > 1]))
        values: dict[int, dict[str, dict[int, set[str]]]] = {}
        for row in suspected.tolist():
            system, form = self._once.names[int(self._once.number[row])]
            of_system = values.setdefault(int(where[row]), {}).setdefault(system, {})
            of_system.setdefault(int(value[row]), set()).add(form)
        torn = {
            where: {system: set().union(*each.values()) for system, each in systems.items() if len(each) > 1}
            for where, systems in values.items()
        }
        return {where: systems for where, systems in torn.items() if systems}

    def _once_of(self, torn: Sequence[int]) -> dict[int, set[int]]:
        """unit -> the values of which a person has one, of the torn components."""
        rows = np.flatnonzero(np.isin(self._component[self._once.record], torn))
        found: dict[int, set[int]] = defaultdict(set)
        units, values = self._unit[self._once.record[rows]], self._same_value[self._once.number[rows]]
        for unit, value in zip(units.tolist(), values.tolist(), strict=True):
            found[unit].add(value)
        return found

    def _parted_of(self) -> dict[int, list[tuple[int, int]]]:
        """component -> the pairs of its records that are not one person by decision."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for one, other in zip(*(side.tolist() for side in self._parted), strict=True):
            found[int(self._component[one])].append((one, other))
        return found

    def _pieces(
        self, members: Sequence[int], once_of: dict[int, set[int]], parted: Sequence[tuple[int, int]]
    ) -> list[list[int]]:
        """Units that state the same values of what a person has once, and others by themselves."""
        pieces: dict[Hashable, list[int]] = {}
        for member in members:
            unit = int(self._unit[member])
            pieces.setdefault(frozenset(once_of.get(unit, ())) or unit, []).append(member)
        piece_of = {member: key for key, piece in pieces.items() for member in piece}
        for key in {piece_of[one] for one, other in parted if piece_of[one] == piece_of[other]}:
            for member in pieces.pop(key):
                pieces.setdefault(("alone", int(self._unit[member])), []).append(member)
        return list(pieces.values())

    def _decided(
        self, pieces: Sequence[Sequence[int]], once_of: dict[int, set[int]], parted: Sequence[tuple[int, int]]
    ) -> bool:
        """Whether decisions part every two of the pieces, and none contradicts another or an identity."""
        piece_of = {member: place for place, piece in enumerate(pieces) for member in piece}
        apart = {frozenset((piece_of[one], piece_of[other])) for one, other in parted}
        if len(apart) < len(pieces) * (len(pieces) - 1) // 2 or len(pieces) == 1:
            return False
        units = {int(self._unit[member]) for member in piece_of}
        return not self._void[list(piece_of)].any() and not any(
            self._clashes(once_of.get(unit, set())) for unit in units
        )

    def _clashes(self, values: set[int]) -> bool:
        """Whether two of the values are of one system."""
        systems = [self._once.names[value][0] for value in values]
        return len(set(systems)) < len(systems)


def _units(count: int, links: Links) -> tuple[Rows, NDArray[np.bool_]]:
    """Records that decisions join, named by the smallest of them; and which decisions contradict each other, and so
    are void."""
    unit = _components(count, [links.same])
    void = np.isin(unit, unit[_within(links.other, unit)[0]])
    unit[void] = np.flatnonzero(void)
    return unit, void


def _within(pairs: Pairs, component: Rows) -> Pairs:
    """The pairs of two that are in one component."""
    left, right = pairs
    inside = (component[left] == component[right]) & (left != right)
    return left[inside], right[inside]


def _same_values(once: Tokens, unit: Rows) -> Rows:
    """Of each number the smallest that is the same: what a person has once may be two if it was decided who it is."""
    system = {name: place for place, name in enumerate(sorted({system for system, _ in once.names}))}
    of = np.array([system[name] for name, _ in once.names], np.int64)[once.number]
    joined = np.bincount(unit, minlength=len(unit))[unit] > 1
    rows = np.flatnonzero(joined[once.record])
    order = rows[np.lexsort((once.number[rows], of[rows], unit[once.record[rows]]))]
    where, of, number = unit[once.record[order]], of[order], once.number[order]
    same = np.flatnonzero((where[1:] == where[:-1]) & (of[1:] == of[:-1]))
    return _components(len(once.names), [(number[same], number[same + 1])])


def _grouped(component: Rows, torn: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """The torn components in order, each with its records, ascending."""
    records = np.flatnonzero(np.isin(component, torn))
    order = records[np.argsort(component[records], kind="stable")]
    starts = starts_of([component[order]])
    for start, end in zip(starts.tolist(), np.append(starts[1:], len(order)).tolist(), strict=True):
        yield int(component[order[start]]), order[start:end].tolist()


def _told(
    several: dict[str, set[str]], parted: Sequence[int], ids: Sequence[str], members: tuple[str, ...]
) -> list[Contradiction]:
    told = {system: tuple(sorted(values)) for system, values in several.items()}
    if parted:
        told[OTHER] = tuple(ids[each] for each in parted)
    return [Contradiction(system, values, members) for system, values in sorted(told.items())]


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
