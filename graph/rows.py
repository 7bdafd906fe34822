"""Rows of a block: plain values, what each row states, and that as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from graph.store import Value


def as_list(values: Sequence[Any]) -> list[Any]:
    """Plain Python values, which is what database drivers take (a numpy column's are not)."""
    if isinstance(values, list):
        return values
    found: list[Any] = values.tolist() if hasattr(values, "tolist") else list(values)
    return found


def pick(columns: Mapping[str, Sequence[Any]], rows: NDArray[np.int64], count: int) -> dict[str, Sequence[Any]]:
    """Some rows of a block's columns, which have `count`."""
    if len(rows) == count:
        return dict(columns)
    chosen = np.zeros(count, bool)
    chosen[rows] = True
    mask = chosen.tolist()
    return {name: list(compress(values, mask)) for name, values in columns.items()}


def stated(columns: Mapping[str, Sequence[Any]], rows: int) -> list[dict[str, Any]]:
    """Row by row what is stated: values that are absent, and empty lists, are left out."""
    names = [name for name in columns if name not in ("id", "from", "to")]
    if not names:
        return [{} for _ in range(rows)]
    picked = zip(*(as_list(columns[name]) for name in names), strict=True)
    return [{name: value for name, value in zip(names, row, strict=True) if says(value)} for row in picked]


def says(value: Any) -> bool:
    """Whether a value states anything."""
    return value is not None and value not in ((), [])


def props_texts(columns: Mapping[str, Sequence[Any]], rows: int, empty: str | None) -> list[str | None]:
    """JSON of each row's stated properties, `empty` where there are none."""
    return [props_text(row, empty) for row in stated(columns, rows)]


def props_text(properties: Mapping[str, Any], empty: str | None = None) -> str | None:
    """One row's properties as JSON, names sorted."""
    return orjson.dumps(properties, option=orjson.OPT_SORT_KEYS).decode() if properties else empty


def read_props(text: str | None) -> dict[str, Value]:
    """The properties of a JSON text: lists become tuples."""
    if not text:
        return {}
    found: dict[str, Any] = orjson.loads(text)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
