"""Cutting the connections of a driver while others wait for them."""

from __future__ import annotations

import socket
from contextlib import suppress

from neo4j import Driver


def cut(driver: Driver) -> None:
    """Shut every connection: whoever waits for one is told that it broke, as if the server had ended it.

    The driver's public ways are no use here: `cancel` is there for asyncio only, and `close` must not be called while
    a thread waits: it would free a file descriptor that the thread goes on to read from when it is somebody else's.
    So this reaches behind its API, and leaves it to the waiting thread to close what it finds ended. tests/faults
    tells when another version of the driver keeps its sockets elsewhere.
    """
    pool = driver._pool
    with pool.lock:
        connections = [connection for each in pool.connections.values() for connection in each]
    for connection in connections:
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(connection.socket._socket, socket.SHUT_RDWR)
