"""Held values as JSON and table cells show them: decimals shortest, instants as text, lists sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson

from graph.canonical import as_set
from graph.store import Value
from ontology.lists import join_list
from ontology.model import Datatype, EdgeType, NodeType, Property
from ontology.values import OPEN, format_decimal, format_instant

Render = Callable[[Any], str]


def property_of(kind: NodeType | EdgeType, column: str) -> Property:
    """The property of a column: `label@de` is `label`."""
    return kind.properties[column.partition("@")[0]]


def states(kind: Property, value: Any) -> bool:
    """Whether a held value says anything at the boundary: an open end and an empty list do not."""
    return value is not None and value != () and not (kind.datatype is Datatype.INSTANT and value == OPEN)


def json_value(kind: Property, value: Value) -> Any:
    """A stated value as `json` loads it: what an answer shows."""
    return orjson.loads(json_text(kind)(value))


def json_texts(kind: Property, values: Sequence[Any], head: str = "") -> list[str]:
    """A column of held values as JSON, each after `head`; the empty text where nothing is stated."""
    if kind.datatype is Datatype.INSTANT and not kind.many:
        return _instants(values, f'{head}"', 'Z"')
    return _rendered(kind, json_text(kind), values, head)


def cell_texts(kind: Property, values: Sequence[Any]) -> list[str]:
    """A column of held values as cells of a native table; the empty text where nothing is stated."""
    if kind.datatype is Datatype.INSTANT and not kind.many:
        return _instants(values, "", "Z")
    return _rendered(kind, cell_text(kind), values, "")


def _rendered(kind: Property, render: Render, values: Sequence[Any], head: str) -> list[str]:
    """Each distinct value is written once."""
    texts = {value: head + render(value) if states(kind, value) else "" for value in set(values)}
    return list(map(texts.__getitem__, values))


def _instants(values: Sequence[Any], head: str, tail: str) -> list[str]:
    """`format_instant` of a column, an eighth of its time each; an open end says nothing."""
    stated = np.fromiter((OPEN if value is None else value for value in values), np.int64, len(values))
    texts: list[str] = np.datetime_as_string(stated.astype("datetime64[s]")).tolist()
    open_ends = (stated == OPEN).tolist()
    return ["" if end else f"{head}{text}{tail}" for text, end in zip(texts, open_ends, strict=True)]


def json_text(kind: Property) -> Render:
    """What writes one value as JSON; a list is sorted and in brackets."""
    one = _JSON.get(kind.datatype, _quoted)
    return (lambda values: "[" + ",".join(map(one, as_set(values))) + "]") if kind.many else one


def cell_text(kind: Property) -> Render:
    """What writes one value as a cell; lists are joined by `|`."""
    one = _CELL.get(kind.datatype, str)
    return (lambda values: join_list(map(one, as_set(values)))) if kind.many else one


def _quoted(value: str) -> str:
    return orjson.dumps(value).decode()


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _quoted_instant(value: int) -> str:
    return f'"{format_instant(value)}"'


_CELL: dict[Datatype, Render] = {
    Datatype.DECIMAL: format_decimal,
    Datatype.INSTANT: format_instant,
    Datatype.BOOLEAN: _boolean,
}
_JSON: dict[Datatype, Render] = {
    Datatype.DECIMAL: format_decimal,
    Datatype.INTEGER: str,
    Datatype.INSTANT: _quoted_instant,
    Datatype.BOOLEAN: _boolean,
}
