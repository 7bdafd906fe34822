"""Held values to SQL values and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from graph.alike import marks_by_row
from graph.kinds import IDENTITY
from graph.rows import as_list, props_texts, read_props
from graph.sqlite.layout import Kind, NodeKind
from graph.sqlite.schema import quoted
from graph.store import Value
from ontology.model import Datatype, Property

Names = Callable[[str, int], str]
"""The id of a key in a key space, "" when it is gone."""


def fact_columns(
    kind: NodeKind, columns: Mapping[str, Sequence[Any]], rows: int, keys_of: Callable[[str, list[Any]], list[Any]]
) -> dict[str, Iterable[Any]]:
    """Quoted column -> SQL values, for those columns of a columns type that any row states.

    `keys_of(property, ids)` gives the keys of a reference column.
    """
    further = {name: columns[name] for name in columns if "@" in name}
    encoded: dict[str, Iterable[Any]] = {quoted("_other"): props_texts(further, rows, None)} if further else {}
    for each in kind.columns:
        values = as_list(columns.get(each.name, ()))
        if values.count(None) == len(values):
            continue
        name = quoted(each.name)
        encoded[name] = keys_of(each.name, values) if each.name in kind.in_columns else _encoded(each, values)
    return encoded | (marks_by_row(columns, rows) if kind.name == IDENTITY else {})


def _encoded(kind: Property, values: list[Any]) -> list[Any]:
    if kind.many:
        return [orjson.dumps(value).decode() if value else None for value in values]
    if kind.datatype is Datatype.ENUM:
        return list(map(positions(kind).__getitem__, values))
    return values


def positions(kind: Property) -> dict[str | None, int | None]:
    """An enumeration's values as numbers from 1; absent stays absent."""
    numbers: dict[str | None, int | None] = {value: place for place, value in enumerate(kind.values, 1)}
    numbers[None] = None
    return numbers


def encode_one(kind: Property, value: str) -> Any:
    """One text value as its column holds it; None for what cannot be in it."""
    return positions(kind).get(value) if kind.datatype is Datatype.ENUM else value


class FactReader:
    """Turns rows of a columns type (`_other`, then its columns) into properties."""

    def __init__(self, kind: NodeKind, names: Names) -> None:
        self.readers = [(each.name, _decoder(kind, each, names)) for each in kind.columns]

    def properties(self, row: Sequence[Any]) -> dict[str, Value]:
        """What the row states."""
        found: dict[str, Value] = {
            name: read(value) for (name, read), value in zip(self.readers, row[1:], strict=True) if value is not None
        }
        return found | read_props(row[0]) if row[0] else found


def _decoder(kind: Kind, each: Property, names: Names) -> Callable[[Any], Value]:
    if each.many:
        return lambda value: tuple(orjson.loads(value))
    if each.datatype is Datatype.REFERENCE:
        space = kind.references[each.name].space
        return lambda key: names(space, key)
    if each.datatype is Datatype.ENUM:
        return lambda number: each.values[number - 1]
    if each.datatype is Datatype.BOOLEAN:
        return bool
    return lambda value: value
