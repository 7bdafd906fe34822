"""Answers as bytes: JSON, CSV, NDJSON and JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from api.reading import JSON, JSON_LD, NDJSON
from graph.tabular import csv_text, plain

CSV: Final = "text/csv"
ROWS: Final = (JSON, CSV, NDJSON, JSON_LD)
"""The forms of anything that has rows, the first one when nothing is asked for."""


def json_bytes(value: Any) -> bytes:
    """Compact JSON; an exact decimal is written as its number."""
    return orjson.dumps(value, default=plain)


def csv_bytes(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bytes:
    """Rows as CSV that a spreadsheet cannot be made to run."""
    return csv_text(rows, names).encode()


def ndjson_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One row a line."""
    return b"".join(orjson.dumps(row, default=plain, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
