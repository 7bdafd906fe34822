"""Every role against everyone: the rows of role-matches in bulk, without explanations, on all cores.

Everything is read of one state of the store first. Then processes are forked that share it, and read no store: so the
answer to every role is of the same change number, and no process holds an index of its own.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from graph.index import Index, IndexKeeper
from graph.store import Node, Store
from graph.viewer import Viewer
from ontology.values import format_instant
from queries import role_matches
from queries.ask import of_one_state
from queries.counting import counting
from queries.lookup import offered
from queries.matching import Match, match
from queries.parse import parse
from queries.profile import profiles
from queries.question import Asking, QuestionError
from queries.ranking import Cut, rank, told
from queries.role_matches import RoleMatches, narrowed
from queries.rows import score

if TYPE_CHECKING:
    from concurrent.futures import Future

_PAGE = 1_000  # roles read at a time
_CHUNK = 16  # roles that a process is given at a time
_AHEAD = 4  # chunks for each process that may wait to be written
_LOOK_SECONDS = 1.0

ONE_ROLE = ("role", "profile", "cursor", "explain")
"""Parameters that speak of one role's answer."""


class Ended(RuntimeError):
    """A process that answered has ended; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, in this order."""

    role: str
    person: str
    rank: int
    ready: bool
    score: float
    points: int
    of: int
    met: int
    required: int
    as_of: str
    version: int


@dataclass(frozen=True, slots=True)
class EveryRole:
    """All roles that ask for anything, each with what everyone holds towards it, at one instant and change number."""

    matches: Mapping[str, Match]
    cut: Cut
    at: int
    version: int

    def rows(self, role: str) -> list[Row]:
        """The best for one role."""
        found = self.matches[role]
        shown, profile, people = rank(found, self.cut), found.profile, found.index.people
        met = found.met(np.array(shown.persons, np.int32))
        of, required, at = profile.of, len(profile.requirements), format_instant(self.at)
        rows = []
        for person, place, key, number in zip(shown.persons, shown.ranks, shown.keys, met, strict=True):
            points, ready = told(key, of)
            share, id = score(points, of), people.id_of(person)
            rows.append(Row(role, id, place, ready, share, points, of, number, required, at, self.version))
        return rows


def every_role(store: Store, keeper: IndexKeeper, viewer: Viewer, raw: Mapping[str, object], now: int) -> EveryRole:
    """All that is needed to answer for every role that is offered, read of one state.

    `raw` are role-matches' parameters in text, but for those of one role; raises `QuestionError`.
    """
    for name in ONE_ROLE:
        if name in raw:
            raise QuestionError(name, raw[name], "every role is asked about, and no row is explained: leave it out")
    parameters = parse(role_matches.QUESTION, raw, text=True)
    return of_one_state(store, keeper, partial(_read, store, viewer, parameters, now))


def _read(store: Store, viewer: Viewer, parameters: RoleMatches, now: int, index: Index) -> EveryRole:
    asking = Asking(store, index, viewer, now)
    at = now if parameters.as_of is None else parameters.as_of
    counts = counting(store.model, parameters, at)
    index.keep_all()
    found = {}
    for roles in _roles(asking):
        for id, profile in profiles(asking, roles, at).items():
            if profile.of:
                found[id] = match(index, profile.with_threshold(parameters.threshold), counts)
    cut = Cut(parameters.limit, narrowed(asking, parameters, at), parameters.ready_only)
    return EveryRole(found, cut, at, index.number)


def _roles(asking: Asking) -> Iterator[list[Node]]:
    after = ""
    while page := asking.store.page("Role", asking.viewer, after, _PAGE):
        yield [node for node in page if offered(node)]
        after = page[-1].id


_answering: EveryRole | None = None
"""What the processes that are forked answer from."""


def lines(every: EveryRole, processes: int | None = None) -> Iterator[tuple[int, bytes]]:
    """How many roles were answered, and their rows as JSON lines, chunk after chunk in the order of the roles; raises
    `Ended`.

    No store may be open in this process: the forked ones would have its connections.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    from graph.index.child import cores

    global _answering  # noqa: PLW0603 - forked, so that it is shared and not copied
    _answering = every
    processes = processes or cores()
    pool = ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin, initargs=(os.getpid(),))
    try:
        waiting: deque[Future[tuple[int, bytes]]] = deque()
        roles = list(every.matches)
        for start in range(0, len(roles), _CHUNK):
            waiting.append(pool.submit(_lines, roles[start : start + _CHUNK]))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise Ended(
            "a process ended before it had answered, most likely for want of memory: ask with a smaller limit"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        _answering = None


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the process that forked this one, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _lines(roles: Sequence[str]) -> tuple[int, bytes]:
    assert _answering is not None
    rows: list[Any] = [row for role in roles for row in _answering.rows(role)]
    return len(roles), b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
