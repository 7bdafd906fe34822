"""Which held rows a load makes needless: those it states again, and those its complete snapshot no longer states.

All others stay held: rows of logs, and rows that a partial load or next month's file says nothing of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.ledger import HeldRow, Ledger
from loaders.book import State
from loaders.keys import Keys, edge_keys, node_keys
from loaders.mapping import Mapper
from loaders.stage import Stage

_PAGE = 1000  # held rows looked at, and released or kept in one transaction


class Released:
    """Finds the held rows that a load stands for; `swept` are the types it read to the end, None: it is partial."""

    def __init__(self, stage: Stage, mapper: Mapper, snapshot: int, swept: Set[str] | None) -> None:
        self._stage, self._mapper, self._snapshot = stage, mapper, snapshot
        self._complete, self._swept = swept is not None, swept or frozenset()
        self._records: dict[str, tuple[Keys, NDArray[np.int64]]] = {}  # type -> ascending keys, their versions
        self._rows: dict[str, Set[int]] = {}  # table -> hashes of the key cells of its rows
        self._places: dict[str, list[range | NDArray[np.int64]]] = {}  # file -> its row numbers

    def among(self, held: Iterable[HeldRow]) -> Iterator[HeldRow]:
        """Those of the held rows that need not be held any more."""
        rows = iter(held)
        while some := list(islice(rows, _PAGE)):
            yield from (row for row in some if self._is_swept(row) or self._is_stated(row))

    def _is_swept(self, row: HeldRow) -> bool:
        """Whether the snapshot, complete for all that the row states, is newer."""
        records: Sequence[Mapping[str, Any]] = row.raw.get("_records", ())
        types = {record["_type"] for record in records} or self._mapper.types(_table(row))
        newer = all(record["_version"] <= self._snapshot for record in records)
        return bool(types) and types <= self._swept and newer

    def _is_stated(self, row: HeldRow) -> bool:
        if "_records" in row.raw:
            return all(self._has_record(record) for record in row.raw["_records"])
        columns = self._mapper.key_columns(_table(row))
        cells = [row.raw.get(name) for name in columns]
        if any(isinstance(cell, str) and cell.strip() for cell in cells):
            return _hashed(columns, cells) in self._stated_in(_table(row), columns)
        return self._complete and any(row.row in numbers for numbers in self._numbers(row.file))

    def _has_record(self, record: Mapping[str, Any]) -> bool:
        """Whether the load states the record in a version that is no older, in a row that it did not reject."""
        keys, versions = self._stated_records(record["_type"])
        first, last = (int(np.searchsorted(keys, _key(record), side)) for side in ("left", "right"))
        return first < last and int(versions[first:last].max()) >= record["_version"]

    def _stated_records(self, type_name: str) -> tuple[Keys, NDArray[np.int64]]:
        if type_name not in self._records:
            keys, versions = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
            for part in self._stage.parts.get(type_name, ()):
                taken = self._stage.book.states[part.rows] != State.REJECTED
                keys.append(part.keys[taken])
                versions.append(part.frame(["_version"])["_version"].to_numpy()[taken])
            every = np.concatenate(keys)
            order = np.argsort(every, kind="stable")
            self._records[type_name] = every[order], np.concatenate(versions)[order]
        return self._records[type_name]

    def _stated_in(self, table: str, columns: Sequence[str]) -> Set[int]:
        if table not in self._rows:
            pieces = enumerate(self._stage.book.pieces)
            frames = (self._stage.raw(index) for index, piece in pieces if piece.table == table)
            self._rows[table] = {key for frame in frames for key in _hashes(frame, columns).to_list()}
        return self._rows[table]

    def _numbers(self, file: str) -> Sequence[range | NDArray[np.int64]]:
        if not self._places:
            for piece in self._stage.book.pieces:
                numbers = piece.numbers if isinstance(piece.numbers, range) else np.asarray(piece.numbers)
                self._places.setdefault(piece.file, []).append(numbers)
        return self._places.get(file, ())


def put_aside(ledger: Ledger, held: Iterable[HeldRow], released: Iterable[HeldRow]) -> None:
    """Hold rows, and release others, of other loads: a few at once, and none is let go before all are held."""
    coming, going = iter(held), iter(released)
    page = list(islice(coming, _PAGE))
    while following := list(islice(coming, _PAGE)):
        ledger.hold_rows(page)
        page = following
    gone = list(islice(going, _PAGE))
    if page or gone:
        ledger.release(gone, page)
    while gone := list(islice(going, _PAGE)):
        ledger.release(gone)


def _table(row: HeldRow) -> str:
    return str(row.raw.get("_table", ""))


def _key(record: Mapping[str, Any]) -> np.uint64:
    """As `loaders.keys.record_keys` has it."""
    if "id" in record:
        return np.uint64(node_keys(pl.Series([record["id"]], dtype=pl.String))[0])
    ends = (pl.Series([record[end]], dtype=pl.String) for end in ("from", "to"))
    return np.uint64(edge_keys(*ends)[0])


def _hashed(columns: Sequence[str], cells: Sequence[Any]) -> int:
    texts = {name: [cell if isinstance(cell, str) else None] for name, cell in zip(columns, cells, strict=True)}
    return int(_hashes(pl.DataFrame(texts, schema=dict.fromkeys(columns, pl.String)), columns)[0])


def _hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """A hash of each row's key cells; a cell that is no text counts as empty."""
    cells = [
        pl.col(name).str.strip_chars().fill_null("") if frame.schema.get(name) == pl.String else pl.lit("")
        for name in columns
    ]
    if not len(frame):
        return pl.Series(dtype=pl.UInt64)
    return frame.select(pl.concat_str(cells, separator="\x1f").hash(seed=7).alias("key"))["key"]
