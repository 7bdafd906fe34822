"""What a store remembers of the model it was written with.

A model that holds all of it opens the store; one that lacks a part of it is refused: an extension is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from graph.errors import ModelMismatch
from graph.kinds import target_space
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

Manifest = Mapping[str, Mapping[str, Any]]


def manifest(model: Model) -> Manifest:
    """What a store's layout and values depend on: types, how they are kept, properties, enumerations."""
    kinds: dict[str, NodeType | EdgeType] = {**model.nodes, **model.edges}
    return {
        name: {
            "storage": kind.storage if isinstance(kind, NodeType) else "edge",
            "properties": {each.name: _shape(each, model) for each in kind.properties.values()},
        }
        for name, kind in kinds.items()
    }


def manifest_text(model: Model) -> str:
    """As a store keeps it, JSON."""
    return json.dumps(manifest(model))


def check_holds(stored: Manifest, model: Model, place: str) -> None:
    """Raises `ModelMismatch` when the model lacks a part of what the store at `place` was written with."""
    found = list(lacking(stored, manifest(model)))
    if found:
        fix = "Set SKILLGRAPH_ONTOLOGY to the folder the store was written with."
        raise ModelMismatch(place, f"the ontology lacks what the store holds: {', '.join(found[:5])}", fix)


def lacking(stored: Manifest, now: Manifest) -> Iterator[str]:
    """Types, properties and values that the store knows and the model does not, or knows otherwise."""
    for name, kind in stored.items():
        if name not in now or now[name]["storage"] != kind["storage"]:
            yield name
            continue
        for each, (datatype, many, space, values) in kind["properties"].items():
            found = now[name]["properties"].get(each)
            if found is None or found[:3] != [datatype, many, space]:
                yield f"{name}.{each}"
            elif found[3][: len(values)] != values:
                yield f"{name}.{each}: {'|'.join(values)}"


def _shape(kind: Property, model: Model) -> list[Any]:
    space = target_space(kind, model) if kind.datatype is Datatype.REFERENCE else ""
    return [kind.datatype.value, kind.many, space, list(kind.values)]
