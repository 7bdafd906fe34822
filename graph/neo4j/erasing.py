"""`Neo4jStore.erase`: the database in one transaction, then what lies beside the store on this machine.

Killed after the transaction, the same command again does the rest: the keyed hashes tell that the person was erased.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from graph.erasure import SOURCE, nobody, remove_beside, removed_record
from graph.kinds import NODES
from graph.lookup import Known
from graph.neo4j.erase import Erasure, Going
from graph.neo4j.held import NOTHING_SEEN, Naming, find_naming, remove, silence_loads
from graph.neo4j.locks import nobody_loads, still_held
from graph.neo4j.lookup import Lookup, SourceNumbers
from graph.neo4j.mentions import NO_VERSIONS, Versions, find_versions
from graph.neo4j.names import texts
from graph.neo4j.records import RecordReader
from graph.neo4j.referrers import Ask
from graph.neo4j.server import Writer
from graph.neo4j.traces import texts_left
from graph.neo4j.write import Writing
from graph.neo4j.write_nodes import collect_retired
from graph.person import Person, find_person, learner_type
from graph.report import ErasureReport
from graph.secret import Secret
from graph.store import Busy

if TYPE_CHECKING:
    from graph.neo4j.engine import Neo4jStore

_REMOVED = (
    "UNWIND $ids AS id MATCH (t:_Tombstone {id: id, space: $space}) WHERE t.source IS NOT NULL AND t.type = $type "
    "RETURN t.id LIMIT 1"
)


def erase(store: Neo4jStore, id: str) -> ErasureReport:
    """See `graph.store.Store.erase`; raises `Busy` while a load stages, since its files may name the person."""
    with nobody_loads(store.server):
        going = _going(store, store.server.read, id)
        report = _erase_rows(store, id, going) if going else None
        if report is None and not store.ledger.erased([id])[0]:
            raise nobody(store.url, id)
        files = remove_beside(store.url)
    with suppress(Busy):  # who derives now will do it; what is left until then is told
        store.catch_up()
    with store.server.steady():
        left = texts_left(store.server.read, store.layout, going.names if going else (id,))
    return replace(report or ErasureReport((id,)), files=files, left=left)


def _going(store: Neo4jStore, ask: Ask, id: str) -> Going | None:
    person = find_person(RecordReader(ask, store.layout), id, store.settings) or _removed(store, ask, id)
    return None if person is None else Going(ask, store.layout, person)


def _removed(store: Neo4jStore, ask: Ask, id: str) -> Person | None:
    """A record that its source removed."""
    found = ask(_REMOVED, ids=texts([id]), space=NODES, type=learner_type(store.model).name)
    return removed_record(id, store.model) if found else None


def _erase_rows(store: Neo4jStore, id: str, ahead: Going) -> ErasureReport | None:
    """Everything in the database, with a change record that names nobody: followers build anew what they made of
    people.

    What was put aside and what was superseded may be long: it is looked through before others have to wait, and then
    only what has come since.
    """
    secret = store.ledger.secret
    seen = _look_ahead(store, ahead, secret)
    still_held(store.server)
    return store.server.write(lambda writer: _erase(store, writer, id, secret, seen))


def _look_ahead(store: Neo4jStore, going: Going, secret: Secret) -> tuple[Naming, Versions]:
    """The rows put aside and the superseded versions that name the person."""
    ask = store.server.read
    held = _naming(ask, going, NOTHING_SEEN)
    number, _ = store.server.counts()
    with store.server.steady():
        return held, find_versions(ask, store.layout, going.blanking(secret).texts, number, NO_VERSIONS)


def _erase(
    store: Neo4jStore, writer: Writer, id: str, secret: Secret, seen: tuple[Naming, Versions]
) -> ErasureReport | None:
    going = _going(store, writer.run, id)
    if going is None:
        return None
    look = Lookup(writer.run, store.layout, Known(), SourceNumbers())
    job = Writing(writer, look, SOURCE, None, int(time.time()))
    rows, versions = seen
    said = find_versions(writer.run, store.layout, going.blanking(secret).texts, writer.number, versions)
    report = Erasure(job, secret, going, said.ids).run()
    named = _naming(writer.run, going, rows).keys
    remove(writer.run, named)
    silence_loads(writer.run, going.names)
    collect_retired(job)
    return replace(report, held_rows=len(named), number=job.finish())


def _naming(ask: Ask, going: Going, seen: Naming) -> Naming:
    return find_naming(ask, going.person.ids, going.names, going.ids, seen)
