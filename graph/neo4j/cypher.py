"""Pieces of Cypher made from the model. What users say is never among them: it travels in parameters alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.kinds import EdgeKind, Kinds, NodeKind

T = TypeVar("T")
S = TypeVar("S", Sequence[Any], NDArray[np.int64])
Layout = Kinds[NodeKind, EdgeKind]

MOST_ROWS = 10_000
"""Rows that one statement takes: more cost the server's memory and are no faster."""


def quoted(name: str) -> str:
    """A label, relationship type or property name."""
    return "`" + name.replace("`", "``") + "`"


def any_of(names: Iterable[str]) -> str:
    """The relationship types of a pattern, after its colon."""
    return "|".join(map(quoted, names))


def stated_edges(kinds: Layout) -> list[str]:
    """The edge types that sources state; the others are derived."""
    return [name for name, kind in kinds.model.edges.items() if not kind.derived]


def sources(edge: str) -> str:
    """An expression for the names of all that state a relationship, in the order in which they first did."""
    return f"[{edge}._source] + coalesce({edge}._also, [])"


def versions(edge: str) -> str:
    """An expression for the version of each."""
    return f"[{edge}._version] + coalesce({edge}._also_versions, [])"


def person_path(kinds: Layout, kind: NodeKind) -> list[str] | None:
    """The references that lead from a node to the Learner it is about; none for the Learner, None for no person's."""
    if kind.person is None or kind.person == "id":
        return None if kind.person is None else []
    (through,) = kind.properties[kind.person].targets
    return [kind.person, *(person_path(kinds, kinds.node_kind(through)) or [])]


def person_key(kinds: Layout, kind: NodeKind, row: str) -> str:
    """An expression for the key of the Learner that the node `row` is about, 0 if none."""
    path = person_path(kinds, kind)
    if path is None:
        return "0"
    if not path:
        return f"{row}._key"
    steps = "".join(f"-[:{quoted(name)}]->({'p' if last else ''})" for name, last in _with_last(path))
    return f"coalesce([({row}){steps} | p._key][0], 0)"


def _with_last(values: Sequence[T]) -> Iterator[tuple[T, bool]]:
    return ((value, place == len(values)) for place, value in enumerate(values, 1))


def parts(rows: S, size: int = MOST_ROWS) -> Iterator[S]:
    """Rows in slices that one statement takes."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
