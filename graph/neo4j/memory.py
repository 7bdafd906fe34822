"""What was read of the newest state, kept until something is written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from graph.neo4j.server import Rows

Asked = tuple[Any, ...]
"""A query with its parameters."""

MOST_CELLS = 300_000
"""Values kept in all, some 50 MB."""

_MOST_OF_ONE = 50_000  # values of one answer that are worth keeping
_CELLS_OF_A_MAP = 10


class Memory:
    """Answers to queries, the least recently used forgotten first; safe to use from many threads."""

    def __init__(self, most: int = MOST_CELLS) -> None:
        self._most = most
        self._lock = Lock()
        self._writes = -1  # which state, counted as the store counts
        self._answers: OrderedDict[Asked, tuple[Rows, int]] = OrderedDict()
        self._cells = 0

    def find(self, writes: int, asked: Asked) -> Rows | None:
        """The answer that was given in this state; never to be changed."""
        with self._lock:
            if writes != self._writes or asked not in self._answers:
                return None
            self._answers.move_to_end(asked)
            return self._answers[asked][0]

    def keep(self, writes: int, answers: Mapping[Asked, Rows]) -> None:
        """Remember answers of a state; those of an older one are worth nothing."""
        with self._lock:
            if writes > self._writes:
                self._answers.clear()
                self._writes, self._cells = writes, 0
            if writes == self._writes:
                for asked, rows in answers.items():
                    self._add(asked, rows)

    def _add(self, asked: Asked, rows: Rows) -> None:
        cells = _cells(rows) + sum(len(value) for _, value in asked[1:] if isinstance(value, tuple))
        if cells > _MOST_OF_ONE or asked in self._answers:
            return
        self._answers[asked] = rows, cells
        self._cells += cells
        while self._cells > self._most:
            self._cells -= self._answers.popitem(last=False)[1][1]


def asked_of(query: str, parameters: Mapping[str, Any]) -> Asked:
    """What an answer is kept under."""
    return query, *((name, _frozen(value)) for name, value in parameters.items())


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _cells(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_cells, value)) if value and isinstance(value[0], list | dict) else len(value)
    return _CELLS_OF_A_MAP if isinstance(value, dict) else 1
