"""A client that costs the machine little: HTTP/1.1 over kept connections, answers counted, not parsed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LENGTH = b"content-length:"


class Failed(RuntimeError):
    """An answer that was not 200, with its first words."""


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._buffer = bytearray()
        self._whole = 0  # bytes of the answer under way, once its head is here

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._whole:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._whole = end + 4 + _length(bytes(self._buffer[:end]))
        if len(self._buffer) >= self._whole and self._answer is not None and not self._answer.done():
            answer, self._buffer, self._whole = bytes(self._buffer), bytearray(), 0
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server closed the connection"))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer; raises `Failed`."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise ConnectionResetError("the server closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        answer = await self._answer
        head, _, body = answer.partition(b"\r\n\r\n")
        if head.split(b" ", 2)[1] != b"200":
            raise Failed(answer[:500].decode(errors="replace"))
        return body

    @property
    def port(self) -> int:
        """This end's port."""
        assert self._transport is not None
        return int(self._transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """At once."""
        if self._transport is not None:
            self._transport.abort()


async def connect(port: int) -> Connection:
    """A new connection to this machine."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def get(path: str, key: str) -> bytes:
    """The bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def post(path: str, key: str, body: bytes) -> bytes:
    """The bytes of a request with a JSON body."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of each answer, of all together, and of processor time that the client itself used."""

    each: Sequence[float]
    all: float
    client: float
    bytes: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.each) / self.all


async def many(port: int, requests: Sequence[bytes], clients: int, answers: int) -> Taken:
    """So many clients, each asking again as soon as it is answered, until there are so many answers."""
    connections = [await connect(port) for _ in range(clients)]
    each: list[float] = []
    size = asked = 0

    async def one(connection: Connection) -> None:
        nonlocal asked, size
        while asked < answers:
            request, asked = requests[asked % len(requests)], asked + 1
            started = time.perf_counter()
            body = await connection.ask(request)
            each.append(time.perf_counter() - started)
            size += len(body)

    began, own = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(connection) for connection in connections))
    taken = Taken(each, time.perf_counter() - began, time.process_time() - own, size)
    for connection in connections:
        connection.close()
    return taken


def answered_by(connection: Connection, server: int, processes: Sequence[int]) -> int | None:
    """Which of the processes holds the other end of a connection; None while none has taken it."""
    inode = _inode(server, connection.port)
    for process in processes:
        for link in Path(f"/proc/{process}/fd").iterdir():
            try:
                if inode and os.readlink(link) == f"socket:[{inode}]":
                    return process
            except FileNotFoundError:
                continue  # closed meanwhile
    return None


def _inode(local: int, remote: int) -> str | None:
    """Of the socket at our local port whose other end is the remote one."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(f":{local:04X}") and words[2].endswith(f":{remote:04X}"):
            return words[9]
    return None


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return int(line[len(_LENGTH) :])
    raise Failed(f"an answer without a length: {head[:200]!r}")
