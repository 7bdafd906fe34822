"""Superseded versions in the database, and an SQLite file rebuilt with them as the store was at a change number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.neo4j.cypher import Layout
from graph.neo4j.derived.reading import Passing
from graph.neo4j.names import names_ever, texts
from graph.neo4j.states import Reading
from graph.rebuilding import Version
from graph.rebuilding import rebuild as rebuild_file
from graph.rows import read_props
from graph.sqlite.engine import SqliteStore
from graph.store import Columns, Node, Superseded

if TYPE_CHECKING:
    from graph.neo4j.engine import Neo4jStore

_ABOUT = (
    "MATCH (n:Resource) WHERE n.id IN $ids MATCH (h:_History {person: n._key}) WHERE h.end = 0 "
    "RETURN collect([h.since, h.until, h.type, h.start, h.source, h.version, h.props])"
)
_SPREAD = "MATCH (h:_History {type: $type}) RETURN min(h.start), max(h.start), count(h)"
_STOOD = (
    "MATCH (h:_History {type: $type}) WHERE h.since <= $number AND h.until > $number "
    "AND h.start >= $low AND h.start < $high "
    "RETURN collect(h.source), collect(h.version), collect(h.start), collect(h.end), collect(coalesce(h.props, ''))"
)
_ROWS = 20_000  # read by one statement, more or less

Lists = Sequence[list[Any]]


def superseded(store: Neo4jStore, people: Sequence[str]) -> list[Superseded]:
    """See `graph.store.Store.superseded`."""
    return store.states.steadily(lambda reading: _superseded(reading, store.layout, people))


def _superseded(reading: Reading, layout: Layout, people: Sequence[str]) -> list[Superseded]:
    rows = reading.fetch(_ABOUT, ids=texts(people))[0][0]
    rows.sort(key=lambda row: (row[0], row[1], layout.numbers[row[2]], row[3]))
    ids = names_ever(reading, layout, [start for _, _, _, start, *_ in rows])
    return [
        Superseded(Node(ids.get(start, ""), name, read_props(props), source, version), since, until)
        for since, until, name, start, source, version, props in rows
    ]


def rebuild(store: Neo4jStore, number: int, path: Path) -> SqliteStore:
    """See `graph.history.rebuild`. Read as it is while others write: see `graph.rebuilding`."""
    past = _Past(store)
    return rebuild_file(past, store.settings, past.replaced, number, path)


class _Past:
    """What `graph.rebuilding` reads of a store."""

    def __init__(self, store: Neo4jStore) -> None:
        self.model = store.model
        self._store = store
        self._passing = Passing(store.server, store.layout)

    def scan(self, type: str, columns: Sequence[str]) -> Iterator[Columns]:
        return self._passing.scan(type, columns)

    def stated_columns(self, type: str) -> list[str]:
        return self._store.stated_columns(type)

    def ids(self, space: str, keys: Sequence[int]) -> list[str]:
        return self._store.ids(space, keys)

    def replaced(self, type_name: str, number: int) -> Iterator[Version]:
        """Versions of a type that stood at a change number."""
        ((first, last, count),) = self._store.server.read(_SPREAD, type=type_name)
        if not count:
            return
        step = (last - first) * _ROWS // count + 1
        for low in range(first, last + 1, step):
            given = {"type": type_name, "number": number, "low": low, "high": low + step}
            yield from self._versions(self._store.server.read(_STOOD, **given)[0])

    def _versions(self, columns: Lists) -> Iterator[Version]:
        *_, starts, ends, _ = columns
        layout = self._store.layout
        ids = self._store.states.steadily(lambda reading: names_ever(reading, layout, {*starts, *ends} - {0}))
        for source, version, start, end, props in zip(*columns, strict=True):
            keys = (start, end) if end else (start,)
            if all(key in ids for key in keys):  # else it was about somebody who was erased
                yield Version(source, version, tuple(ids[key] for key in keys), read_props(props))
