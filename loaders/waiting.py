"""Rows that waited, tried again when what they refer to has arrived: at the end of every load, whatever its name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import polars as pl

from graph.errors import StoreLocked
from graph.ledger import HeldRow
from graph.store import Busy, Store
from loaders.book import Book, State
from loaders.laws import kept_lawful
from loaders.order import write_order
from loaders.outcomes import account
from loaders.report import held_rows
from loaders.settle import settle
from loaders.stage import WHOLE, Stage
from loaders.write import Writer, newer, to_write
from ontology.model import Datatype, EdgeType, Model, NodeType

_AT_ONCE = 10_000
_ATTEMPTS = 20
_PATIENCE = 5.0  # seconds that rows wait for another load of hierarchies or scales
_RETRYING = "(waiting rows)"
"""The name that is held meanwhile; no load is called so."""
_HELD: Mapping[Datatype, pl.DataType] = {
    Datatype.INTEGER: pl.Int64(),
    Datatype.DECIMAL: pl.Int64(),
    Datatype.INSTANT: pl.Int64(),
    Datatype.BOOLEAN: pl.Boolean(),
}


def retry(store: Store) -> int:
    """Write the waiting rows whose references are there now; how many were written.

    One process does it at a time; one that waits in vain leaves it to the next load.
    """
    if not store.ledger.awaited():
        return 0
    for attempt in range(_ATTEMPTS):
        try:
            with store.hold(_RETRYING):
                return _retry(store)
        except Busy:
            time.sleep(0.02 * min(attempt + 1, 10))
        except StoreLocked:
            return 0
    return 0


def _retry(store: Store) -> int:
    written = 0
    while some := _arrived(store):
        groups = groupby(some, key=lambda row: row.load)
        done = [_again(store, load, list(rows)) for load, rows in groups]
        written += sum(taken for _, taken in done)
        if not any(moved for moved, _ in done):
            break
    return written


def _arrived(store: Store) -> list[HeldRow]:
    awaited = store.ledger.awaited()
    there = [id for id, found in zip(awaited, store.types_of(awaited), strict=True) if found] if awaited else []
    rows = store.ledger.waiting_for(there, _AT_ONCE) if there else []
    return sorted(rows, key=lambda row: (row.load, row.file, row.row))


def _again(store: Store, load: int, rows: Sequence[HeldRow]) -> tuple[int, int]:
    """Settle and write rows of one load; those that wait for something else, or are refused now, are kept so.

    Returns how many rows wait no longer as they did, and how many were written.
    """
    record = store.ledger.load(load)
    name = record.name if record else rows[0].file
    stage = Stage(None, Book(None))
    for number, row in enumerate(rows):
        stage.book.begin(str(row.raw.get("_table", "")), row.file, [row.row])
        stage.keep_raw(number, pl.DataFrame({"_": [None]}))
    for kind, frame in _frames(store.model, rows):
        stage.add(kind, frame, 0, WHOLE)
    with kept_lawful(store, stage, _PATIENCE):
        twins = settle(stage, store, name, {}, None)
        writer = Writer(store, name, load, lambda _: None)
        writer.write(stage, write_order(store.model), lambda part: to_write(stage, part, newer(part)))
    twins.share()
    account(stage)
    still = {(row.file, row.row): row for row in held_rows(stage, store.model, load) if row.kind != "conflict"}
    states = stage.book.states[: len(rows)].tolist()
    released = [row for row, now in zip(rows, states, strict=True) if _moved(row, still.get((row.file, row.row)), now)]
    told = [(row, still[row.file, row.row]) for row in released if (row.file, row.row) in still]
    store.ledger.release(released, [replace(now, raw=row.raw, people=row.people) for row, now in told])
    return len(released), stage.book.counts()["written"]


def _moved(row: HeldRow, now: HeldRow | None, state: int) -> bool:
    """Whether something is new about a row: it was taken, refused, or waits for another id."""
    return state != State.WAITING or now is None or now.refers_to != row.refers_to


def _frames(model: Model, rows: Sequence[HeldRow]) -> Iterable[tuple[str, pl.DataFrame]]:
    """The records of held rows as staged frames, a type each."""
    by_type: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows):
        for record in row.raw.get("_records", ()):
            by_type.setdefault(record["_type"], []).append({**record, "_row": number})
    for name, records in by_type.items():
        yield name, pl.DataFrame(records, schema=_schema(model.type(name), records))


def _schema(kind: NodeType | EdgeType, records: Sequence[Mapping[str, Any]]) -> dict[str, pl.DataType]:
    schema: dict[str, pl.DataType] = {"_row": pl.UInt32(), "_version": pl.Int64()}
    for record in records:
        for name in record:
            if name in ("_type", "_hash") or name in schema:
                continue
            prop = kind.properties.get(name.partition("@")[0])
            inner = _HELD.get(prop.datatype, pl.String()) if prop else pl.String()
            schema[name] = pl.List(inner) if prop and prop.many else inner
    return schema
