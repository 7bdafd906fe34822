"""Columns of yes and no in a bit a row, spread out to a byte a row when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]


class Columns(Mapping[str, Column]):
    """Columns by name, some of which are bits until they are used; few questions ask for these."""

    def __init__(self, columns: Mapping[str, Column], bits: Mapping[str, NDArray[np.uint8]], length: int) -> None:
        self._columns, self._bits, self._length = dict(columns), bits, length

    def __getitem__(self, name: str) -> Column:
        if name not in self._columns:
            self._columns[name] = unpacked(self._bits[name], self._length)
        return self._columns[name]

    def some(self, name: str, rows: NDArray[np.int64]) -> Column:
        """A column of some rows; bits stay bits."""
        if name in self._columns:
            return self._columns[name][rows]
        bits = self._bits[name]
        shifts = (7 - (rows & 7)).astype(np.uint8)
        chosen: Column = (bits[rows >> 3] >> shifts & 1).astype(np.bool_)
        return chosen

    def __iter__(self) -> Iterator[str]:
        return iter({**self._columns, **self._bits})

    def __len__(self) -> int:
        return len({**self._columns, **self._bits})


def some_of(columns: Mapping[str, Column], name: str, rows: NDArray[np.int64]) -> Column:
    """A column of some rows, whether it is kept as bits or not."""
    return columns.some(name, rows) if isinstance(columns, Columns) else columns[name][rows]


def packed(column: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Eight rows a byte."""
    return np.packbits(column)


def unpacked(bits: NDArray[np.uint8], length: int) -> NDArray[np.bool_]:
    """The rows again; raises `ValueError` where there are not as many bits."""
    if len(bits) != (length + 7) // 8:
        raise ValueError(f"{len(bits)} bytes of bits are not {length} rows")
    return np.unpackbits(bits, count=length).view(np.bool_)
