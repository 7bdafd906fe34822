"""Rows and nodes as JSON-LD: full IRIs for ids, names from the deployment's own context."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ontology.model import Datatype, EdgeType, Model, NodeType

NAMESPACE = "https://w3id.org/skillgraph#"
ALSO_IDS = frozenset({"id", "from", "to", "person", "through"})  # of rows; not properties of the model
MOST_KNOWN = 100_000  # IRIs that a linker remembers; some 20 MB


class Linker:
    """Writes ids of one model's graph as IRIs."""

    def __init__(self, model: Model) -> None:
        self.names = id_names(model)
        self._expand = model.prefixes.expand
        self._known: dict[str, str] = {}

    def iri(self, id: str) -> str:
        """The IRI of an id; text that is no id stays as it is."""
        found = self._known.get(id)
        if found is None:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            try:
                found = self._expand(id)
            except ValueError:
                found = id
            self._known[id] = found
        return found

    def linked(self, value: Any, named: bool = False) -> Any:
        """A JSON value in which the ids under the names of ids are IRIs, at any depth."""
        if isinstance(value, str):
            return self.iri(value) if named else value
        if isinstance(value, Mapping):
            return {
                ("@id" if name == "id" else name): self.linked(each, name in self.names) for name, each in value.items()
            }
        if isinstance(value, Sequence):
            return [self.linked(each, named) for each in value]
        return value


def linked_rows(document: Mapping[str, Any], model: Model, base: str) -> dict[str, Any]:
    """An answer as JSON-LD: its rows in order, every id an IRI."""
    linker = Linker(model)
    # said again for what stands in rows, untyped: a number that the context calls a decimal would be no decimal's text
    plain = {name: {"@id": NAMESPACE + name} for name in sorted(_names_in(document["rows"]) - linker.names)}
    ids = {name: {"@id": NAMESPACE + name, "@type": "@id"} for name in sorted(linker.names - {"id"})}
    terms = {
        "rows": {"@id": f"{NAMESPACE}row", "@container": "@list"},
        "parameters": {"@id": f"{NAMESPACE}parameters", "@type": "@json"},
    }
    context = [f"{base}context.jsonld", {"@vocab": NAMESPACE, **plain, **ids, **terms}]
    return {"@context": context, "@type": f"{NAMESPACE}Answer", **document, "rows": linker.linked(document["rows"])}


def id_names(model: Model) -> frozenset[str]:
    """Names under which ids stand in answers: references of the model, and its node types in lower case."""
    kinds: list[NodeType | EdgeType] = [*model.nodes.values(), *model.edges.values()]
    references = {
        each.name for kind in kinds for each in kind.properties.values() if each.datatype is Datatype.REFERENCE
    }
    return frozenset(references | {_snake(name) for name in model.nodes} | ALSO_IDS)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _names_in(value: Any) -> set[str]:
    """The names of a JSON value, at any depth."""
    if isinstance(value, Mapping):
        return set(value).union(*map(_names_in, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return set().union(*map(_names_in, value))
    return set()
