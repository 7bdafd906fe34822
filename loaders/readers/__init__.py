"""Files to chunks of text columns: CSV, TSV, XLSX, Parquet, JSON lines.

A row that cannot be read is a `BadRow` and the file goes on; a file that cannot be read is one `LoadError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import LoadError, nearest

if TYPE_CHECKING:
    from loaders.readers.reading import Reading
    from loaders.source import Chunk

FORMATS = {
    ".csv": "CSV: comma-separated, UTF-8, one header row",
    ".tsv": "TSV: tab-separated, UTF-8, one header row",
    ".xlsx": "XLSX: one sheet, one header row",
    ".parquet": "Parquet",
    ".jsonl": "JSON lines: UTF-8, one object a line",
    ".ndjson": "JSON lines: UTF-8, one object a line",
}
"""What is read, by the end of a file's name."""


def read_table(path: Path, reading: Reading, suffix: str = "") -> Iterator[Chunk]:
    """The rows of one file, read to the end; the format is told by the end of its name, unless `suffix` says it."""
    if not path.is_file():
        raise LoadError("there is no such file", file=reading.file)
    if path.stat().st_size == 0:
        raise LoadError("is empty: not even a header is in it. Export it again, or remove it", file=reading.file)
    try:
        yield from _read(path, reading, suffix or suffix_of(path))
    except OSError as error:
        raise LoadError(f"can't be read: {error.strerror or error}", file=reading.file) from error


def _read(path: Path, reading: Reading, suffix: str) -> Iterator[Chunk]:
    match suffix:
        case ".csv":
            from loaders.readers.delimited import read_delimited

            return read_delimited(path, reading)
        case ".tsv":
            from loaders.readers.delimited import read_delimited

            return read_delimited(path, replace(reading, separator=reading.separator or "\t"))
        case ".xlsx":
            from loaders.readers.xlsx import read_xlsx

            return read_xlsx(path, reading)
        case ".parquet":
            from loaders.readers.parquet import read_parquet

            return read_parquet(path, reading)
        case ".jsonl" | ".ndjson":
            from loaders.readers.jsonl import read_jsonl

            return read_jsonl(path, reading)
        case _:
            known = ", ".join(FORMATS)
            raise LoadError(
                f"{suffix or 'no ending'} is no format that is read ({known}){nearest(suffix, FORMATS)}",
                file=reading.file,
            )


def suffix_of(path: Path) -> str:
    return path.suffix.lower()
