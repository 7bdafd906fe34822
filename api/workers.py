"""Several processes that share a port, forked from one that has imported everything and never served itself.

What the parent holds, its children share until they write to it. So it opens no store, starts no thread, and imports
nothing that does: connections, locks and threads do not survive a fork. gunicorn supervises: a worker that dies, or no
longer moves, is replaced.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import socket
import tempfile
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from uvicorn_worker import UvicornWorker

from api.logs import ServerLogs
from api.serve import BACKLOG, SERVER, application
from graph.open import engine_of
from graph.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

SHARED_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
NOTIFY_SECONDS: Final = 1
STILL_SECONDS: Final = 120  # a worker that does not move for so long is replaced
STOP_SECONDS: Final = 28  # longer than a worker takes to finish what is under way and to close its store
KEEP_ALIVE_SECONDS: Final = 5
LATE: Final = (
    "api.protocol",
    "anyio._backends._asyncio",
    "numpy.ma",
    "rapidfuzz.fuzz",
    "rapidfuzz.process",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.h11_impl",
)
"""What is imported only when something is served or answered, beside the store's engine."""


class Shared(socket.socket):
    """The socket that all workers take connections from."""

    def listen(self, _: int = 0, /) -> None:
        """It does already, with room for as many as wait for any worker."""


class Worker(UvicornWorker):  # type: ignore[misc]
    """One process that answers.

    The event loop takes as many connections at once as its backlog says. One at a time: else whoever wakes up first
    takes all that came together, and the others stay idle for as long as their clients keep them.
    """

    CONFIG_KWARGS: Final = {**SERVER, "backlog": 1, "timeout_notify": NOTIFY_SECONDS}
    sockets: list[socket.socket]

    def run(self) -> None:
        self.sockets = [Shared(fileno=each.detach()) for each in self.sockets]
        super().run()

    def _install_sigquit_handler(self) -> None:
        """The supervisor sends it when it must go quickly; what comes with the worker only stops its being watched."""
        signal.signal(signal.SIGQUIT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))

    async def callback_notify(self) -> None:
        """Tell the supervisor that this process moves; without one it stops, or nobody could free the port."""
        self.notify()
        if os.getppid() != self.ppid:
            os.kill(os.getpid(), signal.SIGTERM)


class Logs(Logger):  # type: ignore[misc]
    """What the supervisor says, in the form of our own lines."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers = [ServerLogs()]


class Supervisor(Arbiter):  # type: ignore[misc]
    """Stops in one way, whichever signal asks for it, and does nothing else that a signal could ask for.

    Another number of workers, or new code, is a new start: nothing here would read the settings again.
    """

    handle_int = handle_quit = handle_hup = Arbiter.handle_term

    def handle_usr2(self) -> None:
        pass

    handle_ttin = handle_ttou = handle_usr2


class Workers(BaseApplication):  # type: ignore[misc]
    """The supervisor, configured here and nowhere else."""

    def __init__(self, store_url: str, settings: Settings, options: dict[str, Any]) -> None:
        self._store_url, self._settings, self._options = store_url, settings, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> FastAPI:
        """The app, made once, in the parent; the collector, which would write to it, leaves alone what lives then."""
        engine_of(self._store_url)
        for name in LATE:
            import_module(name)
        app = application(self._store_url, self._settings)
        gc.collect()
        gc.freeze()
        return app

    def run(self) -> None:
        Supervisor(self).run()


def run_workers(store_url: str, settings: Settings, listening: socket.socket, workers: int) -> None:
    """Answer over the store on the socket, from so many processes, until SIGINT, SIGTERM, SIGQUIT or SIGHUP."""
    parent, folder = os.getpid(), tempfile.mkdtemp(prefix="skillgraph-workers-")
    # each worker writes its measurements into the folder, so that any of them can tell all
    os.environ[SHARED_METRICS] = folder
    try:
        Workers(store_url, settings, _options(listening, workers, folder)).run()
    finally:
        if os.getpid() == parent:  # workers leave through here too
            del os.environ[SHARED_METRICS]
            shutil.rmtree(folder, ignore_errors=True)


def _forget(_: Supervisor, worker: Worker) -> None:
    """What is measured of a worker that lives, such as who follows there, goes with it.

    The import decides whether measurements are shared: not before `SHARED_METRICS` is set.
    """
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _options(listening: socket.socket, workers: int, folder: str) -> dict[str, Any]:
    return {
        "bind": f"fd://{listening.detach()}",
        "backlog": BACKLOG,
        "workers": workers,
        "worker_class": Worker,
        "logger_class": Logs,
        "preload_app": True,
        "timeout": STILL_SECONDS,
        "graceful_timeout": STOP_SECONDS,
        "keepalive": KEEP_ALIVE_SECONDS,
        "worker_tmp_dir": folder,
        "child_exit": _forget,
        "control_socket_disable": True,  # a thread of the parent's, and a way in that nobody asked for
    }
