"""Queries that are not the engine's own, each read in one state, with what is derived brought up to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graph.errors import Moved, StoreError
from graph.neo4j.server import Rows
from graph.neo4j.shape import derived_for
from graph.neo4j.states import moved
from graph.steady import ROUNDS

if TYPE_CHECKING:
    from graph.neo4j.engine import Neo4jStore

_DERIVED = "MATCH (s:_Store) RETURN s.derived, s.derived_for"


def run_cypher(store: Neo4jStore, text: str, parameters: Mapping[str, Any]) -> tuple[int, Rows]:
    """See `graph.store.Cypher`. Read by one server, in one transaction that may take `Limits.long_seconds`.

    Raises `Moved` when others write faster than things can be derived and read.
    """
    for _ in range(ROUNDS):
        store.deriver.catch_up()
        try:
            with store.server.steady(), store.states.snapshot() as number:
                return number, _read(store, number, text, parameters)
        except Moved:
            pass  # and again
    raise moved(store.url)


def _read(store: Neo4jStore, number: int, text: str, parameters: Mapping[str, Any]) -> Rows:
    wanted = [[number, derived_for(store.settings)]]
    if store.states.fetch(_DERIVED) != wanted:
        if store.read_only:
            problem = "it is only read here, and what evidence supports is not derived up to the last change"
            raise StoreError(store.url, problem, "Open it for writing once, or let the API run.")
        raise moved(store.url)
    rows = store.states.fetch(text, **parameters)
    if store.states.fetch(_DERIVED) != wanted:
        raise moved(store.url)
    return rows
