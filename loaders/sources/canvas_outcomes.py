"""Canvas outcomes as its import and export write them: one CSV whose last column, `ratings`, goes on to the row's end.

Ratings are pairs of points and a description, falling. A row is a group or an outcome, known by its `vendor_guid`; its
parents are groups of other rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from loaders.errors import LoadError, nearest
from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Config, Record, Rows
from loaders.sources.mastery import home_of
from loaders.sources.objects import Numbered, Shape
from loaders.sources.ragged import header_of, records
from loaders.sources.results import rounded
from loaders.sources.signs import looks_like_header, not_this
from loaders.strict import Unreadable

FORMAT = "Canvas outcomes"
NEEDED = ("vendor_guid", "object_type", "title")
COLUMNS = (
    *(*NEEDED, "description", "friendly_description", "display_name", "calculation_method", "calculation_int"),
    *("course_id", "parent_guids", "workflow_state", "mastery_points", "ratings"),
)

OUTCOME = Shape("outcomes", (*NEEDED, "description", "display_name", "workflow_state"))
PARENT = Shape("parents", ("vendor_guid", "parent"))
SAME = Shape("same outcomes", ("vendor_guid", "id"))
SCALE = Shape("scales", ("scale", "title"))
LEVEL = Shape("scale levels", ("scale", "rank", "points", "description", "home"))
SHAPES = (OUTCOME, PARENT, SAME, SCALE, LEVEL)

UNORDERED = "unordered-ratings"

_OWN = re.compile(r"canvas_outcome:(\d+)")


def rows(path: Path, config: Config) -> Iterator[Rows]:
    """The rows of one CSV; raises `LoadError` for one of something else."""
    names = _names(path)
    told, parts = set(), Numbered()
    for number, cells in records(path, config):
        if isinstance(cells, BadRow):
            yield BadRecord(OUTCOME.table, f"{path.name}/{OUTCOME.table}", cells)
            continue
        for row in _rows_of(names, cells, path.name, number, parts):
            told.add(row.table)
            yield row
    yield from (shape.nothing(f"{path.name}/{shape.table}") for shape in SHAPES if shape.table not in told)


def _names(path: Path) -> list[str]:
    """The header up to `ratings`, behind which columns have no names."""
    names = [name.strip() for name in header_of(path)] if path.is_file() else []
    if path.is_file() and names and not set(NEEDED) <= set(names):
        missing = ", ".join(name for name in NEEDED if name not in names)
        raise not_this(looks_like_header(names), FORMAT, path.name, f"its header has no {missing}")
    end = names.index("ratings") + 1 if "ratings" in names else len(names)
    for name in names[:end]:
        if name not in COLUMNS:
            hint = nearest(name, COLUMNS) or f"; known are: {', '.join(COLUMNS)}"
            raise LoadError(f"column {name!r} is not known{hint}", file=path.name, value=name)
        if names.count(name) > 1:
            raise LoadError(f"column {name!r} is in the header twice: remove one", file=path.name, value=name)
    if any(names[end:]):
        raise LoadError("columns stand behind ratings, which must be the last", file=path.name)
    return names[:end]


def _rows_of(
    names: Sequence[str], cells: Sequence[str], file: str, number: int, parts: Numbered
) -> Iterator[Record | BadRecord]:
    """The outcome or group itself, its parents, and the scale of its ratings."""
    row: dict[str, Any] = {name: cell.strip() or None for name, cell in zip(names, cells, strict=False)}
    inner = f"{file}/{OUTCOME.table}"
    try:
        if row.get("object_type") not in ("outcome", "group"):
            value = shown(row.get("object_type") or "")
            raise Unreadable("object_type", f"{value!r} is neither outcome nor group: say which", value)
        ratings = list(cells[len(names) - 1 :]) if names[-1] == "ratings" else []
        scale = list(scale_rows(f"guid/{row['vendor_guid']}", row, _pairs(ratings), file, parts))
        yield Record(OUTCOME.table, inner, number, OUTCOME.cells(row))
    except Unreadable as error:
        yield OUTCOME.bad(inner, number, row, error)
        return
    if not row["vendor_guid"]:
        return
    for parent in (row.get("parent_guids") or "").split():
        yield parts.row(PARENT, file, {"vendor_guid": row["vendor_guid"], "parent": parent})
    if own := _OWN.fullmatch(row["vendor_guid"]):
        yield parts.row(SAME, file, {"vendor_guid": row["vendor_guid"], "id": own[1]})
    yield from scale


def _pairs(cells: Sequence[str]) -> list[tuple[str, str]]:
    """Points and description of each rating; empty cells at the end of the row are no rating."""
    found = [cell.strip() for cell in cells]
    pairs = zip(found[::2], [*found[1::2], ""], strict=False)
    return [(points, text) for points, text in pairs if points or text]


def scale_rows(
    scale: str, outcome: Mapping[str, Any], ratings: Sequence[tuple[str, str]], file: str, parts: Numbered
) -> Iterator[Record | BadRecord]:
    """The scale of an outcome's ratings, its levels from the lowest; raises `Unreadable`."""
    if not ratings:
        return
    points = [_points(each, "ratings") for each, _ in ratings]
    if len(set(points)) != len(points):
        raise Unreadable("ratings", "two ratings have the same points: mend one", shown(ratings))
    mastery = outcome.get("mastery_points")
    needed = _points(mastery, "mastery_points") if mastery else None
    rising = sorted(zip(points, ratings, strict=True))
    mastered = [rank for rank, (each, _) in enumerate(rising, start=1) if needed is not None and each >= needed]
    first = min(mastered, default=None)
    flags = [] if rising[::-1] == list(zip(points, ratings, strict=True)) else [UNORDERED]
    row = parts.row(SCALE, file, {"scale": scale, "title": outcome.get("title")})
    yield Record(row.table, row.file, row.row, row.cells, flags) if isinstance(row, Record) else row
    for rank, (_, (each, text)) in enumerate(rising, start=1):
        cells = {"scale": scale, "rank": str(rank), "points": rounded(each), "description": text or None}
        yield parts.row(LEVEL, file, cells | {"home": home_of(rank, first)})


def _points(text: Any, name: str) -> Decimal:
    try:
        found = Decimal(str(text))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        reason = f"{shown(text)!r} is no number of points: write it like 3 or 2.5"
        raise Unreadable(name, reason, shown(text))
    return found
