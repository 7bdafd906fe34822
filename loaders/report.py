"""What is kept of a load: its rejected, waiting and conflicting rows, and its record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from graph.ledger import HeldRow, LoadRecord
from loaders.book import Book, State
from loaders.people import people_in
from loaders.rows import Fault
from loaders.stage import Stage, records_of
from ontology.model import Model

OWN = "_"
"""What our own entries in a held row's `raw` begin with: `_table`, `_records`, `_map`; the rest is the source's."""


def held_rows(stage: Stage, model: Model, load: int, *, with_waiting: bool = True) -> Iterator[HeldRow]:
    """Every row of a load that was not written, or whose version was told otherwise, chunk by chunk."""
    for index in range(len(stage.book.pieces)):
        by_row: dict[int, list[Fault]] = {}
        for fault in stage.book.faults(index):
            by_row.setdefault(fault.row, []).append(fault)
        if by_row:
            people = people_in(stage, model, index, by_row)
            yield from _held_in(stage, load, index, by_row, people, with_waiting=with_waiting)


def _held_in(
    stage: Stage,
    load: int,
    index: int,
    by_row: Mapping[int, Sequence[Fault]],
    people: Mapping[int, set[str]],
    *,
    with_waiting: bool,
) -> Iterator[HeldRow]:
    piece, raw, states = stage.book.pieces[index], stage.raw(index), stage.book.states
    waiting = [row for row in by_row if states[row] == State.WAITING and with_waiting]
    records = _records(stage, index, waiting)
    for row in sorted(by_row):
        kept = [fault for fault in by_row[row] if _counts(fault, State(int(states[row])), with_waiting)]
        if not kept:
            continue
        own: dict[str, Any] = {**stage.own, "_table": piece.table} | (
            {"_records": records[row]} if row in records else {}
        )
        given: Mapping[str, Any] = _raw_row(raw, row - piece.start)
        given = given or next((fault.raw for fault in kept if fault.raw), {})
        held = _held(load, piece.file, int(piece.numbers[row - piece.start]), kept, {**given, **own})
        yield replace(held, people=sorted({*held.people, *people.get(row, ())}))


def _counts(fault: Fault, state: State, with_waiting: bool) -> bool:
    """Whether a fault still says why its row is held."""
    if fault.kind == "conflict":
        return state == State.ALIVE
    if state == State.REJECTED:
        return fault.kind == "rejected"
    return state == State.WAITING and with_waiting


def _held(load: int, file: str, number: int, faults: Sequence[Fault], raw: Mapping[str, Any]) -> HeldRow:
    first = faults[0]
    reason = "; ".join(dict.fromkeys(fault.reason for fault in faults))
    people = sorted({person for fault in faults for person in fault.people})
    return HeldRow(
        load, file, number, first.kind, first.field, first.value, reason, first.shape, raw, first.refers_to, people
    )


def _raw_row(raw: pl.DataFrame, position: int) -> dict[str, Any]:
    if position >= len(raw):
        return {}
    return {name: value for name, value in raw.row(position, named=True).items() if value is not None}


def _records(stage: Stage, index: int, rows: Sequence[int]) -> dict[int, list[Mapping[str, Any]]]:
    """The records of waiting rows, ready to be written once what they wait for is there."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    if not rows:
        return found
    for part in stage.all_parts():
        if part.piece == index and (chosen := np.flatnonzero(np.isin(part.rows, rows))).size:
            for row, record in records_of(part.frame()[chosen], part.type):
                found.setdefault(row, []).append(record)
    return found


class Clock:
    """Times a load, and makes its record from its book."""

    def __init__(self, record: LoadRecord) -> None:
        self._record = record
        self._begun = time.perf_counter()

    def record(self, book: Book, state: Any, removed: int = 0, message: str = "") -> LoadRecord:
        """The record as it stands now."""
        counts: dict[str, Any] = book.counts()
        total = sum(counts[name] for name in ("written", "unchanged", "skipped", "waiting", "rejected"))
        assert counts["read"] == total, f"rows are unaccounted for: {counts}"
        return replace(
            self._record,
            state=state,
            finished_at=int(time.time()),
            removed=removed,
            seconds=round(time.perf_counter() - self._begun, 3),
            message=message,
            skips=dict(+book.skips),
            flags=dict(+book.flags),
            **counts,
        )
