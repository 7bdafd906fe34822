"""Columns that a source makes of a row's own cells: when it is read, and again when a mended row is replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from loaders.source import Chunk, Config

Cells = Mapping[str, Any]
Make = Callable[[Cells, Config], str | None]
"""One cell, of the others of its row; a `ValueError` leaves it empty, which its mapping then tells."""


def making(columns: Mapping[str, Mapping[str, Make]]) -> Callable[[Chunk, Config], Chunk]:
    """A source's `prepare`: table -> column -> what makes it."""

    def prepare(chunk: Chunk, config: Config) -> Chunk:
        made = columns.get(chunk.table, {}) if len(chunk.frame) else {}
        rows = chunk.frame.to_dicts() if made else []
        series = [pl.Series(name, [_one(make, row, config) for row in rows], pl.String) for name, make in made.items()]
        return replace(chunk, frame=chunk.frame.with_columns(series)) if made else chunk

    return prepare


def _one(make: Make, row: Cells, config: Config) -> str | None:
    try:
        return make(row, config)
    except ValueError:
        return None
