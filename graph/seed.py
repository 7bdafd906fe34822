"""What every new store begins with: the home scale, and the crosswalks of known scales to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph.canonical import content_hashes
from graph.store import Batch, Block, Store
from ontology.crosswalks import SEED_SOURCE, crosswalk_rows
from ontology.model import EdgeType, NodeType

SEED_VERSION = 2
"""The version of the seeded records, to be raised whenever ontology/crosswalks.ttl changes: a test remembers it."""


def seed(store: Store) -> None:
    """Write the seed unless this version of it is there."""
    if (store.ledger.last_complete(SEED_SOURCE) or 0) >= SEED_VERSION:
        return
    blocks = [_block(store.model.type(name), rows) for name, rows in crosswalk_rows().items() if rows]
    store.write(Batch(SEED_SOURCE, None, blocks))
    store.ledger.set_last_complete(SEED_SOURCE, SEED_VERSION)


def _block(kind: NodeType | EdgeType, rows: Sequence[Mapping[str, Any]]) -> Block:
    names = sorted({name for row in rows for name in row})
    columns = {name: [row.get(name) for row in rows] for name in names}
    stated = [name for name in names if name not in ("id", "from", "to")]
    return Block(kind.name, columns, [SEED_VERSION] * len(rows), content_hashes(columns, stated))
