"""Rows that come part by part, kept column by column until they are put in order: in memory, or in files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Types = Mapping[str, "np.dtype[Any]"]


class Parts(Protocol):
    """Rows that were told."""

    def take(self, name: str) -> Column:
        """A whole column, once: it is not kept."""
        ...


class Held:
    """Rows in memory, as narrow as their types say; a type may be too narrow for keys, then they are kept wide."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._columns: dict[str, list[Column]] = {name: [np.zeros(0, kept)] for name, kept in types.items()}

    def add(self, columns: Mapping[str, Column]) -> None:
        """More rows."""
        for name, kept in self._types.items():
            self._columns[name].append(_as(columns[name], kept))

    def take(self, name: str) -> Column:
        return np.concatenate(self._columns.pop(name))


def _as(column: Column, kept: np.dtype[Any]) -> Column:
    """A copy in a type, or in eight bytes where a key does not fit in four."""
    if kept == np.uint32 and len(column) and int(column.max()) >> 32:
        return column.astype(np.int64)
    return column.astype(kept)


class Filed:
    """Rows in files that processes of this machine wrote, a folder each; see `Filing`."""

    def __init__(self, folders: Sequence[Path], table: str, types: Types) -> None:
        self._folders, self._table, self._types = folders, table, types

    def take(self, name: str) -> Column:
        """In the order of the folders."""
        files = [_file(folder, self._table, name) for folder in self._folders]
        sizes = [file.stat().st_size // self._types[name].itemsize for file in files]
        column = np.empty(sum(sizes), self._types[name])
        start = 0
        for file, size in zip(files, sizes, strict=True):
            with file.open("rb") as opened:
                opened.readinto(column[start : start + size].view(np.uint8).data)
            file.unlink()
            start += size
        return column


class Filing:
    """Writes rows into a folder: a file a column, its values one after the other."""

    def __init__(self, folder: Path, table: str, types: Types) -> None:
        self._types = types
        self._files: dict[str, BinaryIO] = {name: _file(folder, table, name).open("wb") for name in types}

    def add(self, columns: Mapping[str, Column]) -> None:
        """More rows; raises `OverflowError` for a key that does not fit."""
        for name, kept in self._types.items():
            column = columns[name]
            narrow = column.astype(kept)
            if kept == np.uint32 and len(column) and int(column.max()) >> 32:
                raise OverflowError(f"{name} {int(column.max())} does not fit in four bytes")
            self._files[name].write(narrow.data)

    def close(self) -> None:
        """Write what is left."""
        for file in self._files.values():
            file.close()


def _file(folder: Path, table: str, name: str) -> Path:
    return folder / f"{table}.{name}"
