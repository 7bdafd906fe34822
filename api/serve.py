"""Serving: one process, or several that share a port and their memory, until stopped."""

from __future__ import annotations

import ctypes
import logging
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from api.logs import ServerLogs, log
from graph.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

SERVER: Final[dict[str, Any]] = {
    "ws": "none",
    "http": "api.protocol:Protocol",
    "lifespan": "on",
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "timeout_graceful_shutdown": 20,  # seconds for answers under way
    "h11_max_incomplete_event_size": 1 << 18,  # bytes of an address and its headers
}
BACKLOG: Final = 2048  # connections that wait to be taken
LOADING: Final = "loading the loops; where they were never compiled they are now, once, for some ten seconds"
_ARENA_MAX: Final = -8  # of glibc's mallopt


class NotListening(RuntimeError):
    """The address cannot be listened on: another process does, or it is not this machine's."""


def serve(store_url: str, settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Answer over the store until SIGINT or SIGTERM; answers under way are finished first. Raises `NotListening`."""
    log_as_json()
    _share_freed_memory()
    listening = listen(host, port)
    if workers > 1:
        from api.workers import run_workers

        run_workers(store_url, settings, listening, workers)
        return
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(application(store_url, settings), **SERVER)).run(sockets=[listening])


def _share_freed_memory() -> None:
    """Let all threads take memory from one place: else each keeps what its largest answer needed, some 10 MB.

    Only glibc has such places, and only there they are limited so.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; what it listens on is logged, since port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # its connections inherit this; without it what is sent in two parts waits 40 ms for the client's word
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        why = error.strerror or str(error)
        fix = "name another --host or --port, or stop what listens there"
        raise NotListening(f"{host}, port {port}: cannot be listened on: {why}: {fix}") from error
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    log("server", message=f"listening at http://{shown}:{listening.getsockname()[1]}", level="info")
    return listening


def application(store_url: str, settings: Settings) -> FastAPI:
    """The app of a process that does nothing but serve."""
    from api.app import create_app

    log("server", message=LOADING, level="info")
    from graph.loops import compiled

    return create_app(store_url, settings, loops=compiled, freeze=True)


def log_as_json() -> None:
    """What the server itself says goes to stderr in the form of our own lines."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [ServerLogs()]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.getLogger("uvicorn.access").disabled = True  # it would write addresses with their queries
