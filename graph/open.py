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
    """What opens an engine's store; `url` has one of its schemes."""

    def __call__(self, url: str, model: Model, settings: Settings, *, create: bool, read_only: bool) -> Store: ...


_NEO4J = "graph.neo4j.opening:open_neo4j"
ENGINES: Mapping[str, str] = {
    "sqlite": "graph.sqlite.opening:open_sqlite",
    **dict.fromkeys(("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"), _NEO4J),
}
"""Scheme -> the `module:function` that opens the store; imported when it is asked for."""


def open_store(url: str, settings: Settings | None = None, *, create: bool = True, read_only: bool = False) -> Store:
    """The store at `sqlite:PATH` or `neo4j://USER:PASSWORD@HOST:PORT`; a new one is made, seeded with the home scale
    and the crosswalks.

    An older store is migrated first, a file after a backup copy. Raises a `StoreError` that says what is wrong and
    mends it.
    """
    chosen = settings or Settings()
    model = load_model(chosen.ontology, chosen.base_iri)
    return engine_of(url)(url, model, chosen, create=create, read_only=read_only)


def engine_of(url: str) -> Engine:
    """What opens the stores of an address; a process that forks before it opens one imports it so."""
    module, _, function = ENGINES[scheme_of(url)].partition(":")
    engine: Engine = getattr(import_module(module), function)
    return engine


def scheme_of(url: str) -> str:
    """The scheme of an address, in lower case; raises `BadStoreUrl`, or `UnknownEngine` for one that no engine has."""
    scheme, colon, address = url.partition(":")
    if not colon or not scheme or not address:
        fix = f"Write sqlite:{url or 'PATH'}" if not colon else "Write the path after the scheme: sqlite:PATH"
        raise BadStoreUrl("store address", "this is not SCHEME:PATH", f"{fix}.", without_password(url))
    if scheme.lower() not in ENGINES:
        known = ", ".join(f"{name}:" for name in ENGINES)
        raise UnknownEngine("store address", "no engine has this scheme", f"Known are: {known}", without_password(url))
    return scheme.lower()


def without_password(url: str) -> str:
    """The address as it may be shown or logged."""
    return re.sub(r"(//[^/@:]*):[^@]*@", r"\1:***@", url)
