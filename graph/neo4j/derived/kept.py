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
_EVIDENCE = (
    "MATCH (e:Evidence) WHERE $low <= e._key AND e._key < $high MATCH (e)-[:learner]->(l) "
    "RETURN collect(e._key), collect(l._key), collect(coalesce(e.kind, '')), collect(coalesce(e.shown_at, 0)), "
    "collect(coalesce(e.verification = 'unverified', false))"
)
_SUPPORTS = (
    "MATCH (e:Evidence) WHERE $low <= e._key AND e._key < $high MATCH (e)-[s:SUPPORTS]->(k) "
    "RETURN collect(e._key), collect(k._key), collect(s.level), collect(coalesce(s.until, $open))"
)
_CREDENTIALS = (
    "UNWIND $keys AS key MATCH (e:Resource {_key: key})-[:about]->(c) WHERE e._until IS NOT NULL "
    "RETURN collect(key), collect(c._key), collect(e._until)"
)
_KEYS_AT_ONCE, _EDGES_AT_ONCE = 50_000, 100_000


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
        rows = self._reading.each(self._statements())
        for evidence in rows:
            yield self._part(evidence[0], next(rows)[0])
        if self._reading.fetch(_DERIVED) != wanted:
            raise moved(self._place)
        if closes:
            self._reading.close()

    def _statements(self) -> Iterator[Statement]:
        ends = [self._reading.fetch(query) for query in (_FIRST, _LAST)]
        size = min(_KEYS_AT_ONCE, nodes_for(self._reading.fetch, ["Evidence"], "SUPPORTS", _EDGES_AT_ONCE))
        for low in range(ends[0][0][0], ends[1][0][0] + 1, size) if ends[0] else ():
            yield _EVIDENCE, {"low": low, "high": low + size}
            yield _SUPPORTS, {"low": low, "high": low + size, "open": OPEN}

    def _part(self, evidence: list[list[Any]], supports: list[list[Any]]) -> Supported:
        keys = np.array(evidence[0], np.int64)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        kind = np.fromiter((self._kinds.get(each, 0) for each in evidence[2]), np.uint8, len(keys))[order]
        starts, subjects, levels, untils = (np.array(column, np.int64) for column in supports)
        return Supported(
            evidence=keys,
            learner=np.array(evidence[1], np.int64)[order],
            kind=kind,
            unverified=np.array(evidence[4], np.bool_)[order],
            since=np.array(evidence[3], np.uint32)[order],
            skills=_shown(keys, starts, subjects, levels // MILLION, untils),
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
