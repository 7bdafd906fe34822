"""Named locks between processes: leases in the database, `(:_Lock {name, owner, until})`, `until` by its clock in ms.

A holder renews its lease while it holds it. One that died is known at once to who runs on the same machine, and to all
others when the lease has run out. The lock of the empty name shuts every other, but for those that no load takes: their
names begin with a NUL.

A holder that was stopped for a while, or could not reach the database, may have lost its lock. `still_held` tells it
before it writes the next batch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from graph.errors import StoreError
from graph.ledger_rows import sendable
from graph.neo4j.owners import is_dead, new_owner, shown
from graph.neo4j.referrers import Ask
from graph.neo4j.server import Server
from graph.store import Busy

LEASE_SECONDS = 20
_LEASE = LEASE_SECONDS * 1000  # as Cypher's clock counts
_RENEW_SECONDS = 5.0
_AGAIN_SECONDS = 1.0  # when renewing failed
_EVERY = ""
_APART = "\0"

# Every statement first writes to what it then reads: so it holds its lock in the database, and nobody else's answer
# changes in between. All that take a lock begin with that of the empty name.
_SHUT = (
    "MERGE (every:_Lock {name: $every}) SET every.asked = timestamp() WITH every "
    "WITH CASE WHEN every.until > timestamp() AND NOT every.owner IN $dead AND NOT $name STARTS WITH $apart "
    "THEN every.owner END AS shut "
)
_TAKE = (
    f"{_SHUT} MERGE (l:_Lock {{name: $name}}) SET l.asked = timestamp() WITH l, shut "
    "WITH l, coalesce(shut, CASE WHEN l.until > timestamp() AND NOT l.owner IN $dead THEN l.owner END) AS other "
    "FOREACH (free IN CASE WHEN other IS NULL OR other = $owner THEN [l] ELSE [] END | "
    "SET free.owner = $owner, free.until = timestamp() + $lease) "
    "RETURN CASE WHEN other = $owner THEN NULL ELSE other END"
)
_TAKE_EVERY = (
    f"{_SHUT} MATCH (l:_Lock) WHERE NOT l.name STARTS WITH $apart SET l.asked = timestamp() WITH shut, l "
    "WITH [o IN collect(CASE WHEN l.until > timestamp() AND NOT l.owner IN $dead THEN l.owner END) "
    "WHERE o <> $owner][0] AS other "
    "MATCH (every:_Lock {name: $every}) "
    "FOREACH (free IN CASE WHEN other IS NULL THEN [every] ELSE [] END | "
    "SET free.owner = $owner, free.until = timestamp() + $lease) "
    "RETURN other"
)
_RENEW = (
    "MATCH (l:_Lock {name: $name}) SET l.asked = timestamp() WITH l WHERE l.owner = $owner "
    "SET l.until = timestamp() + $lease RETURN l.name"
)
_FREE = (
    "MATCH (l:_Lock {name: $name}) SET l.asked = timestamp() WITH l WHERE l.owner = $owner "
    "REMOVE l.owner, l.until RETURN l.name"
)
_HELD = (
    "MATCH (l:_Lock) WHERE l.until > timestamp() AND NOT l.name STARTS WITH $apart "
    "WITH l ORDER BY l.name RETURN l.name, l.owner"
)
_HOLDER = "MATCH (l:_Lock {name: $name}) WHERE l.until > timestamp() RETURN l.owner"


@contextmanager
def hold(server: Server, name: str) -> Iterator[None]:
    """Hold the lock until the block ends; raises `Busy` when someone else, in this process or another, holds it."""
    with _held(server, sendable(name), _TAKE, repr(name)):
        yield


@contextmanager
def nobody_loads(server: Server) -> Iterator[None]:
    """Hold every lock there is until the block ends; raises `Busy` when someone holds one of them."""
    with _held(server, _EVERY, _TAKE_EVERY, "a load's name"):
        yield


def is_held(server: Server, name: str) -> bool:
    """Whether anyone holds the lock now."""
    return any(not is_dead(owner) for (owner,) in server.read(_HOLDER, name=sendable(name)))


def still_held(server: Server) -> None:
    """Raises `Busy` when somebody else has a lock that this thread took."""
    for lease in _held_here():
        if lease.server is server and not lease.stands():
            raise Busy(lease.loss)


def holders(server: Server) -> list[tuple[str, str]]:
    """Names that loads hold now, each with the machine and process that does."""
    held = server.read(_HELD, apart=_APART)
    return [(name, shown(owner)) for name, owner in held if not is_dead(owner)]


@contextmanager
def _held(server: Server, name: str, take: str, what: str) -> Iterator[None]:
    owner = new_owner()
    _take(server, name, owner, take, what)
    lease = _Lease(server, name, owner, what)
    here = _held_here()
    here.append(lease)
    try:
        yield
    finally:
        here.remove(lease)
        lease.end()
    if lease.lost:
        raise Busy(lease.loss)


_here = threading.local()


def _held_here() -> list[_Lease]:
    """What this thread holds."""
    if not hasattr(_here, "leases"):
        _here.leases = []
    found: list[_Lease] = _here.leases
    return found


def _take(server: Server, name: str, owner: str, take: str, what: str) -> None:
    """At first everyone is taken to be alive; who is seen to be dead counts no more."""
    dead: list[str] = []
    while True:
        given = {"every": _EVERY, "apart": _APART, "name": name, "owner": owner, "dead": dead, "lease": _LEASE}
        ((other,),) = server.repeatable(take, **given)
        if other is None:
            return
        if other in dead or not is_dead(other):
            raise Busy(f"{what} is in use by another process. Wait until it has finished.")
        dead.append(other)


class _Lease:
    """Renews until it ends; `lost` says that somebody else has the lock, since renewing failed for too long."""

    def __init__(self, server: Server, name: str, owner: str, what: str) -> None:
        self.server = server
        self.loss = f"{what} was taken by another process while the database could not be reached. Do it again."
        self.lost = False
        self._name = name
        self._owner = owner
        self._ended = threading.Event()
        self._renewed = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name=f"lease of {name!r}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Free the lock; when the database cannot be reached it is free when the lease has run out."""
        self._ended.set()
        self._thread.join()
        if not self.lost:
            with suppress(StoreError):
                self.lost = not self.server.attempt(_FREE, name=self._name, owner=self._owner)

    def stands(self) -> bool:
        """Whether nobody else can have the lock; asks the database only when the lease may have run out."""
        if not self.lost and time.monotonic() > self._renewed + _LEASE / 1000:
            self._renew(self.server.repeatable)
        return not self.lost

    def _keep(self) -> None:
        pause = _RENEW_SECONDS
        while not self.lost and not self._ended.wait(pause):
            try:
                self._renew(self.server.attempt)
                pause = _RENEW_SECONDS
            except StoreError:
                pause = _AGAIN_SECONDS

    def _renew(self, run: Ask) -> None:
        asked = time.monotonic()
        self.lost = not run(_RENEW, name=self._name, owner=self._owner, lease=_LEASE)
        self._renewed = asked
