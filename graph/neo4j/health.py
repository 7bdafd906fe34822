"""What is well with a store in Neo4j and what is not: the findings of `skillgraph check`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from graph.errors import StoreError
from graph.findings import files_beside, put_aside, references, schema_and_model, secret
from graph.neo4j.adapt import lacking_rules, meta
from graph.neo4j.locks import holders
from graph.neo4j.lost import lost
from graph.neo4j.schema import VERSION, rules
from graph.neo4j.server import Server
from graph.neo4j.shape import derived_for
from graph.place import made_place
from graph.report import Finding

if TYPE_CHECKING:
    from graph.neo4j.engine import Neo4jStore

_COMPONENTS = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions[0], edition"
_NOT_READY = "SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name, state"
_PUT_ASIDE = "MATCH (h:_HeldRow) RETURN h.kind, count(h)"
_CLOCK = "RETURN timestamp()"
_UNDERIVED = (
    "OPTIONAL MATCH (s:_Store) OPTIONAL MATCH (c:_Change {number: coalesce(s.derived, 0) + 1}) "
    "RETURN s.number - coalesce(s.derived, 0), c.at, s.derived_for"
)
_LARGEST_SKEW = 5.0  # seconds
_LONGEST_BEHIND = 600  # seconds that what is derived may lag behind


def findings(store: Neo4jStore) -> Iterator[Finding]:
    """Every finding; when the database cannot be reached nothing more is asked."""
    reached = _database(store.server)
    yield reached
    if not reached.well:
        return
    known = meta(store.server) or {"schema_version": 0, "model_hash": "", "secret_check": None}
    yield schema_and_model((known["schema_version"], known["model_hash"]), (VERSION, store.model.hash))
    yield _rules(store)
    yield references(lost(store.server.read, store.layout))
    yield from put_aside({str(kind): count for kind, count in store.server.read(_PUT_ASIDE)})
    yield _derived(store)
    yield _clock(store.server)
    yield _locks(store.server)
    place = made_place(store.url)
    yield files_beside(each for each in place.parent.iterdir() if each.name.startswith(place.name))
    yield secret(place, known.get("secret_check"))


def _database(server: Server) -> Finding:
    try:
        name, version, edition = server.read(_COMPONENTS)[0]
    except StoreError as error:
        return Finding("database", False, error.problem, error.fix)
    return Finding("database", True, f"{name} {version} {edition} at {server.address.shown}")


def _rules(store: Neo4jStore) -> Finding:
    what = "constraints and indexes"
    try:
        lacking = lacking_rules(store.server, rules(store.model))
    except StoreError as error:
        return Finding(what, False, error.problem, error.fix)
    if lacking:
        listed = ", ".join(rule.name for rule in lacking)
        fixes = "; ".join(rule.statement for rule in lacking)
        return Finding(what, False, f"not there: {listed}", f"Run in the database: {fixes}")
    if waiting := store.server.read(_NOT_READY):
        listed = ", ".join(f"{name} {state.lower()}" for name, state in waiting)
        fix = "Wait until they are built; drop one that has failed, and open the store once for writing."
        return Finding(what, False, f"not ready: {listed}", fix)
    return Finding(what, True, f"{len(rules(store.model))}, all there")


def _derived(store: Neo4jStore) -> Finding:
    """Behind by a little is as it should be: it is brought up to date in the background."""
    behind, since, settings = store.server.read(_UNDERIVED)[0]
    if settings not in (None, derived_for(store.settings)):
        fix = (
            "Set the same SKILLGRAPH_SOURCE_ORDER and SKILLGRAPH_UNIQUE_IDENTITIES everywhere: whoever has others "
            "derives everything anew. If they were changed on purpose, `skillgraph serve` or the next load does it."
        )
        return Finding("derived", False, "for other settings than this process has", fix)
    if not behind:
        return Finding("derived", True, "up to date")
    found = f"{behind} changes behind"
    if since is not None and time.time() - since > _LONGEST_BEHIND:
        fix = "Run `skillgraph serve`, which keeps it up to date, or load something: that ends with it."
        return Finding("derived", False, found, fix)
    return Finding("derived", True, found)


def _clock(server: Server) -> Finding:
    before = time.time()
    theirs = server.read(_CLOCK)[0][0] / 1000
    skew = theirs - (before + time.time()) / 2
    found = f"the database's is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    if abs(skew) <= _LARGEST_SKEW:
        return Finding("clocks", True, found)
    fix = "Keep both right (NTP): this machine's says when changes were made and what is in force now."
    return Finding("clocks", False, found, fix)


def _locks(server: Server) -> Finding:
    held = holders(server)
    listed = ", ".join(f"{name} by {owner}" for name, owner in held)
    return Finding("loads at work", True, f"{len(held)}: {listed}" if held else "none")
