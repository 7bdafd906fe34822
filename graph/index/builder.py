"""A new index of a store: small ones made where they are asked for, large ones by processes of their own.

A large build takes one process that reads everything but the evidence, and one a core that each read a range of the
evidence and derive what it supports. The process that asked waits, and then maps what they wrote: its memory does not
grow, and meanwhile its other threads run.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from graph.derive import Codes, Ratings
from graph.errors import Moved
from graph.index.child import Child, ChildFailed, child, cores, end_with_parent
from graph.index.facts import SCANNED, read_ratings
from graph.index.files import save
from graph.index.gather import Gathered, types
from graph.index.parts import Filed
from graph.index.read import read_rules
from graph.index.saved import Saved, load_saved
from graph.index.scanner import Job
from graph.index.snapshot import Snapshot, build
from graph.open import open_store
from graph.settings import Settings
from graph.steady import steady
from graph.store import Store

if TYPE_CHECKING:
    from graph.sqlite.engine import SqliteStore

APART = 300_000
"""From so many pieces of evidence on a build is worth the second that other processes take to start."""

_ROUNDS = 200  # of looking at the newest state together while others write
_MOST_SCANNERS = 8
_NICE = 10  # the building process and those that it starts: answers that others wait for go first


@dataclass(frozen=True, slots=True)
class Order:
    """What the building process is told."""

    url: str
    settings: Settings
    directory: Path


def renewed(store: Store, settings: Settings, directory: Path) -> Saved:
    """A new snapshot of some state of the store, mapped from the folder; in memory where it could not be saved there.

    Hold the index's lock meanwhile. Writers are not waited for: the store may be ahead of the snapshot.
    """
    if is_large(store):
        try:
            _build_apart(Order(store.url, settings, directory))
        except ChildFailed:
            pass  # for want of memory, room or processes: here it may work, and if not, it says why
        else:
            if (found := load_saved(store, settings, directory)) is not None:
                return found
    return _built_here(store, settings, directory)


def is_large(store: Store) -> bool:
    """Whether the store is read by processes of their own."""
    from graph.sqlite.engine import SqliteStore

    if not isinstance(store, SqliteStore):
        return False
    with store.connections.reading() as db:
        table = store.layout.node_kind("Evidence").table
        return int(db.execute(f"SELECT ifnull(max(_key), 0) FROM {table}").fetchone()[0]) >= APART  # noqa: S608


def _built_here(store: Store, settings: Settings, directory: Path) -> Saved:
    snapshot = steady(store, lambda number: build(store, settings, number))
    try:
        save(snapshot, store, settings, directory)
    except OSError:
        return Saved(snapshot, None)  # no room, or not ours to write: what is derived works from memory
    return load_saved(store, settings, directory) or Saved(snapshot, None)


def _build_apart(order: Order) -> None:
    with child("graph.index.builder:run") as builder:
        builder.tell(order)
        builder.hear()


def run(pipe: Connection) -> None:
    """The building process: told an `Order`, carries it out and answers the change number."""
    order = pipe.recv()
    end_with_parent(pipe)
    os.nice(_NICE)
    store = cast("SqliteStore", open_store(order.url, order.settings, create=False, read_only=True))
    snapshot = _built_together(store, order)
    save(snapshot, store, order.settings, order.directory)
    pipe.send(snapshot.number)


def _built_together(store: SqliteStore, order: Order) -> Snapshot:
    folder = order.directory / f"{secrets.token_hex(8)}.rows"
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        scanners = [
            ending.enter_context(child("graph.index.scanner:scan")) for _ in range(min(cores(), _MOST_SCANNERS))
        ]
        for scanner in scanners:
            scanner.tell(store.path)
        number = ending.enter_context(_one_state(store, scanners))
        return build(store, order.settings, number, _gathering(store, scanners, folder))


@contextmanager
def _one_state(store: SqliteStore, scanners: Sequence[Child]) -> Iterator[int]:
    """Every read of this thread and the scanners sees one state, whose number is given; raises `Moved`."""
    for _ in range(_ROUNDS):
        for scanner in scanners:
            scanner.tell(None)
        with store.snapshot() as number:
            if {scanner.hear() for scanner in scanners} == {number}:
                yield number
                return
    raise Moved(store.url, "others write to it without a pause", "Build the index when less is written.")


def _gathering(store: SqliteStore, scanners: Sequence[Child], folder: Path) -> Callable[[], Gathered]:
    """Set the scanners to work; what waits for them and gives what they wrote."""
    from graph.sqlite.scan import greatest_key, ranges

    with store.connections.reading() as db:
        scans = ranges(db, store.layout.node_kind("Evidence"), SCANNED, len(scanners))
        key = np.dtype(np.uint32 if greatest_key(db) < 1 << 32 else np.int64)
    rules, codes, ratings = read_rules(store), Codes.of(store.model), read_ratings(store)
    folders = [folder / str(place) for place in range(len(scanners))]
    for scanner, scan, own in zip(scanners, scans, folders, strict=True):
        own.mkdir(parents=True)
        scanner.tell(Job(scan.query, SCANNED, rules, codes, _between(ratings, scan.first, scan.end), own, key))

    def gathered() -> Gathered:
        end = max(scanner.hear() for scanner in scanners)
        return Gathered({name: Filed(folders, name, columns) for name, columns in types(key).items()}, end)

    return gathered


def _between(ratings: Ratings, first: int, end: int) -> Ratings:
    """Those of evidence with keys from `first` to below `end`."""
    some = slice(*np.searchsorted(ratings.evidence, [first, end]).tolist())
    return Ratings(**{name: getattr(ratings, name)[some] for name in Ratings.__dataclass_fields__})
