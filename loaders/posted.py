"""Rows that come in a request instead of a file: native tables in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from loaders.errors import LoadError, nearest
from loaders.intake import text_frame
from loaders.source import CHUNK_ROWS, BadRow, Chunk, Config, Rows, Source, loadable, native, native_table
from ontology.model import Model, Property

POSTED = "posted"
"""The source of rows that came in a request."""


def posted_source(model: Model, types: Sequence[str]) -> Source:
    """The native mappings of the types that rows were given for."""
    known = loadable(model)
    for name in types:
        if name not in known:
            raise LoadError(f"no type is named {name!r}{nearest(name, known)}", value=name)
    mappings = [native(model, name) for name in types]
    tables = [native_table(model, name) for name in types]
    return Source(POSTED, read=_nothing, mappings=lambda _: mappings, tables=tables)


def posted_chunks(tables: Mapping[str, Sequence[Mapping[str, Any]]], model: Model) -> Iterator[Chunk]:
    """The rows as chunks; those that hold half a character (a lone surrogate) can't be taken.

    Every row may have other columns: one that misses what it must have is a bad row, not a bad table.
    """
    for name, rows in tables.items():
        keys = ("from", "to") if name in model.edges else ("id",)
        properties = model.type(name).properties.values()
        wanted = (*keys, *(prop.name for prop in properties if prop.required))
        lists = {column for row in rows for column in row if column.partition("@")[0] in _many(properties)}
        for start in range(0, max(len(rows), 1), CHUNK_ROWS):
            some = rows[start : start + CHUNK_ROWS]
            good = [(number, row) for number, row in enumerate(some, start + 1) if not _half(row)]
            bad = [_bad(number, row) for number, row in enumerate(some, start + 1) if _half(row)]
            frame = text_frame([row for _, row in good], wanted, lists)
            yield Chunk(name, name, frame, rows=[number for number, _ in good], bad=bad)


def _many(properties: Iterable[Property]) -> set[str]:
    return {prop.name for prop in properties if prop.many}


def _half(value: Any) -> str:
    """The first text in a JSON value that is no Unicode, "" when all are."""
    if isinstance(value, str):
        return "" if value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value) else value
    if isinstance(value, Mapping):
        return next((half for pair in value.items() for part in pair if (half := _half(part))), "")
    if isinstance(value, list | tuple):
        return next((half for item in value if (half := _half(item))), "")
    return ""


def _bad(number: int, row: Mapping[str, Any]) -> BadRow:
    column = next((str(name) for name, value in row.items() if _half(name) or _half(value)), "")
    shown = _half(row.get(column, column)).encode("utf-8", "backslashreplace").decode()
    return BadRow(
        number,
        column.encode("utf-8", "backslashreplace").decode(),
        shown,
        f"{shown!r} holds half a character: mend its encoding",
    )


def _nothing(_: Config) -> Iterator[Rows]:
    yield from ()
