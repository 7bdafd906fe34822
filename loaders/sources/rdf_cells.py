"""Statements about records of one type as cells of a native table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from loaders.rows import shown
from loaders.sources.rdf_statements import Statements
from loaders.sources.rdf_terms import Column, Kind, Terms

Fault = tuple[str, str, str]
"""Field, value and reason."""


@dataclass(slots=True)
class Cells:
    """A frame with the record's number `i` and a column a property; what is wrong, by that number; statements that
    are not read, by their predicates."""

    frame: pl.DataFrame
    faults: dict[int, Fault] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)


def cells_of(terms: Terms, statements: Statements, kind: Kind, said: pl.DataFrame, longest: int) -> Cells:
    """`said` has `i`, and `p`, `o`, `k` as statements have them, each told once; `longest` is in bytes."""
    placed = said.join(_columns(terms, statements, kind, said), on=["p", "k"], maintain_order="left")
    good = placed.filter(pl.col("fault").is_null(), pl.col("column") != "")
    several = _joined(good.filter("many"))
    single = good.filter(~pl.col("many")).select("i", "column", "o")
    cells = Cells(_pivoted(pl.concat([single, several])))
    _note(cells, placed.drop_nulls("fault"))
    _note_twice(cells, single)
    _note_long(cells, good.filter(pl.col("o").str.len_bytes() >= longest), longest)
    predicates = list(statements.predicates)
    for number, count in placed.filter(pl.col("column") == "").group_by("p").len().iter_rows():
        cells.unread[predicates[number]] += count
    return cells


def _columns(terms: Terms, statements: Statements, kind: Kind, said: pl.DataFrame) -> pl.DataFrame:
    """Where each predicate goes with each form of object that it has here."""
    predicates, forms = list(statements.predicates), list(statements.forms)
    pairs = said.select("p", "k").unique().rows()
    found: list[Column] = [terms.column(kind, predicates[p], forms[k]) for p, k in pairs]
    return pl.DataFrame(
        {
            "p": pl.Series([p for p, _ in pairs], dtype=pl.UInt16),
            "k": pl.Series([k for _, k in pairs], dtype=pl.UInt16),
            "column": pl.Series([each.name for each in found], dtype=pl.String),
            "fault": pl.Series([each.fault or None for each in found], dtype=pl.String),
            "many": pl.Series([each.many for each in found], dtype=pl.Boolean),
        }
    )


def _joined(good: pl.DataFrame) -> pl.DataFrame:
    """Several values as one cell: `ontology.lists.join_list`, a column at a time."""
    escaped = pl.col("o").str.replace_all("\\", "\\\\", literal=True).str.replace_all("|", "\\|", literal=True)
    return good.group_by("i", "column", maintain_order=True).agg(escaped.str.join("|")).select("i", "column", "o")


def _pivoted(cells: pl.DataFrame) -> pl.DataFrame:
    if not len(cells):
        return cells.select("i")
    return cells.pivot("column", index="i", values="o", aggregate_function="first")


def _note(cells: Cells, wrong: pl.DataFrame) -> None:
    for index, column, text, fault in wrong.select("i", "column", "o", "fault").iter_rows():
        cells.faults.setdefault(index, (column, text, f"{shown(text)!r} {fault}" if fault.startswith("is ") else fault))


def _note_twice(cells: Cells, single: pl.DataFrame) -> None:
    twice = single.filter(single.select("i", "column").is_duplicated())
    for index, column, texts in twice.group_by("i", "column", maintain_order=True).agg("o").iter_rows():
        said = " and ".join(repr(shown(text)) for text in sorted(texts)[:3])
        cells.faults.setdefault(index, (column, texts[0], f"{column} is stated as {said}: keep one"))


def _note_long(cells: Cells, long: pl.DataFrame, longest: int) -> None:
    for index, column, text in long.select("i", "column", "o").iter_rows():
        cells.faults.setdefault(index, (column, text[:200], f"is longer than {longest:,} bytes: shorten it"))
