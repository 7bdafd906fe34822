"""A whole store held against shapes at column speed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.settings import Settings
from graph.steady import steady
from graph.store import Store
from loaders.triples import StoreTable, store_table
from ontology.model import Model
from ontology.report import Report
from ontology.validate import Engine, check, definition_of


def check_store(store: Store, settings: Settings, shapes: Path | None = None, engine: Engine = "columns") -> Report:
    """Everything that the store holds against Skillgraph's shapes and a deployment's own, or against others.

    What every store is seeded with is looked at, and not counted. Raises `ValidationInputError` for shapes that can't
    be read or trusted.
    """
    definition = definition_of(shapes, settings.ontology)
    named = list(definition.named)

    def read(_: int) -> StoreTable:
        return store_table(store, named, settings.language, definition.below)

    found = steady(store, read)
    return check(found.table, definition, engine, found.records, _called(store.model))


def _called(model: Model) -> Callable[[str], str]:
    """What a record is called: by its id, an edge by its type and ends."""
    head, compact = f"{model.prefixes.base}edge/", model.prefixes.compact

    def name(iri: str) -> str:
        return iri.removeprefix(head).replace("/", " ") if iri.startswith(head) else compact(iri)

    return name
