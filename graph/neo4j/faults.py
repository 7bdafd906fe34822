"""What the driver raises, said in a sentence with the fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from graph.errors import StoreError, StoreUnreachable
from graph.neo4j.address import Address


@contextmanager
def told_clearly(address: Address) -> Iterator[None]:
    """Errors of the driver become a `StoreError`."""
    try:
        yield
    except (ServiceUnavailable, SessionExpired) as error:
        fix = "Start Neo4j, or mend the address."
        raise StoreUnreachable(address.shown, "the database cannot be reached", fix) from error
    except (DriverError, Neo4jError) as error:
        raise StoreError(address.shown, f"the database refused: {error}", "See its log.") from error
