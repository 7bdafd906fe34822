"""The rows of a JSON document that lists them, as the reports of many systems do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from loaders.errors import LoadError, nearest
from loaders.readers.documents import documents, json_of
from loaders.readers.jsonl import chunks_of
from loaders.readers.reading import Reading
from loaders.source import Chunk

JSON = ".json"


def read_listed(path: Path, reading: Reading) -> Iterator[Chunk]:
    """The rows of a document, numbered from 1; raises `LoadError` where they are not where they should be."""
    for document in documents([path], (JSON,)):
        rows = _rows_of(json_of(document), reading)
        yield from chunks_of(map(orjson.dumps, rows), reading)


def _rows_of(value: Any, reading: Reading) -> list[Any]:
    found = value
    if reading.rows:
        if not isinstance(value, Mapping) or reading.rows not in value:
            keys = list(value) if isinstance(value, Mapping) else []
            hint = nearest(reading.rows, keys) or f": it has {', '.join(keys[:5]) or 'no keys'}"
            raise LoadError(f"has no {reading.rows!r}, where the map says its rows are{hint}", file=reading.file)
        found = value[reading.rows]
    if not isinstance(found, list):
        fix = 'say in the map under which key the rows are: rows = "…"' if not reading.rows else "export it again"
        raise LoadError(f"has no list of rows: {fix}", file=reading.file)
    return found
