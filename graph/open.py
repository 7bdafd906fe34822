"""Opening a store by its address: the engine is picked by the address's scheme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from graph.errors import BadStoreUrl, UnknownEngine
from graph.settings import Settings
from graph.store import Store
from ontology.model import Model, load_model


class Engine(Protocol):
    """What opens an engine's store: `address` is the text after the scheme."""

    def __call__(self, address: str, model: Model, settings: Settings, *, create: bool, read_only: bool) -> Store: ...


ENGINES: Mapping[str, str] = {"sqlite": "graph.sqlite.opening:open_sqlite"}
"""Scheme -> the `module:function` that opens the store; imported when it is asked for."""

_LATER = {"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"}


def open_store(url: str, settings: Settings | None = None, *, create: bool = True, read_only: bool = False) -> Store:
    """The store at `sqlite:PATH`; a new one is made, seeded with the home scale and the crosswalks.

    An older store is migrated first, after a backup copy. Raises a `StoreError` that says what is wrong and mends it.
    """
    chosen = settings or Settings()
    engine, address = _engine(url)
    return engine(address, load_model(chosen.ontology), chosen, create=create, read_only=read_only)


def _engine(url: str) -> tuple[Engine, str]:
    scheme, colon, address = url.partition(":")
    if not colon or not scheme or not address:
        fix = f"Write sqlite:{url or 'PATH'}" if not colon else "Write the path after the scheme: sqlite:PATH"
        raise BadStoreUrl("store address", "this is not SCHEME:PATH", f"{fix}.", without_password(url))
    if scheme.lower() in _LATER:
        fix = "Use the embedded store: sqlite:PATH."
        raise UnknownEngine(
            "store address", "Neo4j is not in this version of Skillgraph yet", fix, without_password(url)
        )
    place = ENGINES.get(scheme.lower())
    if place is None:
        known = ", ".join(f"{name}:" for name in ENGINES)
        raise UnknownEngine("store address", "no engine has this scheme", f"Known are: {known}", without_password(url))
    module, _, function = place.partition(":")
    engine: Engine = getattr(import_module(module), function)
    return engine, address


def without_password(url: str) -> str:
    """The address as it may be shown or logged."""
    return re.sub(r"(//[^/@:]*):[^@]*@", r"\1:***@", url)
