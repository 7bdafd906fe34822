"""Parquet: every column as the text that stands for its values at the boundary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from loaders.errors import LoadError
from loaders.readers.base import Assembler, blank_to_null, check_header
from loaders.readers.reading import Reading
from loaders.readers.typed import as_texts, check_texts
from loaders.source import CHUNK_ROWS, Chunk


def read_parquet(path: Path, reading: Reading) -> Iterator[Chunk]:
    """The rows of a file, a bounded number of them in memory."""
    try:
        lazy = pl.scan_parquet(path, glob=False)
        columns = check_header(list(lazy.collect_schema()), reading)
        out = Assembler(reading, columns)
        number = 1
        for frame in lazy.collect_batches(chunk_size=CHUNK_ROWS, maintain_order=True):
            texts = as_texts(frame.rename(dict(zip(frame.columns, columns, strict=True))), reading)
            good, numbers, bad = check_texts(blank_to_null(texts), number, reading)
            number += frame.height
            yield from out.add(good, numbers, bad)
        yield from out.rest()
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0][:200]
        raise LoadError(f"is no readable Parquet file ({first}): write it again", file=reading.file) from error
