"""What evidence supports, read back whole for the index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.neo4j.derived.reading import Ints, columns
from graph.neo4j.ranges import nodes_for
from graph.neo4j.states import Reading, Statement, States, moved
from graph.store import Shown, Supported
from ontology.model import Model
from ontology.values import MILLION, OPEN

_DERIVED = "MATCH (s:_Store) RETURN s.derived, s.derived_for"
_FIRST = "MATCH (e:Evidence) WHERE e._key > 0 RETURN e._key ORDER BY e._key LIMIT 1"
_LAST = "MATCH (e:Evidence) WHERE e._key > 0 RETURN e._key ORDER BY e._key DESC LIMIT 1"
# What fits is packed into one number: the server and the driver take their time for each value, whatever its size.
_PLACE_BITS, _LEVEL_BITS, _KIND_BITS = 17, 8, 8  # of a place in the range of keys, a level, a kind
_PLACES, _LEVELS, _KINDS = (1 << _PLACE_BITS) - 1, (1 << _LEVEL_BITS) - 1, (1 << _KIND_BITS) - 1
_EVIDENCE = (
    "MATCH (e:Evidence) WHERE $low <= e._key AND e._key < $high MATCH (e)-[:learner]->(l) "
    f"RETURN collect(((l._key * {1 << _KIND_BITS} + coalesce($kinds[e.kind], 0)) * 2 "
    f"+ CASE e.verification WHEN 'unverified' THEN 1 ELSE 0 END) * {1 << _PLACE_BITS} + e._key - $low), "
    "collect(coalesce(e.shown_at, 0))"
)
_SUPPORTS = (
    "MATCH (e:Evidence) WHERE $low <= e._key AND e._key < $high MATCH (e)-[s:SUPPORTS]->(k) "
    f"RETURN collect((k._key * {1 << _LEVEL_BITS} + s.level / {MILLION}) * {1 << _PLACE_BITS} + e._key - $low), "
    "collect(coalesce(s.until, 0))"
)
_CREDENTIALS = (
    "UNWIND $keys AS key MATCH (e:Resource {_key: key})-[:about]->(c) WHERE e._until IS NOT NULL "
    "RETURN collect(key), collect(c._key), collect(e._until)"
)
_KEYS_AT_ONCE, _EDGES_AT_ONCE = 50_000, 100_000  # the first is less than a place has room for


def supported(states: States, place: str, model: Model, settings: str) -> Iterator[Supported] | None:
    """See `graph.store.Supports`; `settings` are what it must be derived for, `place` is the address to be shown."""
    current = states.current()
    reading = current or states.newest()
    wanted = [[reading.number, settings]]
    if reading.fetch(_DERIVED) != wanted:
        return None
    return _Parts(reading, place, model).all(wanted, closes=current is None)


class _Parts:
    """The evidence in ranges of keys. Of each the evidence and what it supports are read at the same time."""

    def __init__(self, reading: Reading, place: str, model: Model) -> None:
        self._reading = reading
        self._place = place
        values = model.nodes["Evidence"].properties["kind"].values
        self._kinds = {kind: place for place, kind in enumerate(values, 1)}
        self._credential = self._kinds["credential"]

    def all(self, wanted: list[list[Any]], closes: bool) -> Iterator[Supported]:
        """Every part; raises `Moved` when what was derived did not stay as it was."""
        lows = self._lows()
        rows = self._reading.each(statement for low in lows for statement in self._statements(lows, low))
        for low in lows:
            yield self._part(low, next(rows)[0], next(rows)[0])
        if self._reading.fetch(_DERIVED) != wanted:
            raise moved(self._place)
        if closes:
            self._reading.close()

    def _lows(self) -> range:
        """Where the ranges of keys begin."""
        ends = [self._reading.fetch(query) for query in (_FIRST, _LAST)]
        if not ends[0]:
            return range(0)
        size = min(_KEYS_AT_ONCE, nodes_for(self._reading.fetch, ["Evidence"], "SUPPORTS", _EDGES_AT_ONCE))
        return range(ends[0][0][0], ends[1][0][0] + 1, size)

    def _statements(self, lows: range, low: int) -> Iterator[Statement]:
        bounds = {"low": low, "high": low + lows.step}
        yield _EVIDENCE, {**bounds, "kinds": self._kinds}
        yield _SUPPORTS, bounds

    def _part(self, low: int, evidence: list[list[int]], supports: list[list[int]]) -> Supported:
        told, since = (np.array(column, np.int64) for column in evidence)
        order = np.argsort(told & _PLACES, kind="stable")
        told, since = told[order], since[order]
        learners, keys = told >> (_PLACE_BITS + 1 + _KIND_BITS), low + (told & _PLACES)
        kind = (told >> (_PLACE_BITS + 1) & _KINDS).astype(np.uint8)
        edges, until = (np.array(column, np.int64) for column in supports)
        subjects, levels = edges >> (_PLACE_BITS + _LEVEL_BITS), edges >> _PLACE_BITS & _LEVELS
        return Supported(
            evidence=keys,
            learner=learners,
            kind=kind,
            unverified=(told >> _PLACE_BITS & 1).astype(np.bool_),
            since=since.astype(np.uint32),
            skills=_shown(keys, low + (edges & _PLACES), subjects, levels, np.where(until == 0, OPEN, until)),
            credentials=self._credentials(keys, keys[kind == self._credential]),
        )

    def _credentials(self, keys: Ints, held: Ints) -> Shown:
        starts, subjects, untils = columns(self._reading.fetch, _CREDENTIALS, held, 3)
        return _shown(keys, starts, subjects, np.ones(len(starts), np.int64), untils)


def _shown(keys: Ints, starts: Ints, subjects: Ints, levels: Ints, untils: Ints) -> Shown:
    """Of evidence that is among the keys; without a learner it is not."""
    places = np.minimum(np.searchsorted(keys, starts), max(0, len(keys) - 1))
    order = np.argsort(places, kind="stable")
    order = order[keys[places[order]] == starts[order]] if len(keys) else order[:0]
    columns_of: tuple[NDArray[Any], ...] = (places, subjects, levels.astype(np.uint8), untils.astype(np.uint32))
    return Shown(*(column[order] for column in columns_of))
