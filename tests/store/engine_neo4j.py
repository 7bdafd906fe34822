"""The server store, as the contract suite needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from neo4j import GraphDatabase, ManagedTransaction, Session, Transaction
from neo4j.exceptions import ServiceUnavailable

from graph.neo4j.address import parse_address
from graph.place import home
from graph.store import Store
from tests.neo4j import fresh_store
from tests.store.engines import Engine, Traces, texts_in_files

_KEPT = (
    "MATCH (n) RETURN labels(n), properties(n)",
    "MATCH ()-[r]->() RETURN [type(r)], properties(r)",
)


class Neo4jFaults:
    """Every statement and commit of the driver is counted, and may fail as when the connection is lost.

    A commit that fails was done: its answer is lost.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls, self.at, self.for_good = 0, 0, False
        self.error: BaseException | None = None
        patch.setenv("SKILLGRAPH_NEO4J_RETRY_SECONDS", "0.2")
        for kind in (Session, Transaction, ManagedTransaction):
            patch.setattr(kind, "run", self._counted(kind.run))
        patch.setattr(Transaction, "commit", self._answer_lost(Transaction.commit))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self._count()
            return call(*given, **named)

        return counted

    def _answer_lost(self, commit: Callable[[Transaction], None]) -> Callable[[Transaction], None]:
        def done_untold(transaction: Transaction) -> None:
            commit(transaction)
            self._count()

        return done_untold

    def _count(self) -> None:
        self.calls += 1
        if self.at and (self.calls == self.at or (self.for_good and self.calls > self.at)):
            raise self.error or ServiceUnavailable("connection lost")


def traces(store: Store, texts: Sequence[str]) -> Traces:
    """Every node and relationship that holds one of the texts, and every file beside the store on this machine."""
    found = texts_in_files(home(), texts)
    for place, kept in _everything(store.url):
        there = [text for text in texts if text in kept]
        if there:
            found[f"{place}: {kept[:500]}"] = there
    return found


def _everything(url: str) -> Iterator[tuple[str, str]]:
    """(labels or type, properties in one text) of all that is in the database."""
    scheme, _, rest = url.partition(":")
    with GraphDatabase.driver(parse_address(scheme, rest).url, telemetry_disabled=True) as driver:
        for query in _KEPT:
            for names, properties in driver.execute_query(query).records:
                yield ":".join(names), repr(properties)


NEO4J = Engine(fresh=lambda _: fresh_store(), failing=Neo4jFaults, traces=traces, examples=0.1)
