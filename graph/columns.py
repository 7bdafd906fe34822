"""What every engine's scans have in common: which columns there are, and arrays made of held values.

See `graph.store.Columns` for what stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.kinds import EdgeKind, NodeKind
from ontology.model import Datatype, Property

Array = NDArray[Any]
Where = tuple[str, Sequence[int]]
Maker = Callable[[list[Any]], Array]

BATCH = 50_000
"""Rows of a column batch."""

NODE_HEADS = ("key", "id", "source", "version", "_change")
EDGE_HEADS = ("from", "to", "source", "version", "_change")
"""Columns that are no properties."""

NO_NUMBER = -(2**63)
_ABSENT = {Datatype.REFERENCE: 0, Datatype.ENUM: 0, Datatype.INSTANT: -1, Datatype.BOOLEAN: -1}
_WHOLE = {Datatype.REFERENCE, Datatype.ENUM, Datatype.INSTANT, Datatype.BOOLEAN, Datatype.INTEGER, Datatype.DECIMAL}


def check_columns(kind: NodeKind | EdgeKind, columns: Iterable[str]) -> None:
    """Raise `ValueError` for a column that the type does not have."""
    heads = EDGE_HEADS if isinstance(kind, EdgeKind) else NODE_HEADS
    for name in columns:
        if name not in heads and name.partition("@")[0] not in kind.properties:
            known = ", ".join([*sorted(heads), *kind.properties])
            raise ValueError(f"{kind.name} has no column {name!r}: it has {known}")


def not_by(kind: NodeKind | EdgeKind, name: str) -> ValueError:
    """The error for a column that a scan cannot be narrowed by."""
    return ValueError(f"{kind.name} cannot be scanned by {name!r}: name key, from, to or a reference column")


def is_whole(each: Property | None) -> bool:
    """Whether the column of a property (None: another language of one) is of whole numbers."""
    return each is not None and not each.many and each.datatype in _WHOLE


def absent(each: Property) -> int:
    """What stands in a column of whole numbers where nothing is stated."""
    return _ABSENT.get(each.datatype, NO_NUMBER)


def maker(each: Property | None) -> Maker:
    """What makes the column of a property of held values, None where nothing is stated; not of references."""
    if each is None or not is_whole(each):
        return objects
    if each.datatype is Datatype.ENUM:
        numbers = positions(each)
        return lambda values: integers([numbers[value] for value in values])
    nothing, kept = absent(each), np.int8 if each.datatype is Datatype.BOOLEAN else np.int64
    return lambda values: np.array([nothing if value is None else value for value in values], kept)


def positions(each: Property) -> dict[str | None, int]:
    """An enumeration's values as numbers from 1, absent as 0."""
    return {None: 0} | {value: place for place, value in enumerate(each.values, 1)}


def integers(values: list[Any]) -> Array:
    return np.array(values, np.int64)


def small(values: list[Any]) -> Array:
    return np.array(values, np.int8)


def objects(values: list[Any]) -> Array:
    return np.fromiter(values, object, len(values))
