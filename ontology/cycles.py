"""Cycles in a directed graph given as two columns of node numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
_PEELS = 64  # rounds of peeling leaves and roots before the rest is walked edge by edge


def law_of(term: str) -> str:
    """The name of the law that a term which is sg:acyclic never leads back to where it began.

    >>> law_of("BROADER")
    'broader_has_no_cycle'
    """
    return f"{term.lower()}_has_no_cycle"


def knots(starts: Numbers, ends: Numbers) -> list[list[int]]:
    """The strongly connected sets that hold a cycle: every edge within one lies on a cycle.

    >>> knots(np.array([1, 2, 3, 4]), np.array([2, 1, 1, 4]))
    [[1, 2], [4]]
    """
    starts, ends = _core(starts, ends)
    follows: dict[int, list[int]] = {}
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        follows.setdefault(start, []).append(end)
    return sorted(sorted(knot) for knot in _components(follows) if len(knot) > 1 or knot[0] in follows.get(knot[0], ()))


def a_cycle(knot: Iterable[int], starts: Numbers, ends: Numbers) -> list[int]:
    """One shortest cycle through the smallest node of a knot, that node first.

    >>> a_cycle([1, 2], np.array([1, 2]), np.array([2, 1]))
    [1, 2]
    """
    inside = set(knot)
    follows: dict[int, list[int]] = {}
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if start in inside and end in inside:
            follows.setdefault(start, []).append(end)
    root = min(inside)
    came_from: dict[int, int] = {}
    level = [root]
    while level:
        reached = []
        for node in level:
            for end in sorted(follows[node]):
                if end == root:
                    return _path(root, node, came_from)
                if end not in came_from:
                    came_from[end] = node
                    reached.append(end)
        level = reached
    raise ValueError(f"{sorted(inside)} holds no cycle")


def _path(root: int, node: int, came_from: dict[int, int]) -> list[int]:
    path = [node]
    while path[-1] != root:
        path.append(came_from[path[-1]])
    return path[::-1]


def _core(starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """Without the edges that plainly lie on no cycle."""
    for _ in range(_PEELS):
        kept = np.isin(starts, ends) & np.isin(ends, starts)
        if kept.all():
            break
        starts, ends = starts[kept], ends[kept]
    return starts, ends


def _components(follows: dict[int, list[int]]) -> list[list[int]]:
    """The strongly connected components."""
    walk = _Walk(follows)
    for root in follows:
        if root not in walk.index:
            walk.visit(root)
    return walk.found


class _Walk:
    """Tarjan's algorithm, without recursion."""

    def __init__(self, follows: dict[int, list[int]]) -> None:
        self.found: list[list[int]] = []
        self.index: dict[int, int] = {}
        self._follows = follows
        self._low: dict[int, int] = {}
        self._stack: list[int] = []
        self._open: set[int] = set()

    def visit(self, root: int) -> None:
        """Find the components of what can be reached from a node that was not seen yet."""
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                self._enter(node)
            step = self._advance(node, at)
            if step is not None:
                work += [(node, step[0]), (step[1], 0)]
                continue
            if self._low[node] == self.index[node]:
                self.found.append(self._leave(node))
            if work:
                parent = work[-1][0]
                self._low[parent] = min(self._low[parent], self._low[node])

    def _enter(self, node: int) -> None:
        self.index[node] = self._low[node] = len(self.index)
        self._stack.append(node)
        self._open.add(node)

    def _advance(self, node: int, at: int) -> tuple[int, int] | None:
        """Look at the node's ends from a place on: where to go on and the end to go into, None when all are done."""
        ends = self._follows.get(node, [])
        for place in range(at, len(ends)):
            end = ends[place]
            if end not in self.index:
                return place + 1, end
            if end in self._open:
                self._low[node] = min(self._low[node], self.index[end])
        return None

    def _leave(self, node: int) -> list[int]:
        component: list[int] = []
        while not component or component[-1] != node:
            component.append(self._stack.pop())
            self._open.discard(component[-1])
        return component
