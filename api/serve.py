"""Serving: one process, or several that share a port, until stopped."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import uvicorn

from api.logs import ServerLogs
from graph.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

SERVER: Final[dict[str, Any]] = {
    "ws": "none",
    "lifespan": "on",
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "timeout_graceful_shutdown": 20,  # seconds for answers under way
    "h11_max_incomplete_event_size": 1 << 18,  # bytes of an address and its headers
}
HANDED: Final = "SKILLGRAPH_SERVED"  # the store and settings that the parent hands to its workers
SHARED_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"


def serve(store_url: str, settings: Settings, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Answer over the store until SIGINT or SIGTERM; answers under way are finished first.

    Workers are spawned, not forked: a store, its locks and its threads do not survive a fork.
    """
    log_as_json()
    if workers == 1:
        _run(partial(application, store_url, settings), host=host, port=port)
        return
    # each worker writes its measurements into the folder, so that any of them can tell all
    with tempfile.TemporaryDirectory(prefix="skillgraph-metrics-") as folder:
        os.environ[SHARED_METRICS] = folder
        os.environ[HANDED] = orjson.dumps([store_url, asdict(settings)], default=str).decode()
        try:
            _run("api.serve:worker", host=host, port=port, workers=workers)
        finally:
            del os.environ[SHARED_METRICS], os.environ[HANDED]


def application(store_url: str, settings: Settings) -> FastAPI:
    """The app of this process."""
    from api.app import create_app

    log_as_json()
    return create_app(store_url, settings, freeze=True)


def worker() -> FastAPI:
    """The app of one of several processes."""
    store_url, handed = orjson.loads(os.environ[HANDED])
    lists = {name: tuple(value) for name, value in handed.items() if isinstance(value, list)}
    ontology_folder = Path(handed["ontology"]) if handed["ontology"] else None
    return application(store_url, Settings(**(handed | lists | {"ontology": ontology_folder})))


def log_as_json() -> None:
    """What the server itself says goes to stderr in the form of our own lines."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [ServerLogs()]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.getLogger("uvicorn.access").disabled = True  # it would write addresses with their queries


def _run(app: Any, **options: Any) -> None:
    uvicorn.run(app, factory=True, **SERVER, **options)
