"""The rows of some persons, found by halving in each group: what an answer explains, without reading anyone else's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graph.index.packed import some_of
from graph.index.tables import Column, Layered, Selection, Table
from graph.loops import Loops, Persons


def rows_of(
    layered: Layered, keys: Sequence[int], persons: Persons, loops: Loops
) -> tuple[NDArray[np.int32], Selection]:
    """The rows of persons (ascending, each once) in some groups, and the position of each row's group in `keys`."""
    asked = np.array(keys, np.int64)
    found = [_found(table, asked, persons, loops) for table in (layered.base, *layered.runs)]
    if layered.changed is not None:
        found[0] = _standing(layered.base, *found[0], layered.changed)
    columns: dict[str, Column] = {
        name: np.concatenate([some_of(table.columns, name, rows) for table, (_, rows) in _pairs(layered, found)])
        for name in layered.base.columns
    }
    position = np.concatenate([position for position, _ in found]).astype(np.int32)
    gathered = Table(np.zeros(1, np.int64), np.array([0, len(position)]), columns)
    return position, Selection([(gathered, slice(0, len(position)), 0)])


Rows = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Positions of groups in what was asked for, and rows."""


def _found(table: Table, keys: NDArray[np.int64], persons: Persons, loops: Loops) -> Rows:
    parts = table.parts(keys)
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    found = loops.find(table.columns["person"], [rows for _, rows, _ in parts], persons)
    return np.array([position for _, _, position in parts], np.int64)[found.group], found.rows


def _standing(base: Table, position: NDArray[np.int64], rows: NDArray[np.int64], changed: NDArray[np.bool_]) -> Rows:
    stands = ~changed[base.columns["person"][rows]]
    return position[stands], rows[stands]


def _pairs(layered: Layered, found: Sequence[Rows]) -> Sequence[tuple[Table, Rows]]:
    return list(zip((layered.base, *layered.runs), found, strict=True))
