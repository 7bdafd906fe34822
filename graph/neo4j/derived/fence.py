"""Writing what is derived, safe against every other deriver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from graph.neo4j.server import Server, Writer

Step = tuple[str, Sequence[Any]]
"""A statement, and the rows it is done for (`$rows`)."""

ROWS_AT_ONCE = 5_000
"""Rows of one transaction: it shuts other writers out, for some 200 ms."""

_NEXT = (
    "MATCH (s:_Store) WHERE coalesce(s.derivations, 0) = $expected SET s.derivations = $expected + 1 "
    "RETURN s.derivations"
)
_FORGET = "MATCH (s:_Store) REMOVE s.derived, s.derived_for"
_DONE = "MATCH (s:_Store) SET s.derived = $rows[0][0], s.derived_for = $rows[0][1]"


class Overtaken(Exception):
    """Another deriver wrote since this one began to read: what it read may be no longer so."""


class Fence:
    """Writes only while nobody else has, since `derivations` was read: before anything that the writing rests on."""

    def __init__(self, server: Server, derivations: int) -> None:
        self._server = server
        self._expected = derivations

    def write(self, steps: Iterable[Step]) -> None:
        """Do the steps in their order, a bounded number of rows a transaction; raises `Overtaken`."""
        for some in _transactions(steps):
            self._commit(some)

    def forget(self) -> None:
        """Nothing that is derived counts as true until the end: a kill may leave some of it as it was and some not."""
        self._commit([(_FORGET, [])])

    def finish(self, number: int, settings: str) -> None:
        """Everything derived is true up to this change number, under these settings."""
        self._commit([(_DONE, [[number, settings]])])

    def _commit(self, steps: Sequence[Step]) -> None:
        expected = self._expected

        def work(writer: Writer) -> None:
            if not writer.run(_NEXT, expected=expected):
                raise Overtaken
            for query, rows in steps:
                writer.run(query, rows=rows)

        self._server.write(work)
        self._expected += 1


def _transactions(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """The steps' rows in their order, gathered to transactions."""
    gathered: list[Step] = []
    room = ROWS_AT_ONCE
    for query, rows in steps:
        rest = rows
        while rest:
            gathered.append((query, rest[:room]))
            room, rest = room - len(rest[:room]), rest[room:]
            if not room:
                yield gathered
                gathered, room = [], ROWS_AT_ONCE
    if gathered:
        yield gathered
