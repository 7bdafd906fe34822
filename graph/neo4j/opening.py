"""Making, migrating and opening a store in a Neo4j database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from graph.errors import BadStoreUrl, StoreNotThere, UnfinishedStore
from graph.neo4j.adapt import adapt, make, meta
from graph.neo4j.address import Address, parse_address
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.limits import Limits
from graph.neo4j.migrate import migrate
from graph.neo4j.readonly import ReadOnlyServer
from graph.neo4j.server import Server
from graph.seed import seed
from graph.settings import Settings
from ontology.model import Model

PASSWORD = "SKILLGRAPH_STORE_PASSWORD"  # noqa: S105


def open_neo4j(url: str, model: Model, settings: Settings, *, create: bool, read_only: bool) -> Neo4jStore:
    """The store in the database at `url`; see `graph.open.open_store`."""
    address = with_password(parse_address(*url.split(":", 1)))
    server = (ReadOnlyServer if read_only else Server)(address, Limits.from_environment())
    try:
        server.check()
        prepare(server, model, read_only, create)
        store = Neo4jStore(address, server, model, settings, read_only=read_only)
        if not read_only:
            _ = store.ledger.secret  # refuses another than the store was made with
            seed(store)
    except BaseException:
        server.close()
        raise
    return store


def with_password(address: Address, environment: Mapping[str, str] = os.environ) -> Address:
    """An address without a password gets that of the variable, or of the file that the other variable names."""
    if address.password:
        return address
    given, file = environment.get(PASSWORD), environment.get(f"{PASSWORD}_FILE")
    if not given and file:
        try:
            given = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            fix = f"Mend {PASSWORD}_FILE, or set {PASSWORD}."
            raise BadStoreUrl(file, "the file with the database's password cannot be read", fix) from error
    return replace(address, user=address.user or "neo4j", password=given) if given else address


def prepare(server: Server, model: Model, read_only: bool = False, create: bool = True) -> None:
    """A new store if one may be made, a migration for an older one, and room for what the model gained."""
    known = meta(server)
    if known is not None and "copying" in known:
        problem = f"a copy of {known['copying']} to this store has not come to its end"
        raise UnfinishedStore(server.address.shown, problem, "Wait for it; if it was cut off, do the same copy again.")
    if known is None and create and not read_only:
        make(server, model)
        known = meta(server)
    if known is None:
        fix = "Check the address; or load something, which makes the store."
        raise StoreNotThere(server.address.shown, "there is no store in the database", fix)
    if migrate(server, model, known["schema_version"], read_only):
        known = meta(server) or known
    adapt(server, model, known, read_only)
