"""A process that reads a range of the evidence of a SQLite store and derives what it supports, into files.

It never opens the store with Python's SQLite: see `graph.sqlite.foreign`.
"""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from graph.derive import Codes, Ratings, Rules
from graph.index.child import end_with_parent
from graph.index.gather import Gatherer, types
from graph.index.parts import Filing

if TYPE_CHECKING:
    from graph.sqlite.foreign import Foreign


@dataclass(frozen=True, slots=True)
class Job:
    """What to read and by which rules; keys take so many bytes in the files of `folder`."""

    query: str
    names: tuple[str, ...]  # of the query's columns
    rules: Rules
    codes: Codes
    ratings: Ratings
    folder: Path
    key: np.dtype[np.generic]


def scan(pipe: Connection) -> None:
    """Told a path, and then as often as asked to look at the newest state, answers its number; told a `Job`, does it.

    The answer to a job is what is above the keys that were seen.
    """
    from graph.sqlite.foreign import Foreign

    foreign = Foreign(pipe.recv())
    while (job := pipe.recv()) is None:
        pipe.send(foreign.newest())
    end_with_parent(pipe)
    pipe.send(_done(foreign, job))
    foreign.close()


def _done(foreign: Foreign, job: Job) -> int:
    rooms = {name: Filing(job.folder, name, columns) for name, columns in types(job.key).items()}
    gatherer = Gatherer(job.rules, job.codes, job.ratings, rooms)
    for columns in foreign.columns(job.query):
        gatherer.add(dict(zip(job.names, columns, strict=True)))
    for room in rooms.values():
        room.close()
    return gatherer.end
