"""The SQLite store: one file in WAL mode, one writer and many readers."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graph.columns import Where
from graph.errors import StoreLocked
from graph.joining import Hashes, alike
from graph.kinds import NODES
from graph.report import ErasureReport, Finding
from graph.search import Searcher
from graph.settings import Settings
from graph.sight import Sight
from graph.sqlite import locks, statistics
from graph.sqlite.changes import read_changes, read_heads
from graph.sqlite.connection import Connections
from graph.sqlite.keyring import SqliteKeyring
from graph.sqlite.layout import Layout
from graph.sqlite.ledger import SqliteLedger
from graph.sqlite.people import SqlitePeople
from graph.sqlite.read import Reader
from graph.sqlite.scan import Scanner
from graph.sqlite.search import SqliteLabels, Vocabulary
from graph.sqlite.stated import stated_columns
from graph.sqlite.write import number_of, writes_of
from graph.sqlite.writer import BatchWriter
from graph.store import Batch, Change, Columns, Edge, Hit, Node, Plan, Receipt, Superseded
from graph.viewer import Viewer
from ontology.model import Model

if TYPE_CHECKING:
    from graph.contents import Contents


class SqliteStore:
    """See `graph.store.Store`. Safe to use from many threads; `clock` gives the instant of change records and of
    what is in force now."""

    def __init__(
        self, path: Path, model: Model, settings: Settings, *, read_only: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.url = f"sqlite:{path}"
        self.path = path
        self.model = model
        self.settings = settings
        self.connections = Connections(path, read_only)
        self.ledger = SqliteLedger(self.connections, path, lambda name: locks.is_held(path, name))
        self.keyring = SqliteKeyring(self.connections)
        self._clock = clock
        self._vocabulary = Vocabulary()
        self._hashes = Hashes()
        with self.connections.reading() as db:
            self.layout = Layout(model, db)
        self._writer = BatchWriter(self.connections, self.layout, self.ledger.erased, clock)

    def number(self) -> int:
        with self.connections.reading() as db:
            return number_of(db)

    def plan(self, batch: Batch) -> Sequence[Plan]:
        return self._writer.plan(batch)

    def write(self, batch: Batch) -> Receipt:
        return self._writer.write(batch)

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """Every read of this thread sees one state, whose number is given, until the block ends."""
        with self.connections.snapshot() as db:
            yield number_of(db)

    def still(self) -> AbstractContextManager[int]:
        """A snapshot never moves here, and nobody waits for it."""
        return self.snapshot()

    def types_of(self, ids: Sequence[str]) -> list[str | None]:
        with self._reader() as reader:
            return reader.types_of(ids)

    def owned(self, source: str, type: str) -> Iterator[list[tuple[str, ...]]]:
        with self._reader() as reader:
            yield from reader.owned(self.layout.kind(type), source)

    def get(self, id: str, viewer: Viewer) -> Node | None:
        with self._reader() as reader:
            return reader.get(id, self._sight(reader, viewer))

    def many(self, ids: Sequence[str], viewer: Viewer) -> dict[str, Node]:
        with self._reader() as reader:
            return reader.many(ids, self._sight(reader, viewer))

    def page(self, type: str, viewer: Viewer, after: str = "", limit: int = 100) -> list[Node]:
        with self._reader() as reader:
            return reader.page(self.layout.node_kind(type), self._sight(reader, viewer), after, limit)

    def expand(
        self, ids: Sequence[str], viewer: Viewer, types: Sequence[str] = (), incoming: bool = False
    ) -> list[Edge]:
        with self._reader() as reader:
            return reader.expand(ids, self._sight(reader, viewer), types, incoming)

    def alike(self, ids: Collection[str]) -> set[str]:
        with self._reader() as reader:
            keys = reader.keys(NODES, sorted(ids))
            found = alike(SqlitePeople(reader.db, self.layout, self._hashes), keys[keys > 0].tolist())
            return set(reader.ids(NODES, sorted(found)))

    def facts(self, type: str, where: Mapping[str, Sequence[str]], viewer: Viewer) -> list[Node]:
        with self._reader() as reader:
            return reader.facts(self.layout.node_kind(type), where, self._sight(reader, viewer))

    def search(
        self, text: str, viewer: Viewer, types: Sequence[str] = (), language: str | None = None, limit: int = 20
    ) -> list[Hit]:
        with self._reader() as reader:
            labels = SqliteLabels(reader.db, self.layout, self._vocabulary, writes_of(reader.db))
            return Searcher(labels, self._sight(reader, viewer)).search(text, types, language, limit)

    def scan(self, type: str, columns: Sequence[str], where: Where | None = None) -> Iterator[Columns]:
        with self.connections.reading() as db:
            yield from Scanner(db, self.layout).scan(self.layout.kind(type), columns, where)

    def stated_columns(self, type: str) -> list[str]:
        with self.connections.reading() as db:
            return stated_columns(db, self.layout.kind(type))

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        with self._reader() as reader:
            return reader.ids(space, keys)

    def keys(self, space: str, ids: Sequence[str]) -> NDArray[np.int64]:
        with self._reader() as reader:
            return reader.keys(space, ids)

    def changes(self, since: int, limit: int = 1000) -> list[Change]:
        with self.connections.reading() as db:
            return read_changes(db, self.layout, since, limit)

    def heads(self, since: int, limit: int = 1000) -> list[Change]:
        with self.connections.reading() as db:
            return read_heads(db, since, limit)

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        with locks.hold(self.path, name):
            yield

    def optimise(self) -> None:
        """Once much was written, make statistics anew and fold the log into the file.

        While others write without a pause they are left as they are, for the next load to refresh.
        """
        with self.connections.reading() as db:
            if not statistics.are_due(db):
                return
        with suppress(StoreLocked), self.connections.maintaining() as db:
            statistics.make(db)
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    # what is seldom asked is imported when it is: answering starts sooner

    def superseded(self, people: Sequence[str]) -> list[Superseded]:
        from graph.sqlite.history import superseded

        with self.connections.reading() as db:
            return superseded(db, self.layout, people)

    def rebuild(self, number: int, path: Path) -> SqliteStore:
        from graph.sqlite.history import rebuild_file

        return rebuild_file(self, number, path)

    @contextmanager
    def contents(self) -> Iterator[Contents]:
        """See `graph.contents.Movable`; one read transaction holds the state."""
        from graph.sqlite.contents import SqliteContents

        with self.connections.snapshot() as db:
            yield SqliteContents(db, self.layout, self.path)

    def erase(self, person: str) -> ErasureReport:
        from graph.sqlite.erasing import erase

        return erase(self, person)

    def health(self) -> list[Finding]:
        from graph.sqlite.health import findings

        return list(findings(self.connections, self.layout, self.path))

    def close(self) -> None:
        self.connections.close()

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        with self.connections.reading() as db:
            yield Reader(db, self.layout)

    def _sight(self, reader: Reader, viewer: Viewer) -> Sight:
        people = SqlitePeople(reader.db, self.layout, self._hashes)
        return Sight(people, self.layout, viewer, self.settings, int(self._clock()))
