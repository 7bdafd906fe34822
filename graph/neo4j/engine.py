"""The Neo4j store: one database, read and written over Bolt."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graph.kinds import EdgeKind, Kinds, NodeKind, numbered
from graph.neo4j.address import Address
from graph.neo4j.changes import read_changes, read_heads
from graph.neo4j.derived import Deriver
from graph.neo4j.keyring import Neo4jKeyring
from graph.neo4j.ledger import Neo4jLedger
from graph.neo4j.locks import hold
from graph.neo4j.read import Reader
from graph.neo4j.scan import Scanner
from graph.neo4j.server import Server
from graph.neo4j.stated import owned, stated_columns
from graph.neo4j.states import States
from graph.neo4j.writer import BatchWriter
from graph.report import ErasureReport, Finding
from graph.settings import Settings
from graph.store import Batch, Change, Columns, Edge, Hit, Node, Plan, Receipt, Store, Superseded, Supported
from graph.viewer import Viewer
from ontology.model import Model

if TYPE_CHECKING:
    from graph.contents import Contents


class Neo4jStore:
    """See `graph.store.Store`. Safe to use from many threads; `clock` gives the instant of change records and of
    what is in force now."""

    def __init__(
        self, address: Address, server: Server, model: Model, settings: Settings, *, read_only: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.url = address.shown
        self.server = server
        self.model = model
        self.settings = settings
        self.read_only = read_only
        self.layout = Kinds(model, numbered(model), NodeKind, EdgeKind)
        self.states = States(server)
        self.ledger = Neo4jLedger(server, address)
        self.keyring = Neo4jKeyring(server)
        self.deriver = Deriver(self, clock)
        self._writer = BatchWriter(server, self.layout, self.ledger.erased, clock)
        self._reader = Reader(self.states, self.layout, settings, clock)

    def reach(self, seconds: float) -> None:
        self.server.reach(seconds)

    def number(self) -> int:
        return self.states.number()

    def plan(self, batch: Batch) -> Sequence[Plan]:
        return self._writer.plan(batch)

    def write(self, batch: Batch) -> Receipt:
        return self._writer.write(batch)

    def snapshot(self) -> AbstractContextManager[int]:
        return self.states.snapshot()

    def still(self) -> AbstractContextManager[int]:
        return self.states.still()

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        return self._reader.types_of(ids)

    def owned(self, source: str, type: str) -> Iterator[list[tuple[str, ...]]]:
        return owned(self.states, self.layout, self.layout.kind(type), source)

    def get(self, id: str, viewer: Viewer) -> Node | None:
        return self._reader.get(id, viewer)

    def many(self, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
        return self._reader.many(ids, viewer)

    def page(self, type: str, viewer: Viewer, after: str = "", limit: int = 100) -> list[Node]:
        return self._reader.page(self.layout.node_kind(type), viewer, after, limit)

    def expand(
        self, ids: Sequence[str], viewer: Viewer, types: Sequence[str] = (), incoming: bool = False
    ) -> list[Edge]:
        return self._reader.expand(ids, viewer, types, incoming)

    def alike(self, ids: Collection[str]) -> set[str]:
        return self._reader.alike(ids)

    def facts(self, type: str, where: Mapping[str, Sequence[str]], viewer: Viewer) -> list[Node]:
        return self._reader.facts(self.layout.node_kind(type), where, viewer)

    def search(
        self, text: str, viewer: Viewer, types: Sequence[str] = (), language: str | None = None, limit: int = 20
    ) -> list[Hit]:
        return self._reader.search(text, viewer, types, language, limit)

    def scan(
        self, type: str, columns: Sequence[str], where: tuple[str, Sequence[int]] | None = None
    ) -> Iterator[Columns]:
        return Scanner(self.states, self.layout).scan(self.layout.kind(type), columns, where)

    def stated_columns(self, type: str) -> list[str]:
        kind = self.layout.kind(type)
        return self.states.steadily(lambda reading: stated_columns(reading, kind))

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        return self._reader.ids(space, keys)

    def keys(self, space: str, ids: Sequence[str]) -> NDArray[np.int64]:
        return self._reader.keys(space, ids)

    def changes(self, since: int, limit: int = 1000) -> list[Change]:
        return read_changes(self.states, self.layout, since, limit)

    def heads(self, since: int, limit: int = 1000) -> list[Change]:
        return read_heads(self.states, since, limit)

    def hold(self, name: str) -> AbstractContextManager[None]:
        return hold(self.server, name)

    def optimise(self) -> None:
        """Bring what is derived up to date, and forget old batches' markers."""
        self.deriver.catch_up()
        self._writer.forget_old_batches()

    def catch_up(self) -> None:
        self.deriver.catch_up()

    def supported(self) -> Iterator[Supported] | None:
        return self.deriver.supported()

    # what is seldom asked is imported when it is

    def run_cypher(self, text: str, parameters: Mapping[str, Any]) -> tuple[int, list[list[Any]]]:
        from graph.neo4j.twins import run_cypher

        return run_cypher(self, text, parameters)

    def superseded(self, people: Sequence[str]) -> list[Superseded]:
        from graph.neo4j.history import superseded

        return superseded(self, people)

    def rebuild(self, number: int, path: Path) -> Store:
        from graph.neo4j.history import rebuild

        return rebuild(self, number, path)

    def contents(self) -> AbstractContextManager[Contents]:
        from graph.neo4j.contents import contents_of

        return contents_of(self.states, self.layout, self.url)

    def erase(self, person: str) -> ErasureReport:
        from graph.neo4j.erasing import erase

        return erase(self, person)

    def health(self) -> list[Finding]:
        from graph.neo4j.health import findings

        return list(findings(self))

    def close(self) -> None:
        self.states.close()
        self.server.close()
