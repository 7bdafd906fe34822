"""JSON Schemas out of classes that are written down property by property; a name that ends with ! must be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def schema_of(classes: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """The schema of one class; no class has other properties than these."""
    definitions = {
        each: {
            "type": "object",
            "properties": {key.rstrip("!"): value for key, value in properties.items()},
            "required": [key.rstrip("!") for key in properties if key.endswith("!")],
            "additionalProperties": False,
        }
        for each, properties in classes.items()
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions, **ref(name)}
