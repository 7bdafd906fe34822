"""When dated rules begin and end: answers change at these instants too, though nobody's evidence does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from graph.steady import steady
from graph.store import Store
from ontology.model import Model

_PAGE = 100  # change records at a time


class RuleMoments:
    """The boundaries of edges with `since` and `until` that are not about people; those are in the index."""

    def __init__(self, model: Model) -> None:
        dated = (each for each in model.edges.values() if "since" in each.properties and not each.derived)
        self._types = tuple(each.name for each in dated if each.personal is None)
        self._number = -1
        self._instants: list[int] = []

    def at(self, store: Store, number: int) -> RuleMoments:
        """Brought to a change number; read again only when such an edge changed since."""
        if number > self._number:
            if self._number < 0 or self._changed(store, number):
                self._instants = steady(store, lambda _: self._read(store))
            self._number = number
        return self

    def last(self, until: int) -> int:
        """The last boundary not later than `until`; 0 when there is none."""
        place = bisect_right(self._instants, until)
        return self._instants[place - 1] if place else 0

    def _read(self, store: Store) -> list[int]:
        return sorted({each for name in self._types for each in _instants(store, name)})

    def _changed(self, store: Store, number: int) -> bool:
        since = self._number
        while since < number:
            changes = store.changes(since, _PAGE)
            if not changes or any(item.type in self._types for each in changes for item in each.items):
                return bool(changes)
            since = changes[-1].number
        return False


def _instants(store: Store, name: str) -> Iterator[int]:
    for part in store.scan(name, ["since", "until"]):
        for column in ("since", "until"):
            yield from (int(each) for each in _stated(part.arrays[column]))


def _stated(column: Any) -> Any:
    """The instants of a column that are there: object arrays hold None, numeric ones -1, where there is none."""
    return (each for each in column.tolist() if each is not None and each >= 0)
