"""What is kept about loads, in the database: `(:_Load)` and `(:_HeldRow)`, with the properties of `graph.ledger_rows`.

`_Load.id` and `_HeldRow.key` are counted by the store's node, under its lock; `refers_to` is absent where it is empty.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from graph.ledger import HeldRow, LoadRecord
from graph.ledger_rows import (
    HELD_COLUMNS,
    LOAD_COLUMNS,
    as_it_is,
    counts_text,
    erasure_hashes,
    held_cells,
    held_row,
    load_record,
    read_cursors,
    sendable,
    snapshot_after,
)
from graph.neo4j.address import Address
from graph.neo4j.cypher import parts
from graph.neo4j.held import COLUMNS, pages, slices
from graph.neo4j.locks import is_held
from graph.neo4j.referrers import Ask
from graph.neo4j.secrets import shared_secret
from graph.neo4j.server import Server, Writer
from graph.putaside import naming, texts_of
from graph.secret import Secret

_MANY_HASHES = 1000

_LOAD = ", ".join(f"l.{name}" for name in LOAD_COLUMNS)
_SET_HELD = ", ".join(
    f"{name}: CASE cells[{place}] WHEN '' THEN NULL ELSE cells[{place}] END" if name == "refers_to"
    else f"{name}: cells[{place}]"
    for place, name in enumerate(HELD_COLUMNS)
)  # fmt: skip
_LAST = "MATCH (l:_Load {name: $name}) RETURN max(l.snapshot_at)"
_INTERRUPT = "MATCH (l:_Load {name: $name}) WHERE l.state = 'running' SET l.state = 'interrupted', l.finished_at = $now"
_START = (
    "MATCH (s:_Store) SET s.last_load = coalesce(s.last_load, 0) + 1 "
    "CREATE (l:_Load {id: s.last_load, state: 'running', counts: '{}'}) SET l += $load RETURN l.id"
)
_FINISH = "MATCH (l:_Load {id: $id}) SET l += $load"
_ONE_LOAD = f"MATCH (l:_Load {{id: $id}}) RETURN {_LOAD}"
_LOADS = f"MATCH (l:_Load) WHERE $name IS NULL OR l.name = $name RETURN {_LOAD} ORDER BY l.id DESC LIMIT $limit"
_HOLD = (
    "MATCH (s:_Store) WITH s, coalesce(s.last_held, 0) AS last SET s.last_held = last + size($rows) WITH last "
    "UNWIND range(0, size($rows) - 1) AS place WITH last + place + 1 AS key, $rows[place] AS cells "
    "OPTIONAL MATCH (l:_Load {id: cells[0]}) "
    f"CREATE (:_HeldRow {{key: key, name: l.name, {_SET_HELD}}})"
)
_RELEASE = (
    "UNWIND $rows AS row MATCH (h:_HeldRow {load: row[0], row: row[2]}) WHERE h.file = row[1] AND h.kind = row[3] "
    "DETACH DELETE h"
)
_AWAITED = "MATCH (h:_HeldRow) WHERE h.refers_to > '' RETURN collect(DISTINCT h.refers_to)"
_WAITING_FOR = (
    "UNWIND $ids AS id MATCH (h:_HeldRow {refers_to: id}) WHERE h.kind = 'waiting' "
    f"WITH h ORDER BY h.key LIMIT $limit RETURN collect([{COLUMNS}])"
)
_LAST_COMPLETE = "MATCH (s:_Source {name: $name}) RETURN s.last_complete"
_SET_LAST_COMPLETE = (
    "MERGE (s:_Source {name: $name}) "
    "SET s.last_complete = CASE WHEN s.last_complete > $at THEN s.last_complete ELSE $at END"
)
_CURSORS = "MATCH (s:_Source {name: $name}) RETURN s.cursors"
_ANY_ERASED = "MATCH (e:_Erased) RETURN 1 LIMIT 1"
_ERASED = "UNWIND $hashes AS hash MATCH (e:_Erased {hash: hash}) RETURN collect(e.hash)"
_ALL_ERASED = "MATCH (e:_Erased) RETURN collect(e.hash)"


class Neo4jLedger:
    """See `graph.ledger.Ledger`."""

    def __init__(self, server: Server, address: Address) -> None:
        self._server = server
        self._address = address
        self._secret: Secret | None = None

    @property
    def secret(self) -> Secret:
        """The deployment's secret, read when it is first needed."""
        if self._secret is None:
            self._secret = shared_secret(self._server, self._address)
        return self._secret

    def start(self, name: str, source: str, snapshot_at: int | None, complete: bool) -> int:
        """To be called while the load's name is held: a load of it that still says running is of a dead process."""
        load = {"name": sendable(name), "source": sendable(source), "complete": complete}

        def work(writer: Writer) -> int:
            now = int(time.time())
            writer.run(_INTERRUPT, name=load["name"], now=now)
            last = _first(writer.run(_LAST, name=load["name"]))
            snapshot = snapshot_after(last, now) if snapshot_at is None else snapshot_at
            return int(_first(writer.run(_START, load=load | {"started_at": now, "snapshot_at": snapshot})))

        return self._server.write(work)

    def next_snapshot(self, name: str) -> int:
        return snapshot_after(_first(self._server.read(_LAST, name=sendable(name))), int(time.time()))

    def finish(self, record: LoadRecord) -> None:
        load = {
            "state": record.state,
            "finished_at": record.finished_at,
            "snapshot_at": record.snapshot_at,
            "complete": record.complete,
            "counts": counts_text(record),
        }
        self._server.write(lambda writer: writer.run(_FINISH, id=record.id, load=load))

    def load(self, load: int) -> LoadRecord | None:
        return next(iter(self._records(self._server.read(_ONE_LOAD, id=load))), None)

    def loads(self, name: str | None = None, limit: int = 100) -> list[LoadRecord]:
        return self._records(self._server.read(_LOADS, name=_sendable(name), limit=limit))

    def hold_rows(self, rows: Iterable[HeldRow]) -> None:
        """Committed in slices: a load keeps its millions of rejects without holding the store's lock for long."""
        for part in slices(map(held_cells, rows)):
            self._server.write(lambda writer, part=part: writer.run(_HOLD, rows=part))  # type: ignore[misc]

    def held_rows(self, load: int | None = None, name: str | None = None, kind: str | None = None) -> Iterator[HeldRow]:
        """In the order they were held; read page by page, so that the caller may write in between."""
        for rows in pages(self._server.read, load=load, name=_sendable(name), kind=_sendable(kind)):
            yield from (held_row(cells) for _, *cells in rows)

    def release(self, rows: Iterable[HeldRow], instead: Iterable[HeldRow] = ()) -> None:
        """In one transaction, so that no row is lost in between."""
        gone = [[row.load, sendable(row.file), row.row, row.kind] for row in rows]
        held = [held_cells(row) for row in instead]

        def work(writer: Writer) -> None:
            for part in parts(gone):
                writer.run(_RELEASE, rows=part)
            for part in slices(held):
                writer.run(_HOLD, rows=part)

        self._server.write(work)

    def awaited(self) -> Sequence[str]:
        found: list[str] = _first(self._server.read(_AWAITED))
        return found

    def waiting_for(self, ids: Sequence[str], limit: int = 10_000) -> list[HeldRow]:
        found = self._server.read(_WAITING_FOR, ids=sorted(set(map(sendable, ids))), limit=limit)
        return [held_row(row) for row in _first(found)]

    def naming(self, people: Sequence[str], names: Sequence[str], facts: Sequence[str] = ()) -> list[HeldRow]:
        search = naming(people, names, facts)
        return [row for row in self.held_rows() if search.finds(texts_of(row))]

    def last_complete(self, source: str) -> int | None:
        rows = self._server.read(_LAST_COMPLETE, name=sendable(source))
        return rows[0][0] if rows else None

    def set_last_complete(self, source: str, at: int) -> None:
        self._server.write(lambda writer: writer.run(_SET_LAST_COMPLETE, name=sendable(source), at=at))

    def cursors(self, source: str) -> Mapping[str, str]:
        rows = self._server.read(_CURSORS, name=sendable(source))
        return read_cursors(rows[0][0] if rows else None)

    def erased(self, ids: Sequence[str], ask: Ask | None = None) -> Sequence[bool]:
        """See `graph.ledger.Ledger`. Who holds the store's lock gives its transaction to ask: a reader of a cluster
        may not know yet of the last erasure."""
        ask = ask or self._server.read
        if not ids or not ask(_ANY_ERASED):
            return [False] * len(ids)
        hashes = {id: [hash.hex() for hash in erasure_hashes(self.secret, id)] for id in set(ids)}
        gone = _erased_among(ask, sorted(set(chain.from_iterable(hashes.values()))))
        return [not gone.isdisjoint(hashes[id]) for id in ids]

    def _records(self, rows: list[list[Any]]) -> list[LoadRecord]:
        return [as_it_is(load_record(row), lambda name: is_held(self._server, name)) for row in rows]


def _sendable(text: str | None) -> str | None:
    return None if text is None else sendable(text)


def _erased_among(ask: Ask, hashes: list[str]) -> set[str]:
    """Which of the hashes are remembered; of many it is quicker to look through all that are."""
    if len(hashes) > _MANY_HASHES:
        return set(_first(ask(_ALL_ERASED)))
    return set(_first(ask(_ERASED, hashes=hashes)))


def _first(rows: list[list[Any]]) -> Any:
    """The only column of the only row."""
    return rows[0][0]
