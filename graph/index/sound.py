"""Whether arrays out of a file fit together, so that nothing is looked for outside of them.

A loop that is compiled checks no bounds. When an index is opened, lengths, groups, texts and the persons of records are
checked. That persons in the long columns are within bounds and in order is checked only when all of the file is read
(`graph.index.files.verify`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup
from graph.index.people import BasePeople
from graph.index.texts import Texts

Column = NDArray[Any]


class Unsound(ValueError):
    """Arrays that do not fit together."""


def sound_lengths(columns: Sequence[Column]) -> None:
    """All are of one length."""
    _sure(len({len(column) for column in columns}) <= 1, "columns differ in length")


def sound_table(keys: Column, starts: Column, columns: Mapping[str, Column], bits: Mapping[str, Column]) -> None:
    """Groups ascend, and their rows are all rows."""
    _sure(len(starts) == len(keys) + 1 and bool((keys[1:] > keys[:-1]).all()), "groups are not in order")
    _sure(int(starts[0]) == 0 and bool((starts[1:] >= starts[:-1]).all()), "groups do not follow each other")
    rows = int(starts[-1])
    _sure("person" in columns and all(len(column) == rows for column in columns.values()), "columns differ in length")
    _sure(all(len(column) == (rows + 7) // 8 for column in bits.values()), "bits differ in length")


def sound_texts(texts: Texts, count: int) -> None:
    """There are so many texts, and their bytes are all bytes."""
    _sure(len(texts.rest) == len(texts.shared) == count, "texts differ in number")
    _sure(len(texts.blocks) == (count + 7) // 8 + 1, "blocks of texts differ in number")
    _sure(int(texts.blocks[-1]) == len(texts.data), "texts are cut short")
    _sure(int(texts.rest.sum(dtype=np.int64)) == len(texts.data), "texts are cut short")
    _sure(bool((texts.blocks[1:] >= texts.blocks[:-1]).all()), "blocks of texts are not in order")


def sound_people(people: BasePeople) -> None:
    """Every record is of a person, and every person's id a record's."""
    records, persons = len(people.keys), len(people.primary)
    sound_texts(people.ids, records)
    _sure(len(people.person) == records, "records differ in number")
    _sure(within(people.person, persons) and within(people.primary, records), "people are out of bounds")
    _sure(bool((people.primary[1:] > people.primary[:-1]).all()), "people are not in order")


def within(column: Column, bound: int) -> bool:
    """Whether all numbers are from 0 to below the bound."""
    return not len(column) or (int(column.min()) >= 0 and int(column.max()) < bound)


def ascending_within(starts: Column, column: Column, row: int, last: int) -> bool:
    """Whether numbers descend only where a group starts; the column is a piece that begins at `row`, after `last`."""
    descents = np.flatnonzero(column[1:] < column[:-1]) + 1 + row
    if len(column) and column[0] < last:
        descents = np.append(descents, row)
    return bool(lookup(descents, starts)[0].all())


def _sure(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(otherwise)
