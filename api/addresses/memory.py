"""Answers that were made at one change number, for whoever asks again: so a 304 costs no reading."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 32 << 20
KEPT_SECONDS: Final = 300.0  # a page tells what is in force now, which moves without a change
_OWN_BYTES: Final = 500  # that an answer takes beside its body


@dataclass(frozen=True, slots=True)
class Made:
    """A body with its strong entity tag, and the headers that only it has."""

    body: bytes
    tag: str
    headers: tuple[tuple[str, str], ...] = ()


class Memory:
    """The answers asked for last, as many as fit; those of another change number are forgotten. For many threads."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._number = -1
        self._size = 0
        self._made: OrderedDict[Hashable, tuple[Made, float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, number: int, key: Hashable) -> Made | None:
        """What was made at this number."""
        with self._lock:
            made, until = self._made.get(key, (None, 0.0))
            if made is None or number != self._number or time.monotonic() > until:
                return None
            self._made.move_to_end(key)
            return made

    def keep(self, number: int, key: Hashable, made: Made) -> None:
        """Remember what was made of the state of this number."""
        with self._lock:
            if number != self._number:
                self._made.clear()
                self._number, self._size = number, 0
            if key in self._made:
                self._size -= _size(self._made.pop(key)[0])
            self._made[key] = made, time.monotonic() + KEPT_SECONDS
            self._size += _size(made)
            while self._size > self._most and self._made:
                self._size -= _size(self._made.popitem(last=False)[1][0])


def _size(made: Made) -> int:
    return len(made.body) + _OWN_BYTES
