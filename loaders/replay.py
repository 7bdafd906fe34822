"""Rejects as CSV, mended by hand, and loaded again as rows of the tables they came from."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson
import polars as pl

from graph.exports.guard import FORMULA
from graph.ledger import HeldRow, Ledger
from loaders.errors import LoadError
from loaders.mapping import Mapper
from loaders.source import CHUNK_ROWS, Chunk, Config, Source

OWN = ("_load", "_file", "_row", "_table", "_field", "_reason")
"""The first columns of the CSV; `_field` and `_reason` are for the reader, the others must stay as they are."""


def write_csv(rows: Iterable[HeldRow], out: TextIO) -> int:
    """Held rows with their raw columns, to be mended and replayed; how many. Cells never begin a formula."""
    held = list(rows)
    names = list(dict.fromkeys(name for row in held for name in row.raw if not name.startswith("_")))
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*OWN, *names])
    for row in held:
        own = (row.load, row.file, row.row, row.raw.get("_table", ""), row.field, row.reason)
        writer.writerow([_guarded(value) for value in (*own, *(row.raw.get(name) for name in names))])
    return len(held)


def _guarded(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def _unguarded(text: str) -> str | None:
    return (text[1:] if text.startswith("'") and text[1:].startswith((*FORMULA, "'")) else text) or None


@dataclass(frozen=True, slots=True)
class Replay:
    """Mended rows, and the held rows that they stand for."""

    rows: tuple[HeldRow, ...]
    _mended: Sequence[tuple[HeldRow, dict[str, str | None]]]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that the rows are of."""
        return tuple(dict.fromkeys(str(row.raw.get("_table", "")) for row in self.rows))

    @property
    def map(self) -> Path | None:
        """The map file that the rows were loaded with."""
        given = next((row.raw["_map"] for row in self.rows if "_map" in row.raw), None)
        return Path(given) if given else None

    def chunks(self, source: Source, config: Config) -> Iterator[Chunk]:
        """The mended rows as chunks of their tables."""
        mapper = Mapper(source.mappings_for(config), config)
        groups: dict[tuple[str, str], list[tuple[int, dict[str, str | None]]]] = {}
        for held, cells in self._mended:
            groups.setdefault((str(held.raw.get("_table", "")), held.file), []).append((held.row, cells))
        for (table, file), rows in groups.items():
            if not mapper.types(table):
                raise LoadError("these rows are of no type: mend them in the file itself and load it again", file=file)
            for start in range(0, len(rows), CHUNK_ROWS):
                some = rows[start : start + CHUNK_ROWS]
                yield Chunk(table, file, _frame(mapper, table, [cells for _, cells in some]), rows=[n for n, _ in some])


def _frame(mapper: Mapper, table: str, rows: Sequence[dict[str, str | None]]) -> pl.DataFrame:
    """The cells of the columns that the table's mappings name, and of the others, which the source may prepare from."""
    known = mapper.columns(table)
    others = [name for name in rows[0] if name not in known and any(row[name] is not None for row in rows)]
    names = [*known, *others]
    return pl.DataFrame([_column(name, [row.get(name) for row in rows]) for name in names])


def _column(name: str, cells: list[str | None]) -> pl.Series:
    lists = [cell is not None and cell.startswith("[") and cell.endswith("]") for cell in cells]
    if not any(lists) or not all(given or cell is None for given, cell in zip(lists, cells, strict=True)):
        return pl.Series(name, cells, dtype=pl.String)
    try:
        return pl.Series(name, [None if cell is None else orjson.loads(cell) for cell in cells])
    except orjson.JSONDecodeError:
        return pl.Series(name, cells, dtype=pl.String)


def replayed(path: Path, ledger: Ledger) -> Replay:
    """Read a CSV of mended rejects; raises `LoadError` when it is none, or names a row that is not held."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LoadError(f"it is no UTF-8 CSV ({error}): save it as CSV UTF-8", file=str(path)) from error
    if not rows or any(name not in rows[0] for name in ("_load", "_file", "_row")):
        raise LoadError("it is no CSV of rejects: write one with `skillgraph rejects LOAD --csv`", file=str(path))
    held: dict[tuple[str, str, str], HeldRow] = {}
    for load in {row["_load"] for row in rows if row["_load"].isdecimal()}:
        found = ledger.held_rows(load=int(load))
        held |= {(load, row.file, str(row.row)): row for row in found if row.kind != "conflict"}
    mended = [(_known(held, row, number, path), _cells(row)) for number, row in enumerate(rows, 1)]
    return Replay(tuple(row for row, _ in mended), mended)


def _known(held: dict[tuple[str, str, str], HeldRow], row: dict[str, str], number: int, path: Path) -> HeldRow:
    key = (row["_load"], _unguarded(row["_file"]) or "", row["_row"])
    if key not in held:
        what = f"load {key[0]} holds no row {key[2]} of {key[1]!r}"
        raise LoadError(f"{what}: leave _load, _file and _row as they were written", file=str(path), row=number)
    return held[key]


def _cells(row: dict[str, str]) -> dict[str, str | None]:
    return {name: _unguarded(value or "") for name, value in row.items() if name and not name.startswith("_")}
