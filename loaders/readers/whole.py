"""Tables that are read whole, for what one row alone does not tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from loaders.errors import LoadError, nearest
from loaders.source import CHUNK_ROWS, BadRow, Chunk

NUMBER = "_number"
"""The column of row numbers in the file."""


def numbered(chunk: Chunk) -> pl.DataFrame:
    """A chunk's rows with their numbers."""
    numbers = chunk.rows if chunk.rows is not None else range(chunk.first, chunk.first + chunk.frame.height)
    return chunk.frame.with_columns(pl.Series(NUMBER, numbers, dtype=pl.Int64))


def together(chunks: Iterable[Chunk]) -> tuple[pl.DataFrame, list[BadRow]]:
    """All rows of a file with their numbers, and those that could not be read."""
    found = list(chunks)
    return pl.concat(map(numbered, found)), [bad for chunk in found for bad in chunk.bad]


def apart(table: str, file: str, frame: pl.DataFrame, bad: Sequence[BadRow] = ()) -> Iterator[Chunk]:
    """A file's rows in chunks again, bad ones with the first; without any rows one empty chunk."""
    for start in range(0, max(frame.height, 1), CHUNK_ROWS):
        part = frame[start : start + CHUNK_ROWS]
        yield Chunk(table, file, part.drop(NUMBER), rows=part[NUMBER].to_list(), bad=() if start else bad)


def need(columns: Sequence[str], frame: pl.DataFrame, file: str) -> None:
    """Refuse a file that lacks one of the columns, with the nearest that it has."""
    there = [name for name in frame.columns if name != NUMBER]
    for name in columns:
        if name not in there:
            hint = nearest(name, there).replace("did you mean", "is it") or f"; found are: {', '.join(there)}"
            raise LoadError(f"column {name!r} is missing{hint}", file=file, value=name)
