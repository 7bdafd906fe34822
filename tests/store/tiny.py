"""Writing a few records into a store, as tests of the store need them."""

from __future__ import annotations

from typing import Any

from graph.canonical import content_hashes
from graph.store import Batch, Block, Outcome, Receipt, Store

WRITTEN = {Outcome.ADDED, Outcome.CHANGED, Outcome.CONFLICT_TAKEN}


def nodes(store: Store, type_name: str, *rows: dict[str, Any], source: str = "hr", version: int = 1) -> Receipt:
    """Write records of one type; every one must be taken."""
    return _write(store, block(type_name, *rows, version=version), source)


def edges(store: Store, type_name: str, *rows: dict[str, Any], source: str = "hr", version: int = 1) -> Receipt:
    return _write(store, block(type_name, *rows, version=version), source)


def remove(store: Store, type_name: str, *ids: str, source: str = "hr", version: int = 2) -> Receipt:
    """Remove nodes."""
    gone = Block(type_name, {"id": list(ids)}, [version] * len(ids), [0] * len(ids), removed=True)
    return store.write(Batch(source, None, [gone]))


def block(type_name: str, *rows: dict[str, Any], version: int = 1) -> Block:
    names = sorted({name for row in rows for name in row})
    columns = {name: [row.get(name) for row in rows] for name in names}
    stated = [name for name in names if name not in ("id", "from", "to")]
    return Block(type_name, columns, [version] * len(rows), content_hashes(columns, stated))


def _write(store: Store, written: Block, source: str) -> Receipt:
    receipt = store.write(Batch(source, None, [written]))
    refused = [Outcome(outcome).name for outcome in receipt.outcomes[0].tolist() if outcome not in WRITTEN]
    assert not refused, refused
    return receipt
