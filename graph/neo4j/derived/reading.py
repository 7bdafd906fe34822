"""Reading what things are derived from.

Not of one state: what is written meanwhile is told by change records that come after those it is derived for, so it is
derived again. Columns come by few records of long lists, which is what the driver reads fastest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.columns import Where
from graph.neo4j.cypher import Layout, parts
from graph.neo4j.memory import Memory
from graph.neo4j.scan import Scanner
from graph.neo4j.server import Rows, Server
from graph.neo4j.states import Reading, States
from graph.store import Columns
from ontology.model import Model

Ints = NDArray[np.int64]
Ask = Callable[..., Rows]
"""Gives the rows of a query with its parameters."""

NOTHING = np.zeros(0, np.int64)
KEYS_AT_ONCE = 10_000


class Passing:
    """The store's columns as they are at the moment of each statement."""

    def __init__(self, server: Server, layout: Layout) -> None:
        self.model: Model = layout.model
        self.layout = layout
        self.ask: Ask = server.read
        self._scanner = Scanner(_Whichever(server), layout)

    def scan(self, type: str, columns: Sequence[str], where: Where | None = None) -> Iterator[Columns]:
        """See `graph.store.Store.scan`."""
        return self._scanner.scan(self.layout.kind(type), columns, where)

    def columns(self, query: str, **parameters: object) -> list[list[Any]]:
        """See `graph.neo4j.people.Asked`."""
        found: list[list[Any]] = self.ask(query, **parameters)[0]
        return found


class _Whichever(States):
    def newest(self) -> Reading:
        return _Unheld(self._server, Memory(most=0), self._server.counts())


class _Unheld(Reading):
    def close(self) -> None:
        """It does not matter whether the state stayed."""

    def _look(self) -> None: ...


def columns(ask: Ask, query: str, keys: Ints, width: int, **parameters: object) -> list[Ints]:
    """The columns of a query that gives one record of lists for `$keys`, asked for a part of the keys at a time."""
    records = [ask(query, keys=some, **parameters)[0] for some in parts(keys.tolist(), KEYS_AT_ONCE)]
    return [joined(record[place] for record in records) for place in range(width)]


def column(ask: Ask, query: str, keys: Ints, **parameters: object) -> Ints:
    """The only column, ascending and each number once."""
    return np.unique(columns(ask, query, keys, 1, **parameters)[0])


def joined(lists: Iterable[Sequence[int] | Ints]) -> Ints:
    """All lists, one after the other."""
    return np.concatenate([NOTHING, *(np.asarray(each, np.int64) for each in lists)])


def union(*keys: Ints) -> Ints:
    """Ascending, each key once."""
    return np.unique(joined(keys))
