"""What was read of the newest state, kept until something is written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
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
        self._state: Hashable = None  # which it is of
        self._answers: OrderedDict[Asked, tuple[Rows, int]] = OrderedDict()
        self._cells = 0

    def find(self, state: Hashable, asked: Asked) -> Rows | None:
        """The answer that was given in this state, as the store counts its states; never to be changed."""
        with self._lock:
            self._turn_to(state)
            if asked not in self._answers:
                return None
            self._answers.move_to_end(asked)
            return self._answers[asked][0]

    def keep(self, state: Hashable, answers: Mapping[Asked, Rows]) -> None:
        """Remember answers of a state."""
        with self._lock:
            self._turn_to(state)
            for asked, rows in answers.items():
                self._add(asked, rows)

    def _turn_to(self, state: Hashable) -> None:
        """Answers of any other state are worth nothing, of a later one neither: it may be one that a backup undid."""
        if state != self._state:
            self._answers.clear()
            self._state, self._cells = state, 0

    def _add(self, asked: Asked, rows: Rows) -> None:
        size = weight(asked, rows)
        if size > _MOST_OF_ONE or asked in self._answers:
            return
        self._answers[asked] = rows, size
        self._cells += size
        while self._cells > self._most:
            self._cells -= self._answers.popitem(last=False)[1][1]


def asked_of(query: str, parameters: Mapping[str, Any]) -> Asked:
    """What an answer is kept under."""
    return query, *((name, _frozen(value)) for name, value in parameters.items())


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def weight(asked: Asked, rows: Rows) -> int:
    """How many values there are in an answer and in the parameters that it was asked with."""
    return _cells(rows) + sum(len(value) for _, value in asked[1:] if isinstance(value, tuple))


def _cells(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_cells, value)) if value and isinstance(value[0], list | dict) else len(value)
    return _CELLS_OF_A_MAP if isinstance(value, dict) else 1
