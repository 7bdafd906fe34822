"""Rows that statements become, table by table, until they are let out as chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from loaders.source import BadRow, Chunk
from loaders.sources.xapi_statement import NO_ID, Fact

TABLES_OF = {"Evidence": "outcomes", "Enrolment": "enrolments"}
COLUMNS: Mapping[str, Sequence[str]] = {
    "statements": ("id", "verb", "object", "registration", "_learner", "_mentions", "_statement", "_says", "_version"),
    "actors": ("id", "_version"),
    "identities": ("id", "system", "value", "_version"),
    "outcomes": ("id", "learner", "kind", "about", "score", "outcome", "shown_at", "withdrawn_at", "version"),
    "enrolments": ("id", "learner", "learning_object", "status", "enrolled_at", "ended_at", "version"),
    "voidings": ("id", "learner", "voided_by", "voided_at", "version"),
}


@dataclass(slots=True)
class Rows:
    """Rows of every table of one file, until they are let out."""

    file: str
    tables: dict[str, list[Sequence[Any]]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    numbers: list[int] = field(default_factory=list)  # of statements
    bad: list[BadRow] = field(default_factory=list)
    unmarked: int = 0  # statements without id
    begun: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 1))

    def let_out(self) -> Iterator[Chunk]:
        """The rows, table by table."""
        for name, rows in self.tables.items():
            first = name == "statements"
            if not (rows or (first and self.bad)):
                continue
            flags = {NO_ID: self.unmarked} if first and self.unmarked else {}
            yield Chunk(
                name,
                self.file if first else f"{self.file}/{name}",
                _frame(name, rows),
                self.begun[name],
                self.numbers if first else None,
                self.bad if first else (),
                flags,
            )
            self.begun[name] += len(rows)
            self.tables[name] = []
        self.numbers, self.bad, self.unmarked = [], [], 0


def _frame(table: str, rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    lists = {"_mentions": pl.List(pl.String)}
    names = COLUMNS[table]
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pl.DataFrame(
        [
            pl.Series(name, list(cells), dtype=lists.get(name, pl.String))
            for name, cells in zip(names, columns, strict=True)
        ]
    )


def void_cells(row: Mapping[str, Any]) -> list[str | None]:
    """A row of Voiding as cells."""
    return [None if cell is None else str(cell) for cell in row.values()]


def fact_cells(fact: Fact) -> list[Any]:
    """A fact as cells of its table."""
    return [*fact.row.values(), str(fact.version)]
