"""Reading one state of a store that others write to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from graph.errors import Moved

T = TypeVar("T")

ROUNDS = 5
"""How often a state is hoped to stay while it is read, before writers are asked to wait."""


class States(Protocol):
    """What can be read state by state: see `graph.store.Store`."""

    def snapshot(self) -> AbstractContextManager[int]: ...

    def still(self) -> AbstractContextManager[int]: ...


def steady(states: States, read: Callable[[int], T]) -> T:
    """What `read` makes of one state, whose change number it is given.

    It may be called several times, and what it gave of a state that did not stay is thrown away. Raises `Moved` when
    no state stays for as long as it reads.
    """
    for _ in range(ROUNDS):
        try:
            with states.snapshot() as number:
                return read(number)
        except Moved:
            pass  # and again
    with states.still() as number:
        return read(number)
