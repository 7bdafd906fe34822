"""Rows put in order by group and person, however many: one sort of one word a row, then column after column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.index.tables import Table

Column = NDArray[Any]

_SLICE = 1 << 20  # rows at a time: what is made on the way stays small
_WORD = 64  # bits that a row may take
_ALL = 63  # bits of a word that is nothing but a position
_SPARE = 1 << 20  # places that a table of ranks may have for nothing


@dataclass(frozen=True, slots=True)
class Order:
    """The positions of rows by group, then person, then as they came; group `keys[i]` is starts[i] to starts[i + 1].

    A row is a word: the rank of its group, its person, and in the lowest `bits` its position.
    """

    keys: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: NDArray[np.uint64]
    bits: int

    def __len__(self) -> int:
        return len(self.words)

    def of(self, column: Column) -> Column:
        """A column in this order."""
        ordered = np.empty(len(self), column.dtype)
        mask = np.uint64((1 << self.bits) - 1)
        for some in slices(len(self)):
            np.take(column, (self.words[some] & mask).view(np.int64), out=ordered[some], mode="clip")
        return ordered


def slices(size: int) -> Iterator[slice]:
    """So many rows in pieces."""
    return (slice(start, min(start + _SLICE, size)) for start in range(0, size, _SLICE))


def order(group: Column, person: NDArray[np.int32]) -> Order:
    """The order of rows, without those of nobody (person -1)."""
    keys, ranks = _ranks(group)
    most = int(person.max(initial=0))
    row_bits, person_bits = len(group).bit_length(), most.bit_length()
    if len(keys).bit_length() + person_bits + row_bits > _WORD:
        return _long_order(group, person)
    words = np.empty(len(group), np.uint64)
    for some in slices(len(group)):
        words[some] = ranks(group[some]) << (person_bits + row_bits) | person[some].astype(np.int64) << row_bits
        words[some] |= np.arange(some.start, some.stop, dtype=np.uint64)
    if (person < 0).any():
        words = words[person >= 0]
    words.sort()
    bounds = np.arange(len(keys) + 1, dtype=np.uint64) << np.uint64(person_bits + row_bits)
    return _without_empty(keys, np.searchsorted(words, bounds), words, row_bits)


def _long_order(group: Column, person: NDArray[np.int32]) -> Order:
    """The same where a word is too short."""
    rows = np.lexsort((person, group))
    rows = rows[person[rows] >= 0]
    keys, starts = np.unique(group[rows], return_index=True)
    return Order(keys.astype(np.int64), np.append(starts, len(rows)), rows.astype(np.uint64), _ALL)


def _ranks(group: Column) -> tuple[NDArray[np.int64], Any]:
    """The distinct groups, ascending, and what gives the rank of each of some rows' groups among them."""
    if not len(group):
        return np.zeros(0, np.int64), lambda some: some.astype(np.int64)
    lowest, highest = int(group.min()), int(group.max())
    if highest - lowest > len(group) + _SPARE:
        keys = np.unique(group).astype(np.int64)
        return keys, lambda some: np.searchsorted(keys, some)
    there = np.zeros(highest - lowest + 1, np.bool_)
    for some in slices(len(group)):
        there[group[some].astype(np.int64) - lowest] = True
    table = np.cumsum(there, dtype=np.int64) - 1
    return np.flatnonzero(there) + lowest, lambda some: table[some.astype(np.int64) - lowest]


def _without_empty(keys: NDArray[np.int64], starts: NDArray[np.int64], words: NDArray[np.uint64], bits: int) -> Order:
    filled = np.diff(starts) > 0
    return Order(keys[filled], np.append(starts[:-1][filled], len(words)), words, bits)


def table(group: Column, columns: Mapping[str, Column]) -> Table:
    """The table of rows that are in memory already; "person" is a column of theirs."""
    placed = order(group, columns["person"])
    return Table(placed.keys, placed.starts, {name: placed.of(column) for name, column in columns.items()})


def narrowed(keys: Column) -> Column:
    """Keys in four bytes each where they fit."""
    fit = len(keys) == 0 or (int(keys.max()) < 1 << 32 and int(keys.min()) >= 0)
    return keys.astype(np.uint32, copy=False) if fit else keys.astype(np.int64, copy=False)


def rows_among(column: Column, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows of a column of keys, in any order, that hold one of these."""
    if not len(keys):
        return np.zeros(0, np.int64)
    lowest, highest = int(keys.min()), int(keys.max())
    wanted = np.zeros(highest - lowest + 1, np.bool_)
    wanted[keys - lowest] = True
    found = [np.zeros(0, np.int64)]
    for some in slices(len(column)):
        near = np.flatnonzero((column[some] >= lowest) & (column[some] <= highest))
        hit = wanted[column[some][near].astype(np.int64) - lowest]
        found.append(near[hit] + some.start)
    return np.concatenate(found)
