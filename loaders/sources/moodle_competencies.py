"""Moodle's competency frameworks as its tool exports them: one CSV of 14 columns, known by their place.

The header is in the language of whoever exported. A row with `isframework` 1 is a framework; the rows below it are its
competencies. Keys of competencies are only unique within their framework.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.readers import read_table
from loaders.readers.reading import Reading
from loaders.rows import shown
from loaders.source import BadRecord, BadRow, Config, Record, Rows
from loaders.sources.mastery import home_of
from loaders.sources.objects import Numbered, Shape
from loaders.sources.ragged import header_of
from loaders.sources.signs import looks_like_header, not_this
from loaders.strict import Unreadable

FORMAT = "Moodle competencies"
COLUMNS = (
    *("parentidnumber", "idnumber", "shortname", "description", "descriptionformat", "scalevalues"),
    *("scaleconfiguration", "ruletype", "ruleoutcome", "ruleconfig", "relatedidnumbers", "exportid", "isframework"),
    "taxonomy",
)
"""In the order of tool_lpimportcsv, framework_exporter."""

COMPETENCY = Shape("competencies", COLUMNS, made=("framework", "term"))
RELATED = Shape("related", ("framework", "idnumber", "related"))
SCALE = Shape("scales", ("scale", "shortname"))
LEVEL = Shape("scale levels", ("scale", "rank", "value", "home"))
SHAPES = (COMPETENCY, RELATED, SCALE, LEVEL)

_MOST_DEEP = 100


@dataclass(slots=True)
class _Framework:
    """What a competency's row does not say itself; `parents` are those of its competencies."""

    idnumber: str | None = None
    terms: Sequence[str] = ()  # of taxonomy, a level of the tree each
    parents: dict[str, str | None] = field(default_factory=dict)

    def term(self, idnumber: str | None) -> str | None:
        """What the framework calls a competency of that depth."""
        depth = 0
        while (parent := self.parents.get(idnumber or "")) and depth < _MOST_DEEP:
            depth, idnumber = depth + 1, parent
        return self.terms[min(depth, len(self.terms) - 1)] if self.terms else None


def rows(path: Path, config: Config) -> Iterator[Rows]:
    """The rows of one CSV; raises `LoadError` for one of something else."""
    found = list(_found(path, config))
    frameworks = _frameworks([row for _, row in found if not isinstance(row, BadRow)])
    if found and not frameworks:
        raise not_this(None, FORMAT, path.name, "no row of it is a framework (isframework, the 13th column, is 1)")
    mine = iter(frameworks)
    framework = frameworks[0] if frameworks else _Framework()
    told, parts = set(), Numbered()
    for number, row in found:
        if isinstance(row, BadRow):
            yield BadRecord(COMPETENCY.table, f"{path.name}/{COMPETENCY.table}", row)
            continue
        framework = next(mine) if row["isframework"] == "1" else framework
        for each in _rows_of(row, framework, path.name, number, parts):
            told.add(each.table)
            yield each
    yield from (shape.nothing(f"{path.name}/{shape.table}") for shape in SHAPES if shape.table not in told)


def _found(path: Path, config: Config) -> Iterator[tuple[int, dict[str, str | None] | BadRow]]:
    """Every row with its number, its columns named as Moodle's code names them."""
    names = header_of(path) if path.is_file() else []
    if names and len(names) != len(COLUMNS):
        reason = f"it has {len(names)} columns, not {len(COLUMNS)}; export it with Moodle's competency export"
        raise not_this(looks_like_header(names), FORMAT, path.name, reason)
    for chunk in read_table(path, Reading(COMPETENCY.table, path.name, config.max_field)):
        numbers = chunk.rows if chunk.rows is not None else range(chunk.first, chunk.first + chunk.frame.height)
        yield from ((bad.row, bad) for bad in chunk.bad)
        for number, cells in zip(numbers, chunk.frame.iter_rows(), strict=True):
            yield number, dict(zip(COLUMNS, cells, strict=True))


def _frameworks(rows: Sequence[Mapping[str, str | None]]) -> list[_Framework]:
    """The frameworks in their order, each with the tree of the rows below it."""
    found: list[_Framework] = []
    for row in rows:
        if row["isframework"] == "1":
            found.append(_Framework(row["idnumber"], [each.strip() for each in (row["taxonomy"] or "").split(",")]))
        elif found and row["idnumber"]:
            found[-1].parents[row["idnumber"]] = row["parentidnumber"]
    return found


def _rows_of(
    row: Mapping[str, str | None], framework: _Framework, file: str, number: int, parts: Numbered
) -> Iterator[Record | BadRecord]:
    """The row itself, what it is related to, and its scale."""
    try:
        yield Record(COMPETENCY.table, f"{file}/{COMPETENCY.table}", number, _cells(row, framework))
    except Unreadable as error:
        yield COMPETENCY.bad(f"{file}/{COMPETENCY.table}", number, row, error)
        return
    for related in (row["relatedidnumbers"] or "").split(","):
        if related.strip():
            name = related.strip().replace("%2C", ",")
            cells = {"framework": framework.idnumber, "idnumber": row["idnumber"], "related": name}
            yield parts.row(RELATED, file, cells)
    if row["scalevalues"]:
        yield from _scale(row, framework, file, number, parts)


def _cells(row: Mapping[str, str | None], framework: _Framework) -> dict[str, Any]:
    if row["isframework"] not in (None, "0", "1"):
        reason = f"{shown(row['isframework'])!r} is neither 0 nor 1: look whether the row has all of its columns"
        raise Unreadable("isframework", reason, shown(row["isframework"]))
    term = None if row["isframework"] == "1" else framework.term(row["idnumber"])
    return {**row, "framework": framework.idnumber, "term": term}


def _scale(
    row: Mapping[str, str | None], framework: _Framework, file: str, number: int, parts: Numbered
) -> Iterator[Record | BadRecord]:
    """The scale of a framework, or of a competency that has its own: values from the lowest, with commas between."""
    own = None if row["isframework"] == "1" else row["idnumber"]
    scale = "/".join(part for part in (framework.idnumber, own) if part)
    inner = f"{file}/{SCALE.table}"
    try:
        first = _first_proficient(row["scaleconfiguration"])
    except Unreadable as error:
        yield SCALE.bad(inner, number, row, error)
        return
    yield Record(SCALE.table, inner, number, {"scale": scale, "shortname": row["shortname"]})
    for rank, value in enumerate((row["scalevalues"] or "").split(","), start=1):
        cells = {"scale": scale, "rank": str(rank), "value": value.strip(), "home": home_of(rank, first)}
        yield parts.row(LEVEL, file, cells)


def _first_proficient(text: str | None) -> int | None:
    """The lowest value that counts as proficient: of a list whose first entry names the scale."""
    try:
        entries = json.loads(text) if text else []
        ranks = [int(each["id"]) for each in entries[1:] if int(each.get("proficient") or 0)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = f"{shown(text)!r} is no list of scale values, as Moodle writes it: export the framework again"
        raise Unreadable("scaleconfiguration", reason, shown(text)) from error
    return min(ranks, default=None)
