"""Ids of keys and types of labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from graph.neo4j.cypher import Layout, parts
from graph.neo4j.states import Reading

_NAMES = "MATCH (n:Resource) WHERE n._key IN $keys RETURN collect(n._key), collect(n.id), collect(labels(n))"
_KNOWN = "MATCH (n:Resource) WHERE n.id IN $ids RETURN collect(n.id), collect(n._key), collect(labels(n))"
_GONE = "MATCH (t:_Tombstone) WHERE t.key IN $keys RETURN collect(t.key), collect(t.id)"


def type_of(layout: Layout, labels: Iterable[str]) -> str:
    """The model's type among a node's labels."""
    return next(label for label in labels if label in layout.nodes)


def texts(ids: Iterable[str]) -> list[str]:
    """Distinct texts, in order, that the database can hold; the others are nowhere in it."""
    return sorted(id for id in set(ids) if id.isascii() or _is_text(id))


def _is_text(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)


def known_now(reading: Reading, layout: Layout, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Key and type of those ids that nodes have now."""
    found: dict[str, tuple[int, str]] = {}
    for some in parts(texts(ids)):
        columns = zip(*reading.columns(_KNOWN, ids=some), strict=True)
        found.update((id, (key, type_of(layout, labels))) for id, key, labels in columns)
    return found


def names_now(reading: Reading, layout: Layout, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Id and type of those keys that nodes have now."""
    found: dict[int, tuple[str, str]] = {}
    for some in parts(np.unique(np.fromiter(keys, np.int64)).tolist()):
        columns = zip(*reading.columns(_NAMES, keys=some), strict=True)
        found.update((key, (id, type_of(layout, labels))) for key, id, labels in columns)
    return found


def names_ever(reading: Reading, layout: Layout, keys: Iterable[int]) -> dict[int, str]:
    """Ids of keys, removed nodes too; what was erased is not among them."""
    wanted = set(keys)
    found = {key: id for key, (id, _) in names_now(reading, layout, wanted).items()}
    for some in parts(sorted(wanted - found.keys())):
        found.update(zip(*reading.columns(_GONE, keys=some), strict=True))
    return found


def in_space(layout: Layout, named: dict[int, tuple[str, str]], space: str, keys: Sequence[int]) -> list[str]:
    """Ids of keys of one key space; "" for a key that is gone, or of another."""
    spaces = {name: kind.space for name, kind in layout.nodes.items()}
    return [id if spaces.get(name) == space else "" for id, name in (named.get(key, ("", "")) for key in keys)]
