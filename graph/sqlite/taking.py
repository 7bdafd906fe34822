"""A new store file, filled with the contents of another store.

It is filled under another name and gets its own when it is whole: nobody sees a part of it. What a copy that was cut
off left behind is thrown away by the next.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson

from graph.contents import EDGE_HEADS, NODE_HEADS, TOMBSTONE, Book, Head, Rows
from graph.errors import NotEmpty, StoreError
from graph.kinds import Reference
from graph.lookup import Known, key_of
from graph.rows import props_text, props_texts, read_props, stated
from graph.secret import Secret, hand_over
from graph.sqlite import locks
from graph.sqlite.books import BookWriter
from graph.sqlite.changes import names_now
from graph.sqlite.codec import fact_columns
from graph.sqlite.connection import connect
from graph.sqlite.faults import check_path, told_clearly
from graph.sqlite.labels import add_labels
from graph.sqlite.layout import Layout, NodeKind
from graph.sqlite.lookup import Lookup, prefixes
from graph.sqlite.opening import prepare
from graph.sqlite.schema import quoted
from graph.sqlite.sequence import SHARED
from ontology.model import Model

_DRAFT = ".copying"
_LOCK = "\0copy"  # no load has such a name
_LARGEST_KEY = 2**31 - 1  # see `graph.sqlite.lookup`: two keys are asked for as one number


@contextmanager
def taking(url: str, model: Model, secret: Secret, origin: str) -> Iterator[SqliteTaking]:  # noqa: ARG001
    """What fills the new file at `url`; raises `NotEmpty` when something is there."""
    path = Path(url.partition(":")[2]).expanduser()
    check_path(path, create=True, read_only=False)
    draft = path.with_name(path.name + _DRAFT)
    with told_clearly(path), locks.hold(path, _LOCK):
        if path.exists():
            raise NotEmpty(str(path), "there is something already", "Name a file that is not there yet.")
        for left in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
        prepare(draft, model)
        hand_over(secret, path)
        with closing(connect(draft)) as db:
            yield SqliteTaking(db, Layout(model, db), path)
        _publish(draft, path)


class SqliteTaking:
    """See `graph.copying.Taking`."""

    def __init__(self, db: sqlite3.Connection, layout: Layout, path: Path) -> None:
        self._db = db
        self._layout = layout
        self._path = path
        self._books = BookWriter(db)
        self._look = Lookup(db, layout, Known())
        self._prefixes: dict[str, set[str]] = defaultdict(set)
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")

    def book(self, book: Book, rows: Rows) -> None:
        self._books.write(book, rows)
        if book is TOMBSTONE:
            for space, id in zip(rows["space"], rows["id"], strict=True):
                self._prefixes[space] |= prefixes([id])

    def nodes(self, type_name: str, rows: Rows) -> None:
        kind = self._layout.node_kind(type_name)
        heads = {name: rows[name] for name in NODE_HEADS}
        heads["_source"] = list(map(self._books.source, rows["_source"]))
        if kind.columnar:
            self._facts(kind, heads, _without(rows, [*NODE_HEADS, *kind.in_json]))
        else:
            self._plain(kind, heads, _without(rows, [*NODE_HEADS, *kind.references]))
        self._prefixes[kind.space] |= prefixes(rows["id"])

    def _facts(self, kind: NodeKind, heads: Rows, columns: Rows) -> None:
        content = fact_columns(kind, columns, len(heads["id"]), lambda _, keys: keys)
        names = ["_id" if name == "id" else name for name in heads] + list(content)
        self._insert(kind.table, names, [*heads.values(), *content.values()])

    def _plain(self, kind: NodeKind, heads: Rows, columns: Rows) -> None:
        properties = stated(columns, len(heads["id"]))
        names = [name.removeprefix("_") for name in heads]
        texts = [props_text(each, "{}") for each in properties]
        self._insert("node", [*names, "type", "props"], [*heads.values(), repeat(kind.number), texts])
        if kind.labels:
            add_labels(self._db, kind, zip(heads["_key"], properties, strict=True))

    def refers(self, type_name: str) -> bool:
        return bool(self._layout.node_kind(type_name).in_json)

    def references(self, type_name: str, rows: Rows) -> None:
        kind = self._layout.node_kind(type_name)
        named: Rows = {}
        for name, reference in kind.in_json.items():
            if name in rows:
                lists = [_listed(value) for value in rows[name]]
                named[name] = self._ids(reference, lists)
                self._refer(kind.number, name, zip(rows["_key"], repeat(0), lists))
        for key, row in zip(rows["_key"], stated(named, len(rows["_key"])), strict=True):
            if row:
                self._state(kind, key, row)

    def _ids(self, reference: Reference, lists: Sequence[Sequence[int]]) -> list[Any]:
        keys = sorted({key for each in lists for key in each})
        ids = dict(zip(keys, names_now(self._db, self._layout, reference.space, keys), strict=True))
        named = [sorted(ids[key] for key in each) for each in lists]
        return named if reference.property.many else [each[0] if each else None for each in named]

    def _refer(self, number: int, name: str, rows: Iterable[tuple[int, int, Sequence[int]]]) -> None:
        """Rows of (start, end, keys that are referred to)."""
        self._db.executemany(
            "INSERT OR IGNORE INTO reference (target, type, property, start, end) VALUES (?, ?, ?, ?, ?)",
            ((target, number, name, start, end) for start, end, targets in rows for target in targets),
        )

    def _state(self, kind: NodeKind, key: int, references: dict[str, Any]) -> None:
        """Add references to what a node states."""
        if kind.columnar:
            setting = ", ".join(f"{quoted(name)} = ?" for name in references)
            texts = [orjson.dumps(ids).decode() for ids in references.values()]
            self._db.execute(f"UPDATE {kind.table} SET {setting} WHERE _key = ?", [*texts, key])
            return
        (text,) = self._db.execute("SELECT props FROM node WHERE key = ?", (key,)).fetchone()
        self._db.execute(
            "UPDATE node SET props = ? WHERE key = ?", (props_text({**read_props(text), **references}), key)
        )

    def edges(self, type_name: str, rows: Rows) -> None:
        kind, count = self._layout.edges[type_name], len(rows["_from"])
        columns = _without(rows, EDGE_HEADS)
        first = [self._books.source(sources[0]) for sources in rows["_sources"]]
        versions = [each[0] for each in rows["_versions"]]
        ends = (rows["_from"], rows["_to"])
        content = (repeat(kind.number), *ends, first, versions, rows["_hash"], rows["_change"])
        names = ["type", "start", "end", "source", "version", "hash", "change", "props"]
        self._insert("edge", names, [*content, props_texts(columns, count, None)])
        self._db.executemany(
            "INSERT INTO statement (type, start, end, source, version, hash, change) VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._further(kind.number, rows),
        )
        for name, reference in kind.references.items():
            if name in rows:
                lists = self._keys(reference, rows[name])
                self._refer(kind.number, name, zip(*ends, lists, strict=True))

    def _further(self, number: int, rows: Rows) -> Iterator[tuple[int, ...]]:
        """The statements of edges beside the first. Their order is what counts: it stands where the change number
        would, below all of these, so that whoever states the edge later comes after."""
        columns = (rows[name] for name in EDGE_HEADS)
        for start, end, sources, versions, digest, _ in zip(*columns, strict=True):
            for place, (source, version) in enumerate(zip(sources, versions, strict=True)):
                if place:
                    yield number, start, end, self._books.source(source), version, digest, place - len(sources)

    def _keys(self, reference: Reference, values: Sequence[Any]) -> list[list[int]]:
        """Keys of the ids that edges state."""
        lists = [_listed(value) for value in values]
        known = self._look.resolve(reference.space, {id for ids in lists for id in ids})
        return [[key_of(known[id]) for id in ids if id in known] for ids in lists]

    def _insert(self, table: str, names: Sequence[str], columns: Iterable[Iterable[Any]]) -> None:
        marks = ", ".join("?" * len(names))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", zip(*columns))  # noqa: B905

    def finish(self, head: Head) -> None:
        """Nothing more comes."""
        if head.last_key > _LARGEST_KEY:
            problem = "the other store has given out more keys than a file can tell apart"
            raise StoreError(str(self._path), problem, "Load its sources into the new store.", str(head.last_key))
        meta = {"created_at": head.created_at, SHARED: head.last_key, "secret_check": head.secret_check}
        kept = ((name, value) for name, value in meta.items() if value is not None)
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", kept)
        self._db.execute("UPDATE space SET last = ?", (head.last_key,))
        pairs = ((space, prefix) for space, found in self._prefixes.items() for prefix in sorted(found))
        self._db.executemany("INSERT INTO prefix (space, prefix) VALUES (?, ?)", pairs)
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA journal_mode = WAL")


def _listed(value: Any) -> Sequence[Any]:
    """A reference, several of them, or none, as a list."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _without(rows: Rows, names: Iterable[str]) -> Rows:
    return {name: values for name, values in rows.items() if name not in names}


def _publish(draft: Path, path: Path) -> None:
    """The whole file under its own name; raises `FileExistsError` when somebody else took it."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    os.link(draft, path)
    draft.unlink()
