"""Answers as flat CSV for people's spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from graph.exports.guard import guard


def csv_text(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Rows as CSV with a header; lists of texts are joined by `|`, what is nested deeper is JSON.

    Text that a spreadsheet would read as a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        texts = all(isinstance(each, str) for each in value)
        value = "|".join(value) if texts else _json(value)
    elif isinstance(value, Mapping):
        value = _json(value)
    return guard(value) if isinstance(value, str) else value


def _json(value: Any) -> str:
    return orjson.dumps(value, default=plain).decode()


def plain(value: Any) -> Any:
    """Sequences and mappings of other kinds as lists and dicts: what orjson asks for."""
    if isinstance(value, Sequence):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
