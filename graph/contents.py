"""Everything a store holds, told so that a store of another engine can go on with it as if nothing had happened.

Beside the graph itself that is who states what in which version, what was removed, change records, superseded versions,
loads and what they put aside, API keys and erased people's hashes. What follows from the rest is not told: words that
are searched, what evidence supports.

Keys are of one sequence over all key spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, runtime_checkable

from graph.errors import StoreError
from graph.ledger_rows import HELD_COLUMNS, LOAD_COLUMNS
from graph.settings import Settings
from graph.store import Store
from ontology.model import Datatype, Model, Property

Rows = dict[str, list[Any]]
"""Columns of one length; None where nothing is said."""

NODE_HEADS = ("_key", "id", "_source", "_version", "_hash", "_change")
"""What nodes have beside what they state; references are keys."""

EDGE_HEADS = ("_from", "_to", "_sources", "_versions", "_hash", "_change")
"""What edges have beside what they state: the ends' keys, and all that state it in the order in which they first did.
References are ids."""


class Form(Enum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TEXTS = "texts"
    NUMBERS = "numbers"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Book:
    """A table that is kept beside the graph."""

    name: str
    columns: Mapping[str, Form]


_WHOLE = {
    "last_complete", "key", "version", "change", "number", "at", "load", "since", "until", "hash", "person", "row",
    "started_at", "finished_at", "snapshot_at", "created_at", "revoked_at",
}  # fmt: skip


def _book(name: str, *columns: str, **others: Form) -> Book:
    forms = {column: Form.NUMBER if column in _WHOLE else Form.TEXT for column in columns}
    return Book(name, forms | others)


SOURCE = _book("Source", "name", "last_complete", "cursors")  # `cursors` are JSON
TOMBSTONE = _book("Tombstone", "id", "source", "space", "key", "type", "version", "change")
EDGE_TOMBSTONE = _book("EdgeTombstone", "type", "start", "end", "source", "version", "change")
CHANGE = _book("Change", "number", "at", "source", "load")
CHANGE_ITEM = _book("ChangeItem", "change", "type", "operation", keys=Form.BYTES)  # see `graph.keys`
HISTORY = _book(  # ends are keys, 0 for a node's second; references in `props`, which is JSON, are ids
    "History", "type", "since", "until", "source", "version", "hash", "props", "person",
    start=Form.NUMBER, end=Form.NUMBER,
)  # fmt: skip
LOAD = _book("Load", *LOAD_COLUMNS, id=Form.NUMBER, complete=Form.FLAG)
HELD_ROW = _book("HeldRow", "key", "name", *HELD_COLUMNS)
KEY = _book(  # `hash` in hexadecimal
    "Key", "id", "source", "label", "created_at", "revoked_at",
    hash=Form.TEXT, scopes=Form.TEXTS, org_units=Form.TEXTS,
)  # fmt: skip
ERASED = _book("Erased", "at", hash=Form.TEXT)  # `hash` in hexadecimal

BOOKS = (SOURCE, TOMBSTONE, EDGE_TOMBSTONE, CHANGE, CHANGE_ITEM, HISTORY, LOAD, HELD_ROW, KEY, ERASED)


def form_of(each: Property) -> Form:
    """What a column of a property holds; references are keys."""
    if each.datatype in (Datatype.INTEGER, Datatype.DECIMAL, Datatype.INSTANT, Datatype.REFERENCE):
        return Form.NUMBERS if each.many else Form.NUMBER
    if each.datatype is Datatype.BOOLEAN:
        return Form.FLAG
    return Form.TEXTS if each.many else Form.TEXT


@dataclass(frozen=True, slots=True)
class Head:
    """What is told once of a whole store."""

    number: int  # of the last change record
    last_key: int
    created_at: int
    secret_check: str | None  # what the store remembers of the deployment's secret, None where it has none


class Contents(Protocol):
    """One state of a store. Rows come in batches, of a type in the order of keys."""

    @property
    def head(self) -> Head: ...

    def keys(self, space: str, keys: Iterable[int]) -> list[int]:
        """Keys that the store's own reads give of a key space, as they are told here."""
        ...

    def stated(self, type_name: str) -> list[str]:
        """The columns of a type's rows beside the heads: properties, and languages of them, that are ever stated."""
        ...

    def nodes(self, type_name: str) -> Iterator[Rows]:
        """`NODE_HEADS` and what is stated; `_hash` is `graph.merge.REMOVED` for a retired node."""
        ...

    def edges(self, type_name: str) -> Iterator[Rows]:
        """`EDGE_HEADS` and what is stated."""
        ...

    def book(self, book: Book) -> Iterator[Rows]:
        """The columns of a book."""
        ...


@runtime_checkable
class Movable(Protocol):
    """A store that can tell all it holds."""

    url: str
    model: Model
    settings: Settings

    def contents(self) -> AbstractContextManager[Contents]:
        """Everything, of one state, until the block ends; raises `Moved` at its end when the store was written to
        meanwhile and its engine cannot hold a state."""
        ...


def movable(store: Store) -> Movable:
    """The store, if it can tell all it holds; raises a `StoreError`."""
    if not isinstance(store, Movable):
        raise StoreError(store.url, "this store cannot tell all it holds", "Load its sources into the other store.")
    return store
