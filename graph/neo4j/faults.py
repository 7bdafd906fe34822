"""What the driver raises, told as `graph.errors` tells it: where, what, what mends it, and whether to try again."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from neo4j.exceptions import (
    AuthError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    UnsupportedServerProduct,
)

from graph.errors import (
    AccessRefused,
    NotTrusted,
    NotWritable,
    SchemaClash,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreNotThere,
    StoreSlow,
    StoreUnreachable,
    WrongServer,
)
from graph.neo4j.address import Address

LOST = (ServiceUnavailable, SessionExpired, ConnectionAcquisitionTimeoutError)
"""The way to the server failed, or the server went away; nobody answered."""

OLDEST = (5, 26)
"""The first version of Neo4j that is known to work."""

_AGENT = re.compile(r"Neo4j/([0-9]+)\.([0-9]+)")  # Aura adds words: Neo4j/5.27-aura
_SHOWN = 300  # characters of what the server says

_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"
_LOCKED = "Neo.ClientError.Transaction.LockClientStopped"
_ENDED = "Neo.ClientError.Transaction.Terminated"
_TOO_LARGE = "Neo.TransientError.General.TransactionOutOfMemoryError"
_OUTDATED_BOOKMARK = "Neo.TransientError.Transaction.BookmarkTimeout"


@dataclass(frozen=True, slots=True)
class _Told:
    """How an error of the server is told."""

    kind: type[StoreError]
    problem: str
    fix: str


_NOT_KNOWN = _Told(
    AccessRefused,
    "the database does not take this user with this password",
    "Give the right ones: neo4j://USER:PASSWORD@HOST, or the password in SKILLGRAPH_STORE_PASSWORD.",
)
_READ_ONLY = _Told(
    NotWritable,
    "the database may only be read",
    "Take it off server.databases.read_only, or name another.",
)
_NO_MEMORY = _Told(
    StoreFull, "the server has no memory left for this", "Give Neo4j more (server.memory.heap.max_size)."
)
_SLOW = _Told(StoreSlow, "the database took too long", "Look at its load, or raise SKILLGRAPH_NEO4J_ANSWER_SECONDS.")
_BUSY = _Told(StoreLocked, "others are writing", "Wait until they have finished.")
_AWAY = _Told(StoreUnreachable, "the database is not available", "Wait until it is started, or look at Neo4j's log.")
_CLASH = _Told(
    SchemaClash,
    "the database has an index or constraint that Skillgraph's own cannot be beside",
    "Drop the one that is named (SHOW INDEXES, SHOW CONSTRAINTS), or use a database of its own.",
)
_LEADERLESS = _Told(StoreUnreachable, "no server of the cluster takes writes now", "Wait until a leader is elected.")
_DOUBLE = _Told(
    SchemaClash, "a constraint of the database forbids this", "Let nothing but Skillgraph write what is Skillgraph's."
)

_PASSING = {_LOCKED, _ENDED, "Neo.ClientError.Transaction.LockAcquisitionTimeout"}
"""What the driver would not try again; a server that stops ends transactions so."""

_BY_CODE: Mapping[str, _Told] = {
    "Neo.ClientError.Security.Unauthorized": _NOT_KNOWN,
    "Neo.ClientError.Security.CredentialsExpired": _Told(
        AccessRefused, "the password has expired", "Set a new one: ALTER CURRENT USER SET PASSWORD …"
    ),
    "Neo.ClientError.Security.AuthenticationRateLimit": _Told(
        AccessRefused, "too many wrong passwords were given", "Wait a few seconds, then give the right one."
    ),
    "Neo.ClientError.Security.Forbidden": _Told(
        NotWritable, "this user may not do that", "Grant the user reading, writing and schema rights on the database."
    ),
    "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase": _READ_ONLY,
    "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase": _READ_ONLY,
    "Neo.ClientError.Database.DatabaseNotFound": _Told(
        StoreNotThere,
        "the server has no database of this name",
        "Mend the address, or have it made: CREATE DATABASE …",
    ),
    "Neo.ClientError.Schema.ConstraintValidationFailed": _DOUBLE,
    "Neo.ClientError.Schema.ConstraintWithNameAlreadyExists": _CLASH,
    "Neo.ClientError.Schema.ConstraintAlreadyExists": _CLASH,
    "Neo.ClientError.Schema.IndexWithNameAlreadyExists": _CLASH,
    "Neo.ClientError.Schema.IndexAlreadyExists": _CLASH,
    "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists": _CLASH,
    "Neo.DatabaseError.Schema.ConstraintCreationFailed": _Told(
        SchemaClash, "what is in the database breaks a constraint of Skillgraph's", "Use a database of its own."
    ),
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": _NO_MEMORY,
    "Neo.TransientError.General.OutOfMemoryError": _NO_MEMORY,
    "Neo.DatabaseError.General.OutOfMemoryError": _NO_MEMORY,
    "Neo.DatabaseError.Statement.ExecutionFailed": _Told(StoreError, "the database failed", "See Neo4j's log."),
    _TOO_LARGE: _Told(
        StoreFull,
        "one transaction needs more memory than it may have",
        "Raise db.memory.transaction.max (neo4j.conf).",
    ),
    "Neo.ClientError.General.TransactionOutOfMemoryError": _NO_MEMORY,
    _ENDED: _Told(StoreUnreachable, "the server ended the transaction", "Look whether it was stopped, and why."),
    _LOCKED: _BUSY,
    "Neo.TransientError.Transaction.DeadlockDetected": _BUSY,
    "Neo.TransientError.Transaction.LockAcquisitionTimeout": _BUSY,
    "Neo.ClientError.Transaction.LockAcquisitionTimeout": _BUSY,
    "Neo.TransientError.Database.DatabaseUnavailable": _AWAY,
    "Neo.TransientError.General.DatabaseUnavailable": _AWAY,
    _OUTDATED_BOOKMARK: _Told(
        StoreUnreachable, "the server that answers lags behind what was written", "Wait until it has caught up."
    ),
    "Neo.ClientError.Cluster.NotALeader": _LEADERLESS,
}


_GONE = _Told(
    StoreUnreachable, "the database cannot be reached", "Start Neo4j (of a cluster: a leader), or mend the address."
)
_NO_TLS = _Told(
    StoreUnreachable,
    "the server ended the encrypted connection",
    "If it has no certificate, leave out +s.",
)
_NOT_TRUSTED = _Told(
    NotTrusted, "the server's certificate is not trusted", "Have it signed by whom this machine trusts, or write +ssc."
)
_NO_BOLT = _Told(
    WrongServer, "what answers there is no Neo4j of today", "Name the Bolt port (7687) of a Neo4j 5.26 or later."
)


@contextmanager
def told_clearly(address: Address) -> Iterator[None]:
    """Errors of the driver become a `StoreError`."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        raise as_store_error(error, address) from error


def as_store_error(error: DriverError | Neo4jError, address: Address) -> StoreError:
    """The error that says which database it is and what mends it."""
    told, value = _server_told(error) if isinstance(error, Neo4jError) else _driver_told(error)
    return told.kind(address.shown, told.problem, told.fix, value)


def worth_trying(error: DriverError | Neo4jError) -> bool:
    """Whether the same may well succeed a moment later."""
    if isinstance(error, Neo4jError):
        return error.code in _PASSING or (error.is_retryable() and error.code != _TOO_LARGE)
    return isinstance(error, LOST) and not _is_final(error)


def timed_out(error: Neo4jError) -> bool:
    """Whether the transaction came to the end of the time it was given."""
    return (error.code or "").startswith(_TIMED_OUT)


def went_unanswered(error: DriverError | Neo4jError) -> bool:
    """Whether the server went away, or waited in vain for what it is said to have: another may have taken its place."""
    if isinstance(error, Neo4jError):
        return error.code == _OUTDATED_BOOKMARK or timed_out(error)
    return isinstance(error, LOST)


def too_old(agent: str, address: Address) -> StoreError | None:
    """What is wrong with a server that calls itself so (`Neo4j/5.26.1`), None if nothing is."""
    told = _AGENT.match(agent)
    if told and (int(told[1]), int(told[2])) >= OLDEST:
        return None
    oldest = ".".join(map(str, OLDEST))
    return WrongServer(
        address.shown, f"this server is no Neo4j {oldest} or later", f"Use Neo4j {oldest} or later.", agent[:100]
    )


def _is_final(error: DriverError) -> bool:
    return any(isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError) for cause in _causes(error))


def _server_told(error: Neo4jError) -> tuple[_Told, str]:
    code, message = error.code or "", (error.message or "")[:_SHOWN]
    if isinstance(error, AuthError) and code not in _BY_CODE:
        return _NOT_KNOWN, message
    if code.startswith(_TIMED_OUT):
        return _SLOW, ""
    if code in _BY_CODE:
        told = _BY_CODE[code]
        return told, "" if told in (_NOT_KNOWN, _BUSY) else message
    return _Told(StoreError, "the database refused", "See Neo4j's log."), message or code


def _driver_told(error: DriverError) -> tuple[_Told, str]:
    if isinstance(error, UnsupportedServerProduct):
        return _NO_BOLT, ""
    tls = next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)
    if isinstance(tls, ssl.SSLEOFError):
        return _NO_TLS, ""
    if tls is not None:
        return _NOT_TRUSTED, getattr(tls, "verify_message", "") or str(tls)
    if isinstance(error, LOST):
        return _GONE, ""
    return _Told(StoreError, "the driver failed", "Look at the address, or report this."), str(error)[:_SHOWN]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it; a router's errors come in a group."""
    waiting: list[BaseException] = [error]
    while waiting:
        cause = waiting.pop()
        yield cause
        waiting += cause.exceptions if isinstance(cause, BaseExceptionGroup) else []
        waiting += [cause.__cause__] if cause.__cause__ is not None else []
