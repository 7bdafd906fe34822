"""What identities say, in columns: one number for all that say the same (see `graph.alike`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.alike import EMAIL, HASHABLE, MBOX, SALTED, as_said, encoded, form_of, hasher, salt_of

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Identities:
    """Identity rows: the record's position in `Records`, system, value, and whether it is stated to be unverified."""

    record: Rows
    system: Sequence[str]
    value: Sequence[str]
    unverified: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Joining identities: the record of each, and the number of its (system, normal form) in `names`."""

    record: Rows
    number: Rows
    names: list[tuple[str, str]]

    @classmethod
    def of(cls, identities: Identities) -> Tokens:
        """What each identity says, and of hashed ones also what plain identity that is known is behind them."""
        rows = np.flatnonzero(~identities.unverified).tolist()
        systems = [identities.system[row] for row in rows]
        values = [identities.value[row] for row in rows]
        number, names = _numbered(systems, values)
        record = identities.record[rows]
        saying = np.array([bool(form) for _, form in names], np.bool_)[number]
        plain, hashed = _behind(names, zip(systems, values, strict=True), number)
        first = _first_records(record, number, hashed)
        return cls(np.append(record[saying], first), np.append(number[saying], plain), names)

    def of_systems(self, systems: Sequence[str]) -> Tokens:
        """Those of some systems only."""
        wanted = np.array([system in systems for system, _ in self.names], np.bool_)
        chosen = np.flatnonzero(wanted[self.number])
        return Tokens(self.record[chosen], self.number[chosen], self.names)

    def pairs(self) -> tuple[Rows, Rows]:
        """Pairs of records by which all that say the same are joined."""
        order = np.lexsort((self.record, self.number))
        record, number = self.record[order], self.number[order]
        same = np.flatnonzero(number[1:] == number[:-1])
        return record[same], record[same + 1]


def _numbered(systems: Sequence[str], values: Sequence[str]) -> tuple[Rows, list[tuple[str, str]]]:
    """One number for all that say the same, and what each number says; system by system, which is quicker."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, system in enumerate(systems):
        places[system].append(place)
    number, names = np.zeros(len(systems), np.int64), list[tuple[str, str]]()
    for system, own in places.items():
        numbers: dict[str, int] = {}
        first = len(names)
        forms = map(form_of(system), map(values.__getitem__, own))
        number[own] = first + np.fromiter(
            (numbers.setdefault(form, len(numbers)) for form in forms), np.int64, len(own)
        )
        names += ((system, form) for form in numbers)
    return number, names


def _behind(names: Sequence[tuple[str, str]], stated: Iterator[tuple[str, str]], number: Rows) -> tuple[Rows, Rows]:
    """(plain, hashed) numbers of identities of which one is a hash of the other."""
    sought = _sought(names)
    texts = _hashable(names, stated, number) if sought else {}
    found: set[tuple[int, int]] = set()
    for (how, salt), digests in sought.items():
        digest = hasher(how, salt)
        for system in (EMAIL,) if how == MBOX else HASHABLE:
            hits = [text for text in texts[system] if digest(text) in digests]
            found.update((texts[system][text], digests[digest(text)]) for text in hits)
    pairs = np.array(sorted(found), np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _hashable(
    names: Sequence[tuple[str, str]], stated: Iterator[tuple[str, str]], number: Rows
) -> Mapping[str, Mapping[bytes, int]]:
    """system -> what a hash may have been made of -> the number of the identity."""
    texts: dict[str, dict[bytes, int]] = {
        system: {encoded(form): each for each, (of, form) in enumerate(names) if of == system and form}
        for system in HASHABLE
    }
    for (system, value), each in zip(stated, number.tolist(), strict=True):
        if system in HASHABLE and value != (form := names[each][1]) and form:
            texts[system][encoded(as_said(system, value))] = each
    return texts


def _sought(names: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """(system, salt) of the hashed identities -> digest -> its number."""
    sought: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for number, (system, form) in enumerate(names):
        if system == MBOX or system in SALTED:
            sought[system, salt_of(form)][form.partition(" ")[0]] = number
    return sought


def _first_records(record: Rows, number: Rows, wanted: Rows) -> Rows:
    """A record that states each of the wanted numbers."""
    if not len(wanted):
        return wanted
    found, first = np.unique(number, return_index=True)
    return record[first[np.searchsorted(found, wanted)]]
