"""A server that is only read: whatever would write is refused before it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import WRITE_ACCESS, Session

from graph.errors import NotWritable
from graph.neo4j.link import Wait
from graph.neo4j.server import Counts, Server


class ReadOnlyServer(Server):
    """See `graph.neo4j.server.Server`."""

    def whole(self) -> Counts:
        return self.counts()

    @contextmanager
    def _session(self, access: str) -> Iterator[tuple[Session, Wait]]:
        if access == WRITE_ACCESS:
            raise NotWritable(self.address.shown, "the store was opened for reading only", "Open it for writing.")
        with super()._session(access) as opened:
            yield opened
