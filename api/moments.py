"""When dated rules begin and end: answers change at these instants too, though nobody's evidence does.

With it goes what answers may take over from one another, since that lasts from one change of rules to the next.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from graph.steady import steady
from graph.store import Store
from graph.viewer import Viewer
from ontology.model import EdgeType, Model, NodeType
from queries.memory import Memory, Shelves

_PAGE = 100  # change records at a time
_SIGHTS: Final = 64  # for how many sorts of viewers something is remembered
_MOST: Final = 200_000  # of what is remembered for all of them
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?")
"""A language, its script, its region. Clients write what they like; for any other tag nothing is remembered."""

Sight = tuple[frozenset[str], frozenset[str] | None, str]
"""What decides what a viewer sees of what is not personal, and in which language."""


@dataclass(slots=True)
class _Remembered:
    """What was remembered for each sight; the one that was not asked for longest is forgotten first."""

    sights: OrderedDict[Sight, Shelves] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, sight: Sight) -> Shelves:
        with self.lock:
            shelves = self.sights.setdefault(sight, {})
            self.sights.move_to_end(sight)
            while len(self.sights) > 1 and (len(self.sights) > _SIGHTS or self._size() > _MOST):
                self.sights.popitem(last=False)
            return shelves

    def _size(self) -> int:
        return sum(len(shelf) for shelves in self.sights.values() for shelf in list(shelves.values()))


@dataclass(frozen=True, slots=True)
class _Stand:
    """What is true of every state from change number `since` to `until`."""

    since: int
    until: int
    instants: Sequence[int] = ()
    remembered: _Remembered = field(default_factory=_Remembered)


class RuleMoments:
    """The boundaries of edges with `since` and `until` that are not about people; those are in the index."""

    def __init__(self, model: Model) -> None:
        dated = (each for each in model.edges.values() if "since" in each.properties and not each.derived)
        self._types = frozenset(each.name for each in dated if each.personal is None)
        types: list[NodeType | EdgeType] = [*model.nodes.values(), *model.edges.values()]
        self._about_people = frozenset(each.name for each in types if each.personal is not None)
        self._stand = _Stand(-1, -1)

    def at(self, store: Store, number: int) -> RuleMoments:
        """Brought to a change number; read again only when such an edge changed since. Not from several threads."""
        stand = self._stand
        if number > stand.until:
            changed = self._changed(store, stand.until, number) if stand.until >= 0 else self._types
            if changed & self._types:
                self._stand = steady(store, lambda now: _Stand(now, now, self._read(store)))
            elif changed - self._about_people:
                self._stand = _Stand(number, number, stand.instants)
            else:
                self._stand = replace(stand, until=number)
        return self

    def last(self, until: int) -> int:
        """The last boundary not later than `until`; 0 when there is none."""
        return _last(self._stand.instants, until)

    def memory(self, number: int, viewer: Viewer, language: str) -> Memory:
        """What an answer of a change number may take over; an empty one for a number that this does not stand at."""
        stand = self._stand
        if not stand.since <= number <= stand.until or (language and not _LANGUAGE.fullmatch(language)):
            return Memory()
        shelves = stand.remembered.of((viewer.scopes, viewer.org_units, language))
        return Memory(shelves, lambda at: _last(stand.instants, at))

    def _read(self, store: Store) -> list[int]:
        return sorted({each for name in sorted(self._types) for each in _instants(store, name)})

    def _changed(self, store: Store, since: int, number: int) -> frozenset[str]:
        """The types of what changed after one number, up to another at least."""
        types: set[str] = set()
        while since < number:
            changes = store.changes(since, _PAGE)
            if not changes:
                break
            types.update(item.type for each in changes for item in each.items)
            since = changes[-1].number
        return frozenset(types)


def _last(instants: Sequence[int], until: int) -> int:
    place = bisect_right(instants, until)
    return instants[place - 1] if place else 0


def _instants(store: Store, name: str) -> Iterator[int]:
    for part in store.scan(name, ["since", "until"]):
        for column in ("since", "until"):
            yield from (int(each) for each in _stated(part.arrays[column]))


def _stated(column: Any) -> Any:
    """The instants of a column that are there: object arrays hold None, numeric ones -1, where there is none."""
    return (each for each in column.tolist() if each is not None and each >= 0)
