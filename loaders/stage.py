"""The staging area of a load: raw rows and checked records, on disk where they are many: memory stays bounded."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.canonical import content_hashes
from graph.place import staging_folder
from graph.store import Block
from loaders.book import Book, State, room_in
from loaders.keys import Keys, record_keys

KEY_COLUMNS = ("id", "from", "to")
WHOLE = -1
"""The piece of a part whose rows are of any chunk."""
MEMORY = 16_000_000
"""Bytes that a stage holds in memory before it goes to disk: small loads never touch the disk."""
_OWN = frozenset({"_row", "_version", "_hash", *KEY_COLUMNS})


@dataclass(slots=True)
class Part:
    """Staged records of one type: on disk, or in memory for small loads."""

    type: str
    keys: Keys
    rows: NDArray[np.uint32]
    where: Path | pl.DataFrame
    piece: int  # the chunk that its rows are of, or WHOLE
    outcomes: NDArray[np.uint8] | None = None  # of the plan, then of the write; None before
    versioned: bool = False  # whether any record has a version of its own
    remember: NDArray[np.bool_] | None = None  # unchanged records whose version or statement is still to be noted
    dropped: NDArray[np.bool_] | None = None  # records that another one of the load stands for

    def __len__(self) -> int:
        return len(self.keys)

    def frame(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The records with `_row`, `_version` and `_hash`; only some columns when named (absent ones are left
        out).
        """
        frame = _got(self.where)
        return frame if columns is None else frame.select([c for c in dict.fromkeys(columns) if c in frame.columns])


@dataclass(slots=True)
class Stage:
    """All that a load read, before it is written."""

    directory: Path | None
    book: Book
    parts: dict[str, list[Part]] = field(default_factory=dict)
    seen: dict[str, list[Keys]] = field(default_factory=dict)  # keys of records in rejected rows
    unknown: Counter[str] = field(default_factory=Counter)  # type -> rejected rows whose key is not known
    tables: dict[str, set[str]] = field(default_factory=dict)  # table -> files read to the end
    own: Mapping[str, Any] = field(default_factory=dict)  # what is kept with every held row, under names with `_`
    _raw: dict[int, Path | pl.DataFrame] = field(default_factory=dict)
    _bytes: int = 0  # held in memory
    _files: int = 0

    def keep_raw(self, index: int, frame: pl.DataFrame) -> None:
        """Keep the rows of a chunk as the source gave them."""
        self._raw[index] = self._put("raw", frame)

    def raw(self, index: int) -> pl.DataFrame:
        """The rows of a chunk as the source gave them."""
        return _got(self._raw[index])

    def add(self, type_name: str, frame: pl.DataFrame, version: int, piece: int) -> None:
        """Stage records of a chunk: hashed, and with the version of those that have none of their own."""
        names = [name for name in frame.columns if name not in _OWN]
        columns = {name: frame[name].to_list() for name in names}
        hashes = content_hashes(columns, names) if names else [_EMPTY] * len(frame)
        versioned = frame["_version"].null_count() < len(frame)
        frame = frame.with_columns(pl.col("_version").fill_null(version), pl.Series("_hash", hashes, dtype=pl.Int64))
        frame = frame.select([c for c in frame.columns if c in _OWN or frame[c].null_count() < len(frame)])
        rows = frame["_row"].to_numpy().copy()
        part = Part(type_name, record_keys(frame).copy(), rows, self._put(type_name, frame), piece, versioned=versioned)
        self.parts.setdefault(type_name, []).append(part)

    def replace(self, part: Part, frame: pl.DataFrame) -> None:
        """Put other records, of the same ids, in a part's place."""
        part.where = self._put(part.type, frame)

    def all_parts(self) -> Iterator[Part]:
        """Every part, type by type."""
        for parts in self.parts.values():
            yield from parts

    def alive(self, part: Part) -> NDArray[np.bool_]:
        """Which records of a part are still to be written."""
        return self.among(part, State.ALIVE)

    def among(self, part: Part, state: State) -> NDArray[np.bool_]:
        """Which records of a part are of rows in that state; one that another stands for is not counted."""
        found = np.asarray(self.book.states[part.rows] == state)
        return found if part.dropped is None else found & ~part.dropped

    def stated(self, type_name: str) -> Keys:
        """The ascending keys of all records of a type that the source states, rejected ones too."""
        keys = [part.keys for part in self.parts.get(type_name, ())] + self.seen.get(type_name, [])
        return np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.uint64)

    def _put(self, name: str, frame: pl.DataFrame) -> Path | pl.DataFrame:
        """In memory as long as there is little, then on disk."""
        size = int(frame.estimated_size())
        if self.directory is None or self._bytes + size < MEMORY:
            self._bytes += size
            return frame
        path = self.directory / f"{name}-{self._files}.arrow"
        self._files += 1
        with room_in(self.directory):
            frame.write_ipc(path)
        return path


def _got(where: Path | pl.DataFrame) -> pl.DataFrame:
    return where if isinstance(where, pl.DataFrame) else pl.read_ipc(where)


_EMPTY = content_hashes({"nothing": [None]}, ["nothing"])[0]


def block_of(type_name: str, frame: pl.DataFrame) -> Block:
    """Staged records as the store takes them."""
    columns = {name: _held(frame[name]) for name in frame.columns if not name.startswith("_")}
    return Block(type_name, columns, frame["_version"].to_list(), frame["_hash"].to_list())


def _held(values: pl.Series) -> list[Any]:
    held = values.to_list()
    if isinstance(values.dtype, pl.List):
        return [None if value is None else tuple(value) for value in held]
    return held


def records_of(frame: pl.DataFrame, type_name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Row number and record of each staged record, as JSON-ready values: how a waiting row is kept."""
    for record in frame.iter_rows(named=True):
        row = record.pop("_row")
        yield row, {"_type": type_name} | {name: value for name, value in record.items() if value is not None}


def staging_directory(url: str, name: str) -> Path:
    """Where a load of that name stages: beside the store's file, or in a temporary folder for a store
    elsewhere.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]", lambda found: f"~{ord(found[0]):02x}", name)
    return (staging_folder(url) or Path(tempfile.gettempdir()) / "skillgraph-staging") / safe


def clean(directory: Path) -> None:
    """Remove what a load, or a dead one of its name, staged."""
    shutil.rmtree(directory, ignore_errors=True)
    parent = directory.parent
    if parent.name.endswith(".staging") and parent.is_dir() and not any(parent.iterdir()):
        parent.rmdir()
