"""Moving a whole store to another place, of the same engine or of another.

Whole means that whoever goes on with the copy sees no difference: the same facts (the digests are compared), owners,
versions and statements, removals, change numbers and superseded versions, loads with what they put aside and the
sources' last complete ones, API keys, and the hashes that keep erased people away with the secret they were made with.
What follows from these is made anew: words that are searched, what evidence supports, the index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from graph.contents import BOOKS, SOURCE, Book, Contents, Head, Rows, movable
from graph.digest import digest, record_types
from graph.errors import StoreError
from graph.neo4j.address import SCHEMES
from graph.open import open_store, scheme_of
from graph.place import staging_folder
from graph.secret import Secret
from graph.settings import Settings
from graph.store import Busy, Store
from ontology.model import Model, NodeType

TAKERS: Mapping[str, str] = {
    "sqlite": "graph.sqlite.taking:taking",
    **dict.fromkeys(SCHEMES, "graph.neo4j.taking:taking"),
}
"""Scheme -> the `module:function` that fills a store there; imported when it is asked for."""

Told = Callable[[str, int], None]
"""Is told what was copied: a type or a book, and how many more rows of it."""


class Taking(Protocol):
    """An empty store that is being filled: sources first, then nodes, what they refer to, edges, and the other books.

    See `graph.contents` for the rows. Until it is finished it cannot be opened.
    """

    def book(self, book: Book, rows: Rows) -> None: ...

    def nodes(self, type_name: str, rows: Rows) -> None: ...

    def refers(self, type_name: str) -> bool:
        """Whether the type's nodes are to be told again, when all are there, for what they refer to."""
        ...

    def references(self, type_name: str, rows: Rows) -> None: ...

    def edges(self, type_name: str, rows: Rows) -> None: ...

    def finish(self, head: Head) -> None:
        """Nothing more comes."""
        ...


class Taker(Protocol):
    """What begins to fill the store at an address; raises `NotEmpty`. `origin` is said to who opens it meanwhile."""

    def __call__(self, url: str, model: Model, secret: Secret, origin: str) -> AbstractContextManager[Taking]: ...


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy came to."""

    number: int
    digest: str  # of both
    rows: Mapping[str, int]  # by type, and by what is kept beside the graph
    left: Mapping[str, int]  # what cannot go along


def copy(origin: Store, url: str, settings: Settings, told: Told) -> Copied:
    """Fill the empty store at `url`; raises a `StoreError` when it is not empty, or when the origin moved meanwhile."""
    _nobody_loads(origin)
    counted: Counter[str] = Counter()

    def count(name: str, rows: int) -> None:
        counted[name] += rows
        told(name, rows)

    with _taker(url)(url, origin.model, origin.ledger.secret, origin.url) as taking:
        with movable(origin).contents() as contents:
            _fill(taking, contents, origin.model, count)
            expected = digest(origin)
        taking.finish(contents.head)
    _compare(url, settings, expected)
    return Copied(contents.head.number, expected, dict(counted), _left(origin))


def _taker(url: str) -> Taker:
    module, _, function = TAKERS[scheme_of(url)].partition(":")
    taker: Taker = getattr(import_module(module), function)
    return taker


def _fill(taking: Taking, contents: Contents, model: Model, told: Told) -> None:
    _fill_book(taking, contents, SOURCE, told)
    kinds = list(record_types(model))
    nodes = [kind.name for kind in kinds if isinstance(kind, NodeType)]
    for name in nodes:
        for rows in contents.nodes(name):
            taking.nodes(name, rows)
            told(name, len(rows["id"]))
    for name in filter(taking.refers, nodes):
        for rows in contents.nodes(name):
            taking.references(name, rows)
            told(name, 0)
    for kind in kinds[len(nodes) :]:
        for rows in contents.edges(kind.name):
            taking.edges(kind.name, rows)
            told(kind.name, len(rows["_from"]))
    for book in BOOKS:
        if book is not SOURCE:
            _fill_book(taking, contents, book, told)


def _fill_book(taking: Taking, contents: Contents, book: Book, told: Told) -> None:
    for rows in contents.book(book):
        taking.book(book, rows)
        told(book.name, len(next(iter(rows.values()))))


def _compare(url: str, settings: Settings, expected: str) -> None:
    """Open the copy, make what is derived, and see that it says the same."""
    made = open_store(url, settings, create=False)
    try:
        made.optimise()
        found = digest(made)
    finally:
        made.close()
    if found != expected:
        problem = "the copy does not say what the store says that it was made from"
        raise StoreError(made.url, problem, "Do not use it, and report this.", f"{found} for {expected}")


def _nobody_loads(origin: Store) -> None:
    running = [load.name for load in origin.ledger.loads() if load.state == "running"]
    if running:
        raise Busy(f"a load of {running[0]} is running. Wait until it has finished, then copy.")


def _left(origin: Store) -> dict[str, int]:
    """Files that loads staged and did not come to write: their sources are to be loaded again."""
    staging = staging_folder(origin.url)
    files = sum(each.is_file() for each in staging.rglob("*")) if staging and staging.is_dir() else 0
    return {"staged files": files} if files else {}
