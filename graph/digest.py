"""The store's digest: same facts, same digest, whatever the engine, the order of loads or their history.

The sum modulo 2^256 of SHA-256 over each node's and edge's canonical JSON: type, id or ends, stated properties sorted
by name and written as at the boundary. Sources, versions, times of loading and whatever is derived leave no mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import repeat
from typing import Any

import numpy as np
import orjson

from graph.boundary import json_texts, property_of
from graph.records import HEADS, record_columns
from graph.steady import steady
from graph.store import Store
from ontology.model import EdgeType, Model, NodeType

_MODULUS = 1 << 256
_WORDS = 8  # of 32 bits in a hash


def digest(store: Store) -> str:
    """64 hex digits; reads everything, column batch by column batch."""
    return f"{steady(store, lambda _: _sum(store)) % _MODULUS:064x}"


def _sum(store: Store) -> int:
    return sum(
        _total(canonical_rows(kind, columns))
        for kind in record_types(store.model)
        for columns in record_columns(store, kind)
    )


def record_types(model: Model) -> Iterator[NodeType | EdgeType]:
    """What is stated by sources: neither kept by Skillgraph itself nor derived."""
    yield from (kind for kind in model.nodes.values() if not kind.system)
    yield from (kind for kind in model.edges.values() if not kind.derived)


def canonical_json(kind: NodeType | EdgeType, ends: Mapping[str, str], properties: Mapping[str, Any]) -> bytes:
    """One record's canonical JSON; `ends` is {"id": …} or {"from": …, "to": …}."""
    return next(iter(canonical_rows(kind, {name: [value] for name, value in {**ends, **properties}.items()})))


def canonical_rows(kind: NodeType | EdgeType, columns: Mapping[str, list[Any]]) -> Iterator[bytes]:
    """The canonical JSON of rows given as columns of held values, None where nothing is stated."""
    ends = ("id",) if isinstance(kind, NodeType) else ("from", "to")
    heads: list[Iterable[str]] = [repeat(f'{{"type":"{kind.name}"')]
    for name in ends:
        heads += [repeat(f',"{name}":'), map(_quoted, columns[name])]
    names = sorted(set(columns) - {*ends, *HEADS})
    stated = [_fragments(kind, name, columns[name]) for name in names]
    bodies: Iterable[str] = map("".join, zip(*stated, strict=True)) if stated else repeat("")
    for head, body in zip(map("".join, zip(*heads, strict=False)), bodies, strict=False):
        yield f'{head},"properties":{{{body[1:]}}}}}'.encode()


def _fragments(kind: NodeType | EdgeType, name: str, values: list[Any]) -> list[str]:
    """`,"name":value` for each value that is stated, else the empty text."""
    return json_texts(property_of(kind, name), values, f",{_quoted(name)}:")


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _total(rows: Iterable[bytes]) -> int:
    """The sum of the rows' hashes: eight columns of 32 bits, added up apart."""
    hashes = b"".join(sha256(row).digest() for row in rows)
    words = np.frombuffer(hashes, ">u4").reshape(-1, _WORDS).sum(axis=0, dtype=np.uint64).tolist()
    return sum(word << 32 * (_WORDS - 1 - place) for place, word in enumerate(words))
