"""The model's hash: what it says about data, whatever the order, names of blank nodes or wording of definitions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ontology.model import EdgeType, Model, NodeType, Property

_WORDS = frozenset({"label", "definition"})


def fingerprint(model: Model) -> str:
    """SHA-256 hex over the canonical items."""
    return digest(statements(model))


def digest(items: Iterator[str] | set[str]) -> str:
    return hashlib.sha256("\n".join(sorted(items)).encode()).hexdigest()


def statements(model: Model) -> Iterator[str]:
    """One canonical JSON text for each type, each of its properties, each pair of ends, each prefix and law."""
    for node in model.nodes.values():
        yield from _type(node)
    for edge in model.edges.values():
        yield from _type(edge)
        for start, end in edge.ends:
            yield _json(["ends", edge.name, start, end])
    for prefix, namespace in model.prefixes.namespaces.items():
        yield _json(["prefix", prefix, namespace])
    for law in model.laws.values():
        yield _json(["law", law.name, *sorted(law.types)])


def _type(kept: NodeType | EdgeType) -> Iterator[str]:
    yield _json(["type", kept.name, _said(kept, {"properties", "ends"})])
    for each in kept.properties.values():
        yield _json(["property", kept.name, each.name, _said(each, set())])


def _said(kept: NodeType | EdgeType | Property, without: set[str]) -> dict[str, Any]:
    names = [each.name for each in fields(kept) if each.name not in _WORDS | without]
    said = {name: getattr(kept, name) for name in names}
    if isinstance(kept, Property):
        said["targets"] = sorted(kept.targets)
    return said


def _json(value: list[Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, default=lambda each: [each.purpose, each.visible_to])
