"""Every record of a store as columns of held values, streamed; what digest and exports are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.boundary import property_of
from graph.store import Columns
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

Held = dict[str, list[Any]]
"""Columns of one length: "id", or "from" and "to", then HEADS and properties; None where nothing is stated."""

HEADS = (
    "version",
    "source",
)  # known of a record, not stated in it; the source is the one that stated it first

_ABSENT = {Datatype.INSTANT: -1, Datatype.BOOLEAN: -1}  # of other numbers -2**63


class Scanned(Protocol):
    """What records are read from: a store, or what reads one as it goes by; see `graph.store.Store`."""

    @property
    def model(self) -> Model: ...

    def stated_columns(self, type: str, /) -> list[str]: ...

    def ids(self, space: str, keys: Sequence[int], /) -> list[str]: ...

    def scan(self, type: str, columns: Sequence[str], /) -> Iterator[Columns]: ...


def record_columns(store: Scanned, kind: NodeType | EdgeType, heads: Sequence[str] = HEADS) -> Iterator[Held]:
    """Batches of a type's records, in no promised order; each has every property, and every language that is stated."""
    ends = ("id",) if isinstance(kind, NodeType) else ("from", "to")
    names = list(dict.fromkeys([*kind.properties, *store.stated_columns(kind.name)]))
    for batch in store.scan(kind.name, [*ends, *heads, *names]):
        columns = {name: _head(store, kind, name, batch.arrays) for name in (*ends, *heads)}
        yield columns | {name: _values(store, property_of(kind, name), batch.arrays[name]) for name in names}


def _head(store: Scanned, kind: NodeType | EdgeType, name: str, arrays: Mapping[str, NDArray[Any]]) -> list[Any]:
    if isinstance(kind, EdgeType) and name in ("from", "to"):
        types = {pair[0 if name == "from" else 1] for pair in kind.ends}
        return _ids(store, types, arrays[name])
    values: list[Any] = arrays[name].tolist()
    return values


def _values(store: Scanned, kind: Property, array: NDArray[Any]) -> list[Any]:
    """A scanned column as held values."""
    if array.dtype == object:
        stated: list[Any] = array.tolist()
        return stated
    if kind.datatype is Datatype.REFERENCE:
        return [id or None for id in _ids(store, set(kind.targets), array)]
    if kind.datatype is Datatype.ENUM:
        return list(map((None, *kind.values).__getitem__, array.tolist()))
    absent = _ABSENT.get(kind.datatype, -(2**63))
    values = array.tolist()
    if kind.datatype is Datatype.BOOLEAN:
        return [None if value == absent else bool(value) for value in values]
    return [None if value == absent else value for value in values] if (array == absent).any() else values


def _ids(store: Scanned, types: set[str], keys: NDArray[Any]) -> list[str]:
    """The ids of keys, each looked up once; what one column refers to is in one key space."""
    (space,) = {store.model.space(name) for name in types}
    distinct, places = np.unique(keys, return_inverse=True)
    looked_up = store.ids(space, distinct.tolist())
    ids = ["" if key == 0 else id for key, id in zip(distinct.tolist(), looked_up, strict=True)]
    return list(map(ids.__getitem__, places.tolist()))
