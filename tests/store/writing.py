"""Batches in a line, and what became of them in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.canonical import content_hash
from graph.place import local_name
from graph.report import Finding
from graph.secret import secret_file
from graph.store import Batch, Block, Node, Outcome, Receipt, Store
from graph.viewer import OPERATOR, Viewer

Row = dict[str, Any]


def rows(type_name: str, *stated: Row, version: int = 1) -> Block:
    """Records of one type; a row may have a `version` of its own."""
    plain = [{name: value for name, value in row.items() if name != "version"} for row in stated]
    names = sorted({name for row in plain for name in row})
    hashes = [content_hash({name: row[name] for name in row if name not in ("id", "from", "to")}) for row in plain]
    columns = {name: [row.get(name) for row in plain] for name in names}
    return Block(type_name, columns, [row.get("version", version) for row in stated], hashes)


def gone(type_name: str, *stated: Row, version: int = 2) -> Block:
    """Removals of nodes (`id`) or edges (`from`, `to`)."""
    block = rows(type_name, *stated, version=version)
    return Block(type_name, block.columns, block.versions, block.hashes, removed=True)


def put(store: Store, *blocks: Block, source: str = "hr", load: int | None = None) -> Receipt:
    return store.write(Batch(source, load, blocks))


def became(receipt: Receipt) -> list[list[str]]:
    """The outcomes of a receipt by name, block by block."""
    return [[Outcome(outcome).name for outcome in outcomes.tolist()] for outcomes in receipt.outcomes]


def tell(store: Store, *blocks: Block, source: str = "hr") -> list[str]:
    """Write and tell the outcomes of all rows in one list."""
    return [name for names in became(put(store, *blocks, source=source)) for name in names]


def unsound(store: Store) -> list[Finding]:
    """What is wrong with the store itself; what its machine has too little of is another matter."""
    return [each for each in store.health() if not each.well and each.what not in ("disk", "query statistics")]


def found(store: Store, what: str) -> Finding:
    (finding,) = [each for each in store.health() if each.what == what]
    return finding


def secret_of(url: str) -> Path:
    """The file of the secret of the store at an address."""
    name = local_name(url)
    assert name is not None
    return secret_file(name)


def owned(store: Store, source: str, type_name: str) -> list[tuple[str, ...]]:
    """What a source states now of a type."""
    return sorted(row for batch in store.owned(source, type_name) for row in batch)


def one(store: Store, id: str, viewer: Viewer = OPERATOR) -> Node:
    """A node that must be there."""
    node = store.get(id, viewer)
    assert node is not None
    return node
