"""A store as it was at an earlier change number: a new SQLite file, whatever the engine of the store.

What stands now and was written by then is taken as it is; what has replaced or removed something since gives way to the
superseded version. Both may be told of one record when the store is written to meanwhile: writing the same twice is
writing it once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from graph.canonical import content_hashes
from graph.digest import record_types
from graph.records import HEADS, Held, Scanned, record_columns
from graph.rows import pick
from graph.settings import Settings
from graph.sqlite.engine import SqliteStore
from graph.sqlite.rebuilt import new_file, renumber
from graph.store import Batch, Block, Outcome, Store, Value
from ontology.model import EdgeType, NodeType

_CHANGE = "_change"
_ROWS = 20_000  # superseded versions written at once

Kind = NodeType | EdgeType


class Version(NamedTuple):
    """A superseded version of a node (one id) or an edge (two)."""

    source: str
    version: int
    ids: tuple[str, ...]
    properties: dict[str, Value]


class Replaced(Protocol):
    """Superseded versions of a type that stood at a change number; none of what was about an erased person."""

    def __call__(self, type_name: str, number: int) -> Iterable[Version]: ...


def rebuild(store: Scanned, settings: Settings, replaced: Replaced, number: int, path: Path) -> SqliteStore:
    """See `graph.history.rebuild`. The new store's own number is that of the old store then."""
    made = new_file(path, store.model, settings)
    try:
        waiting = [
            (kind, _write(made, kind, _then(store, kind, replaced, number))) for kind in record_types(store.model)
        ]
        _write_waiting(made, waiting)
        renumber(made, number)
    except BaseException:
        made.close()
        raise
    return made


def _then(store: Scanned, kind: Kind, replaced: Replaced, number: int) -> Iterator[Held]:
    """What stood at the number, in batches; of a type without history, what stands now."""
    if not kind.history:
        yield from record_columns(store, kind)
        return
    for held in record_columns(store, kind, (*HEADS, _CHANGE)):
        yield _picked(held, np.flatnonzero(np.array(held.pop(_CHANGE), np.int64) <= number))
    versions = iter(replaced(kind.name, number))
    while part := list(islice(versions, _ROWS)):
        yield _columns(kind, part)


def _write_waiting(made: Store, waiting: Sequence[tuple[Kind, list[Held]]]) -> None:
    """Rows that referred to later ones, as long as more of them find what they wait for.

    What they wait for in vain is left out: a record of a type without history, as it is now, may refer to what was not
    there then.
    """
    count = 0
    while (left := sum(len(held["version"]) for _, batches in waiting for held in batches)) not in (0, count):
        count = left
        waiting = [(kind, _write(made, kind, batches)) for kind, batches in waiting]


def _write(made: Store, kind: Kind, batches: Iterable[Held]) -> list[Held]:
    """Write rows; returns those that refer to what is not there (yet)."""
    missing: list[Held] = []
    for held in batches:
        for source, own in _by_source(held):
            (outcomes,) = made.write(Batch(source, None, [_block(kind, own)])).outcomes
            rows = np.flatnonzero(outcomes == Outcome.MISSING)
            if len(rows):
                missing.append(_picked(own, rows))
    return missing


def _by_source(held: Held) -> Iterator[tuple[str, Held]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, source in enumerate(held["source"]):
        rows[source].append(row)
    return ((source, _picked(held, np.array(own, np.int64))) for source, own in rows.items())


def _picked(held: Held, rows: NDArray[np.int64]) -> Held:
    return {name: list(values) for name, values in pick(held, rows, len(held["version"])).items()}


def _block(kind: Kind, held: Held) -> Block:
    ends = _ends(kind)
    names = [name for name in held if name not in (*ends, *HEADS)]
    columns = {name: held[name] for name in (*ends, *names)}
    return Block(kind.name, columns, held["version"], content_hashes(columns, names))


def _columns(kind: Kind, versions: Sequence[Version]) -> Held:
    names = sorted({name for each in versions for name in each.properties})
    held: Held = {name: [each.properties.get(name) for each in versions] for name in names}
    held |= {end: [each.ids[place] for each in versions] for place, end in enumerate(_ends(kind))}
    return held | {"source": [each.source for each in versions], "version": [each.version for each in versions]}


def _ends(kind: Kind) -> tuple[str, ...]:
    return ("id",) if isinstance(kind, NodeType) else ("from", "to")
