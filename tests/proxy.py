"""A TCP proxy on loopback that does to a connection what networks do: cut, reset, delay, throttle, go silent."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""Bolt's message COMMIT, in its chunk."""

_PIECE = 1 << 16
_TICK = 0.01


@dataclass
class Faults:
    """What befalls connections now; a test sets it while they are at work."""

    delay: float = 0.0  # seconds that every piece from the server is held back
    rate: float = 0.0  # bytes a second from the server; 0: as fast as can be
    silent: bool = False  # nothing passes, and nobody is told
    refused: bool = False  # connections are not taken
    rewrite: Callable[[bytes], bytes] | None = None  # of what the server says
    at_commit: Callable[[Link], None] | None = None  # once, instead of handing a COMMIT on


@dataclass(eq=False)
class Link:
    """One connection through the proxy."""

    client: socket.socket
    server: socket.socket
    answer_lost: bool = False  # the server's next words end the connection instead of reaching the client
    ended: threading.Event = field(default_factory=threading.Event)

    def reset(self) -> None:
        """End both sides, as a machine does that knows of no connection."""
        self.ended.set()
        for side in (self.client, self.server):
            with suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                side.shutdown(socket.SHUT_RD)  # wakes whoever reads
            side.close()


class Proxy:
    """Listens on a free port and hands on to `port`."""

    def __init__(self, port: int) -> None:
        self.faults = Faults()
        self._server_port = port
        self._links: set[Link] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._listen, daemon=True).start()

    def mend(self) -> None:
        """From now on all is well; what was held back passes."""
        self.faults = Faults()

    def cut(self) -> None:
        """Reset every connection; new ones are taken unless `faults.refused`."""
        for link in self._open():
            link.reset()

    def cut_one(self, dice: random.Random) -> None:
        """Reset one connection, if there is any."""
        links = self._open()
        if links:
            dice.choice(links).reset()

    def away(self) -> None:
        """As if the server's machine were there and the server were not."""
        self.faults = Faults(refused=True)
        self.cut()

    def close(self) -> None:
        self._closed = True
        self._listener.close()
        self.cut()

    def _open(self) -> list[Link]:
        with self._lock:
            return list(self._links)

    def _listen(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.faults.refused:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
                continue
            threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((HOST, self._server_port))
        except OSError:
            client.close()
            return
        link = Link(client, server)
        with self._lock:
            self._links.add(link)
        threading.Thread(target=self._pump, args=(link, client, self._to_server), daemon=True).start()
        self._pump(link, server, self._to_client)
        with self._lock:
            self._links.discard(link)

    def _pump(self, link: Link, source: socket.socket, hand_on: Callable[[Link, bytes], None]) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                while self.faults.silent and not link.ended.is_set():
                    time.sleep(_TICK)
                if link.ended.is_set():
                    break
                hand_on(link, piece)
        link.reset()

    def _to_server(self, link: Link, piece: bytes) -> None:
        fault = self.faults.at_commit
        if fault is not None and COMMIT in piece:
            self.faults.at_commit = None
            before, _, _ = piece.partition(COMMIT)
            link.server.sendall(before)
            fault(link)
            return
        link.server.sendall(piece)

    def _to_client(self, link: Link, piece: bytes) -> None:
        faults = self.faults
        if link.answer_lost:
            link.reset()
            return
        if faults.rewrite is not None:
            piece = faults.rewrite(piece)
        link.ended.wait(faults.delay)
        if not faults.rate:
            link.client.sendall(piece)
            return
        step = max(1, int(faults.rate / 10))
        for start in range(0, len(piece), step):
            link.client.sendall(piece[start : start + step])
            if self.faults.rate and link.ended.wait(step / faults.rate):
                return


def before_commit(link: Link) -> None:
    """The COMMIT never arrives."""
    link.reset()


def after_commit(link: Link) -> None:
    """The COMMIT arrives and is done; its answer never comes back."""
    link.answer_lost = True
    link.server.sendall(COMMIT)


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    """A proxy before the server at the port."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
