"""What planning asks of an engine: ids to keys, and what is held of the rows of a block."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.kinds import E, Kinds, N
from graph.merge import Held

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

K = TypeVar("K", int, Ints)

TYPE_BITS = 16
_TYPE_MASK = (1 << TYPE_BITS) - 1
_MOST_KNOWN = 250_000  # ids remembered; about 40 MB


def packed(key: int, type_number: int) -> int:
    """A key with its type; a key of 0 with a type is a node that is yet to be added."""
    return key << TYPE_BITS | type_number


def key_of(packed_key: K) -> K:
    return packed_key >> TYPE_BITS


def type_of(packed_key: K) -> K:
    return packed_key & _TYPE_MASK


class Known:
    """Packed keys of ids that were looked up; forgotten when others write."""

    def __init__(self) -> None:
        self.writes = -1
        self._spaces: dict[str, dict[str, int]] = {}

    def at(self, writes: int) -> Known:
        """These, if they are still true in the state that `writes` counts."""
        if writes != self.writes:
            self._spaces.clear()
            self.writes = writes
        return self

    def of(self, space: str) -> dict[str, int]:
        """The ids remembered of a space; the caller may add to them."""
        known = self._spaces.setdefault(space, {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        return known


class Knowledge:
    """What batches looked up, for those that come later; each batch at work has its own."""

    def __init__(self) -> None:
        self._known: list[Known] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[Known]:
        """To one batch."""
        with self._lock:
            known = self._known.pop() if self._known else Known()
        try:
            yield known
        finally:
            with self._lock:
                self._known.append(known)


@dataclass(frozen=True, slots=True)
class HeldNodes:
    """What the store holds of a block's nodes; key 0: the id was never seen."""

    held: Held
    keys: Ints
    foreign: Flags
    sources: Ints  # the owner's number, 0 where no node is there
    other_type: Flags  # the id is a node of another type
    left: Flags  # another source removed it and it is only retired: it belongs to nobody, as if it were not there


@dataclass(frozen=True, slots=True)
class HeldEdges:
    """What the store holds of a block's edges; `first` is the source that stated it first, 0 where it is not there."""

    held: Held
    first: Ints
    others: Flags
    other_hashes: Ints
    other_sources: Ints


class Lookup(Protocol[N, E]):
    """Questions to an engine inside one transaction; sources are numbers that it gives them."""

    @property
    def layout(self) -> Kinds[N, E]: ...

    def source(self, name: str) -> int:
        """The number of a source name; one that no node has when it never stated anything."""
        ...

    def resolve(self, space: str, ids: Iterable[str]) -> dict[str, int]:
        """Packed keys of the ids remembered of a space, those asked for among them wherever they are in the store."""
        ...

    def elsewhere(self, space: str, ids: Sequence[str]) -> set[str]:
        """Which ids are nodes of another space."""
        ...

    def nodes(self, kind: N, ids: Sequence[str], source: int) -> HeldNodes:
        """What is held of nodes."""
        ...

    def edges(self, kind: E, starts: Ints, ends: Ints, ids: Sequence[tuple[str, str]], source: int) -> HeldEdges:
        """What is held of edges between keys (0: no such node, so no such edge)."""
        ...

    def referred(self, kind: N, keys: Sequence[int]) -> set[int]:
        """Which nodes of one type, about to be removed together, must stay since others still refer to them.

        References among those that go do not count, unless the one that refers must stay itself.
        """
        ...
