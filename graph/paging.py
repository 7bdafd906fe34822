"""Pages of what a viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from graph.kinds import NodeKind
from graph.sight import Row, Sight
from graph.store import Node

_SLICE = 1000  # rows looked at together for a viewer who may not see all
_SLICES = 3


class Rows(Protocol):
    """What an engine gives of one type: rows in id order."""

    def after(self, id: str, limit: int) -> Sequence[Row]:
        """Those that follow an id."""
        ...

    def about(self, people: set[int], id: str, limit: int) -> Sequence[Row]:
        """Of these, those about one of these people."""
        ...


def page(kind: NodeKind, rows: Rows, sight: Sight, after: str, limit: int) -> list[Node]:
    """Nodes in id order; what may not be seen is passed over, and when that is most, the rest is picked out."""
    found: list[Node] = []
    after = after.encode(errors="replace").decode()
    for _ in range(_SLICES):
        size = max(limit - len(found), 0 if sight.everyone else _SLICE)
        some = rows.after(after, size)
        found += sight.nodes(kind, some)
        if len(found) >= limit or len(some) < size or not sight.sees_type(kind):
            return found[:limit]
        after = some[-1][1].id
    return (found + sight.nodes(kind, rows.about(sight.seen, after, limit)))[:limit]
