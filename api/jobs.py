"""Loads that run behind a request: a short queue, one thread, and a state that outlives the process.

A job's folder lies beside the store and holds the files until they are loaded, and its state, so that every worker can
tell it. A job of a process that died is told as interrupted; what it had written stands, whole batches of it.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Literal

import orjson

from api.logs import log, log_failure

State = Literal["receiving", "queued", "running", "done", "failed"]
ID: Final = re.compile(r"upload-[0-9a-f]{24}")
KEPT_SECONDS: Final = 24 * 3600  # a finished job's state; its files go at once
_STATE_FILE: Final = "job.json"


@dataclass(frozen=True, slots=True)
class Job:
    """One upload. `load` is the ledger's number once there is one."""

    id: str
    name: str  # the source name it is stated by
    source: str
    state: State
    created_at: int
    key: str  # the id of the key that sent it
    process: int
    load: int | None = None
    message: str = ""
    phase: str = ""
    done: int = 0
    total: int | None = None

    @property
    def lives(self) -> bool:
        """Whether the process that is to finish it is still there."""
        if self.state in ("done", "failed"):
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


Keep = Callable[[Job], None]
Work = Callable[[Job, Keep], Job]
"""Does a job, keeping its state as it goes on; gives the finished job. Raises nothing that a user causes."""


class Jobs:
    """The jobs of one store, kept below `folder`; at most `most` of them wait."""

    def __init__(self, folder: Path | None, most: int) -> None:
        self.folder = (folder or Path(tempfile.gettempdir()) / f"skillgraph-{os.getpid()}") / ".uploads"
        self._queue: queue.Queue[tuple[Job, Work]] = queue.Queue(maxsize=most)
        self._thread: threading.Thread | None = None
        self._turn = threading.Lock()

    def busy(self) -> bool:
        """Whether a job is queued or being done."""
        return self._queue.unfinished_tasks > 0

    def full(self) -> bool:
        """Whether another job would have to wait outside."""
        return self._queue.full()

    def create(self, name: str, source: str, key: str) -> Job:
        """A job with an empty folder for its files."""
        self._forget_old()
        job = Job(f"upload-{token_hex(12)}", name, source, "receiving", int(time.time()), key, os.getpid())
        self.files(job).mkdir(parents=True)
        self.keep(job)
        return job

    def files(self, job: Job) -> Path:
        """The folder of a job's files."""
        return self.folder / job.id / "files"

    def discard(self, job: Job) -> None:
        """Forget a job that never began."""
        shutil.rmtree(self.folder / job.id, ignore_errors=True)

    def submit(self, job: Job, work: Work) -> bool:
        """Queue a job; False when the queue is full."""
        queued = replace(job, state="queued")
        self.keep(queued)
        try:
            self._queue.put_nowait((queued, work))
        except queue.Full:
            return False
        self._ensure_thread()
        return True

    def find(self, id: str) -> Job | None:
        """The job of an id, as it stands now."""
        if not ID.fullmatch(id):
            return None
        try:
            kept: Mapping[str, Any] = orjson.loads((self.folder / id / _STATE_FILE).read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        return Job(**kept)

    def keep(self, job: Job) -> None:
        """Write the state whole or not at all."""
        target = self.folder / job.id / _STATE_FILE
        fresh = target.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(job)))
        fresh.replace(target)

    def _ensure_thread(self) -> None:
        with self._turn:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="loads", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            job, work = self._queue.get()
            try:
                self._one(job, work)
            except Exception as error:  # noqa: BLE001 - the thread outlives any one job; told without its text
                log_failure("load-failed", error, job=job.id)
                with suppress(OSError):
                    self.keep(replace(job, state="failed", message="the load failed inside; the log tells where"))
            finally:
                self._queue.task_done()

    def _one(self, job: Job, work: Work) -> None:
        running = replace(job, state="running")
        try:
            self.keep(running)
            finished = work(running, self.keep)
        finally:  # before it is told as ended: then nothing of it lies here any more
            shutil.rmtree(self.files(job), ignore_errors=True)
        self.keep(finished)
        log("load", job=job.id, load=finished.load, state=finished.state)

    def _forget_old(self) -> None:
        if not self.folder.is_dir():
            return
        for each in self.folder.iterdir():
            job = self.find(each.name)
            if job is not None and (time.time() - job.created_at > KEPT_SECONDS) and (not job.lives or _over(job)):
                shutil.rmtree(each, ignore_errors=True)


def _over(job: Job) -> bool:
    return job.state in ("done", "failed")
