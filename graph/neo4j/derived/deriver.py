"""Brings what is derived up to the store's number and to now."""

from __future__ import annotations

from collections.abc import Callable

from graph.store import Store


class Deriver:
    """Derives for one store; safe to use from many threads and processes, of which one derives at a time."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def catch_up(self) -> None:
        """Make every derived thing true of the store as it is, and of now."""
