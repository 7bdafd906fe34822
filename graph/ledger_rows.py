"""Loads and rows put aside as engines keep them: flat rows of numbers and texts, and the rules of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from graph.alike import marks
from graph.ledger import HeldRow, LoadRecord
from graph.secret import Secret

LOAD_COLUMNS = ("id", "name", "source", "state", "started_at", "finished_at", "snapshot_at", "complete", "counts")
HELD_COLUMNS = (
    "load", "file", "row", "kind", "field", "value", "reason", "shape", "raw", "refers_to", "people",
)  # fmt: skip
_COUNTS = (
    "read", "written", "unchanged", "skipped", "waiting", "rejected", "removed", "seconds", "message", "skips", "flags",
)  # fmt: skip


def counts_text(record: LoadRecord) -> str:
    """What a load came to, as JSON: the column `counts`."""
    every = asdict(record)
    return sendable(json.dumps({name: every[name] for name in _COUNTS}, ensure_ascii=False))


def load_record(row: Sequence[Any]) -> LoadRecord:
    """The record of a row of `LOAD_COLUMNS`."""
    id, name, source, state, started_at, finished_at, snapshot_at, complete, counts = row
    fixed = (id, name, source, state, started_at, finished_at, snapshot_at, bool(complete))
    return LoadRecord(*fixed, **json.loads(counts))


def as_it_is(record: LoadRecord, is_running: Callable[[str], bool]) -> LoadRecord:
    """A load whose process died without a word still says running; nobody holds its name."""
    if record.state == "running" and not is_running(record.name):
        return replace(record, state="interrupted")
    return record


def snapshot_after(last: int | None, now: int) -> int:
    """See `graph.ledger.Ledger.next_snapshot`; `last` is the latest of the name's loads."""
    return now if last is None else max(now, last + 1)


def held_cells(row: HeldRow) -> tuple[Any, ...]:
    """The row of `HELD_COLUMNS` that keeps a held row."""
    texts = (
        row.kind,
        row.field,
        row.value,
        row.reason,
        row.shape,
        _json(row.raw),
        row.refers_to,
        _json(list(row.people)),
    )
    return (row.load, sendable(row.file), row.row, *map(sendable, texts))


def held_row(cells: Sequence[Any]) -> HeldRow:
    """The held row of a row of `HELD_COLUMNS`."""
    load, file, number, kind, field, value, reason, shape, raw, refers_to, people = cells
    fixed = (load, file, number, kind, field, value, reason, shape)
    return HeldRow(*fixed, json.loads(raw), refers_to, tuple(json.loads(people)))


def cursors_text(cursors: Mapping[str, str]) -> str:
    """Where pulls of a source go on, as JSON."""
    return json.dumps(dict(sorted(cursors.items())), ensure_ascii=False)


def read_cursors(text: str | None) -> dict[str, str]:
    """What `cursors_text` made; empty where nothing is kept."""
    return dict(json.loads(text)) if text else {}


def sendable(text: str) -> str:
    """No store takes lone surrogates: they are kept as JSON would write them."""
    return text.encode(errors="backslashreplace").decode()


def erasure_hashes(secret: Secret, text: str) -> tuple[bytes, ...]:
    """The keyed hashes that stand for an erased id, or for an identity written `system value`; any of them tells it.

    Ids are compared exactly (they hold no space), identities as those are that join people, hashed ones too: see
    `graph.alike`; and beside that without regard to case, as once they were only. What identifies nobody has none.
    """
    system, space, value = text.partition(" ")
    if not space:
        return (secret.hashed("id", text),)
    marked = marks(system, value)
    said = (f"{system} {value.strip().casefold()}", *marked) if marked else ()
    return tuple(secret.hashed("identity", *each.split(" ", 1)) for each in said)


def _json(value: Mapping[str, Any] | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
