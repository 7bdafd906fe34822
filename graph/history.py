"""The store as it was at an earlier change number (design, section 6)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import NoSuchVersion
from graph.place import local_name, made_place
from graph.store import Store

REBUILT = ".at-"
"""Follows the store's own name in that of a rebuilt store's folder: erasure removes those that a dead process left."""


@contextmanager
def as_it_was(store: Store, number: int | None) -> Iterator[Store]:
    """The store itself for None or its own number, else a rebuilt one that goes when the block ends."""
    if number is None or number == store.number():
        yield store
        return
    beside = made_place(store.url)  # where erasure looks for copies of people
    with tempfile.TemporaryDirectory(prefix=f"{beside.name}{REBUILT}", dir=beside.parent) as folder:
        old = rebuild(store, number, Path(folder) / "then.db")
        try:
            yield old
        finally:
            old.close()


def name_of_original(url: str) -> Path | None:
    """What the names of all that lies beside a store begin with; of a rebuilt one, beside that which it was made of."""
    name = local_name(url)
    original, mark, _ = name.parent.name.rpartition(REBUILT) if name else ("", "", "")
    return name.parent.with_name(original) if name and mark else name


def rebuild(store: Store, number: int, path: Path) -> Store:
    """A new store file at `path` that holds what the store held at a change number.

    Of types whose superseded versions are not kept (what is personal) the records are as they are now, and erased
    people are not in it. Raises `NoSuchVersion`.
    """
    last = store.number()
    if not 0 <= number <= last:
        raise NoSuchVersion(store.url, "there was no such change number", f"Name one from 0 to {last}.", str(number))
    return store.rebuild(number, path)
