"""Writing one batch inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from graph.keys import pack_keys
from graph.kinds import EdgeKind, NodeKind
from graph.ledger_rows import cursors_text
from graph.lookup import Ints, key_of
from graph.neo4j.cypher import Layout, any_of, parts, person_key
from graph.neo4j.lookup import Lookup
from graph.neo4j.server import Rows, Writer
from graph.rows import props_text

_LAST_KEY = "MATCH (s:_Store) SET s.last_key = $last_key"
_CURSORS = "MERGE (s:_Source {name: $source}) SET s.cursors = $cursors"
_RETIRED = "MATCH (n:Resource) WHERE n._retired IS NOT NULL RETURN collect(n._key)"
_CHANGE = (
    "MATCH (s:_Store) SET s.number = $number, s.last_key = $last_key MERGE (:_Source {name: $source}) "
    "CREATE (:_Change {number: $number, at: $at, source: $source, load: $load}) WITH s UNWIND $items AS item "
    "CREATE (:_ChangeItem {change: $number, type: item[0], operation: item[1], keys: item[2]})"
)
_KEEP = (
    "UNWIND $rows AS row CREATE (:_History {type: row[0], start: row[1], end: row[2], since: row[3], "
    "source: row[4], version: row[5], hash: row[6], props: row[7], person: row[8], until: $number})"
)
_OLD = (
    "UNWIND $keys AS key MATCH (n:Resource {{_key: key}}) RETURN collect([key, n.id, n._change, n._source, n._version, "
    "n._hash, {0}, properties(n), {1}])"
)
_FEWEST = 2_000  # whole nodes read by one statement


class Writing:
    """What the parts of one batch share: its change number, what changed, and what was let go of."""

    def __init__(self, writer: Writer, look: Lookup, source: str, load: int | None, at: int) -> None:
        self.look = look
        self.layout: Layout = look.layout
        self.number = writer.number + 1
        self.source = source
        self._writer = writer
        self._last_key = writer.last_key
        self._record = {"at": at, "source": source, "load": load}
        self._items: dict[tuple[str, str], list[Ints]] = defaultdict(list)
        self.released: set[int] = set()

    def run(self, query: str, **parameters: Any) -> Rows:
        return self._writer.run(query, **parameters)

    def each(self, query: str, rows: Sequence[Any], **parameters: Any) -> None:
        """One statement for every part of the rows; `$source` and `$number` are this batch's."""
        for some in parts(rows):
            self._writer.run(query, rows=some, source=self.source, number=self.number, **parameters)

    @cached_property
    def leaving(self) -> set[int]:
        """Removed nodes that others still refer to."""
        return set(self.run(_RETIRED)[0][0])

    def note(self, kind: NodeKind | EdgeKind, operation: str, keys: Ints | Sequence[Any]) -> None:
        """These nodes (keys) or edges (pairs of keys) go into the change record."""
        array = np.asarray(keys, np.int64)
        if len(array):
            self._items[kind.name, operation].append(array)

    def finish(self) -> int | None:
        """Write the change record; None when nothing in the graph changed."""
        if not self._items:
            if self._last_key != self._writer.last_key:
                self.run(_LAST_KEY, last_key=self._last_key)
            return None
        items = [[name, operation, pack_keys(np.concatenate(keys))] for (name, operation), keys in self._items.items()]
        self.run(_CHANGE, number=self.number, last_key=self._last_key, items=items, **self._record)
        return self.number

    def go_on_from(self, cursors: Mapping[str, str] | None) -> None:
        """Keep where the next pull of the source goes on."""
        if cursors is not None:
            self.run(_CURSORS, source=self.source, cursors=cursors_text(cursors))

    def new_keys(self, count: int) -> Ints:
        """Keys that no node ever had."""
        self._last_key += count
        return np.arange(self._last_key - count + 1, self._last_key + 1, dtype=np.int64)

    def keys(self, space: str, ids: Sequence[str]) -> list[int]:
        """Keys of ids that are there."""
        known = self.look.resolve(space, ids)
        return [key_of(known[id]) for id in ids]

    def keep(self, rows: Iterable[Sequence[Any]]) -> None:
        """Put superseded versions (type, start, end, since, source, version, hash, props, person) into the history.

        What was written in this very batch was never seen.
        """
        self.each(_KEEP, [row for row in rows if row[3] < self.number])

    def release(self, query: str, rows: Sequence[Any]) -> None:
        """Note what is referred to less now: the retired nodes among it, which the query finds, may go."""
        for some in parts(rows):
            self.released.update(self.run(query, rows=some)[0][0])


@dataclass(frozen=True, slots=True)
class OldNode:
    """A node as it was before this batch; `properties` are what it states, references as ids."""

    key: int
    id: str
    change: int
    source: str
    version: int
    hash: int
    person: int
    properties: Mapping[str, Any]

    def history(self, kind: NodeKind) -> tuple[Any, ...]:
        """The row as `Writing.keep` takes it."""
        props = props_text(dict(self.properties), "{}")
        return kind.name, self.key, 0, self.change, self.source, self.version, self.hash, props, self.person


def old_nodes(job: Writing, kind: NodeKind, keys: Iterable[int]) -> list[OldNode]:
    """Nodes of one type as they are held now, in key order."""
    names = list(kind.references)
    pattern = f"[(n)-[r:{any_of(names)}]->(to) | [type(r), to.id]]" if names else "[]"
    query = _OLD.format(person_key(job.layout, kind, "n"), pattern)
    rows = [row for some in parts(sorted(keys), _FEWEST) for row in job.run(query, keys=some)[0][0]]
    return [
        OldNode(key, id, change, source, version, digest, person, _stated(kind, properties, references))
        for key, id, change, source, version, digest, person, properties, references in rows
    ]


def _stated(kind: NodeKind, held: Mapping[str, Any], references: Sequence[tuple[str, str]]) -> dict[str, Any]:
    stated = {name: value for name, value in held.items() if name != "id" and not name.startswith("_")}
    for name, id in sorted(references):
        if kind.references[name].property.many:
            stated.setdefault(name, []).append(id)
        else:
            stated[name] = id
    return stated
