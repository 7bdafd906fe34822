"""Chunks of rows taken in: columns checked, rows skipped by rule, mapped and staged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from graph.store import Store
from loaders.book import Piece
from loaders.errors import LoadError
from loaders.languages import with_other_languages
from loaders.mapping import Mapper
from loaders.rows import Fault, shown
from loaders.source import Chunk, Config, Source, Table
from loaders.stage import Stage
from ontology.ids import is_curie
from ontology.model import NodeType

UNMAPPED = "not-mapped"
"""The rule by which rows are skipped that no mapping of their table applies to."""


class Intake:
    """Takes the chunks of one source into a stage."""

    def __init__(self, source: Source, config: Config, stage: Stage, version: int, store: Store) -> None:
        self._tables = source.tables_for(config)
        self.mapper = Mapper(source.mappings_for(config), config, self._tables.values())
        self._source, self._config = source, config
        self._stage, self._version, self._store = stage, version, store
        self._columns: dict[str, set[str]] = {}  # file -> its columns so far

    def take(self, chunk: Chunk, *, check: bool = True) -> None:
        """Map and stage a chunk; `check` holds its columns against the mappings."""
        if self._source.prepare is not None:
            chunk = self._source.prepare(chunk, self._config)
        table = self._table(chunk)
        files = self._stage.tables.setdefault(table.name, set())
        known = self._columns.setdefault(chunk.file, set())
        is_read = chunk.frame.width or not chunk.bad  # of a document in which every row is bad, no column is known
        if check and is_read and (chunk.file not in files or not known.issuperset(chunk.frame.columns)):
            known.update(chunk.frame.columns)  # of JSON lines, later rows may have keys that the first had not
            self.mapper.check_columns(table, chunk.frame.columns, chunk.file)
        files.add(chunk.file)
        numbers = chunk.rows if chunk.rows is not None else range(chunk.first, chunk.first + len(chunk.frame))
        book = self._stage.book
        piece = book.begin(table.name, chunk.file, [*numbers, *(b.row for b in chunk.bad)] if chunk.bad else numbers)
        index = len(book.pieces) - 1
        self._stage.keep_raw(index, chunk.frame.select([c for c in chunk.frame.columns if not c.startswith("_")]))
        self._unreadable(chunk, piece)
        book.flags.update(chunk.flags)
        if len(chunk.frame):
            rows = pl.int_range(piece.start, piece.start + len(chunk.frame), dtype=pl.UInt32, eager=True)
            self._map(table, self._skipped(table, chunk.frame.with_columns(rows.alias("_row"))), index)

    def _table(self, chunk: Chunk) -> Table:
        table = self._tables.get(chunk.table)
        if table is None:
            raise LoadError(f"no mapping reads a table {chunk.table!r}", file=chunk.file)
        return table

    def _unreadable(self, chunk: Chunk, piece: Piece) -> None:
        """Reject rows that could not be read; whoever stands in any cell of one may be the person it is about."""
        start = piece.start + len(chunk.frame)
        self._stage.book.fault(
            Fault(
                start + at,
                bad.field,
                shown(bad.value),
                bad.reason,
                "readable",
                people=[cell for cell in bad.raw.values() if isinstance(cell, str) and is_curie(cell)],
                raw=dict(bad.raw),
            )
            for at, bad in enumerate(chunk.bad)
        )
        for name in self.mapper.types(chunk.table) if chunk.bad else ():
            self._stage.unknown[name] += len(chunk.bad)

    def _skipped(self, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
        for rule in table.skips:
            if not set(rule.where) <= set(frame.columns):
                continue  # a replayed row has not what a reader makes of a whole file
            hit = pl.all_horizontal(
                pl.col(column).fill_null("").is_in(list(values)) for column, values in rule.where.items()
            )
            self._stage.book.skip(frame.filter(hit)["_row"].to_numpy(), rule.name)
            frame = frame.filter(~hit)
        return frame

    def _map(self, table: Table, frame: pl.DataFrame, piece: int) -> None:
        if not len(frame):
            return
        mapped, book = self.mapper.map(table.name, frame), self._stage.book
        book.skip(mapped.unmapped, UNMAPPED)
        book.flags.update(mapped.flags)
        book.fault(mapped.faults)
        for name, keys in mapped.seen.items():
            self._stage.seen.setdefault(name, []).extend(keys)
        self._stage.unknown.update(mapped.unknown)
        for name, records in mapped.records:
            kind = self._config.model.type(name)
            is_completed = table.by_language and isinstance(kind, NodeType)
            whole = with_other_languages(records, kind, self._store) if is_completed else records
            self._stage.add(name, whole, self._version, piece)


def text_frame(
    rows: Sequence[Mapping[str, Any]], wanted: Iterable[str] = (), lists: Collection[str] | None = None
) -> pl.DataFrame:
    """Dict rows as a frame of text columns, `wanted` ones always.

    Lists of texts and of records stay lists: in the columns that `lists` names, else (None) wherever there are any.
    """
    names = list(dict.fromkeys([*wanted, *(name for row in rows for name in row)]))
    return pl.DataFrame(
        [_column(name, [row.get(name) for row in rows], lists is None or name in lists) for name in names]
    )


def _column(name: str, values: list[Any], may_be_lists: bool) -> pl.Series:
    if may_be_lists and any(isinstance(value, list | tuple) for value in values):
        lists = [
            None if value is None else list(value) if isinstance(value, list | tuple) else [value] for value in values
        ]
        items = [item for value in lists for item in value or ()]
        if items and all(isinstance(item, Mapping) for item in items):
            keys = list(dict.fromkeys(key for item in items for key in item))
            structs = [value and [{key: text(item.get(key)) for key in keys} for item in value] for value in lists]
            return pl.Series(name, structs, dtype=pl.List(pl.Struct(dict.fromkeys(keys, pl.String))))
        texts = [value and [text(item) for item in value] for value in lists]
        return pl.Series(name, texts, dtype=pl.List(pl.String))
    return pl.Series(name, [text(value) for value in values], dtype=pl.String)


def text(value: Any) -> str | None:
    """A JSON value as the text a table would hold; null and the empty text are absent."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return repr(value)
    return orjson.dumps(value, default=str).decode()
