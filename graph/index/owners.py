"""Whom facts are about that are newer than the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import join, starts_of
from graph.index.facts import Owners

_GROWTH = 16  # see `graph.index.runs`


@dataclass(frozen=True, slots=True)
class NewerOwners:
    """The persons that facts are, or were, about, by handle; -1 for a record that nobody is made of.

    Chunks are ascending by handle; each is many times as long as the next, so that adding a few rows costs little.
    """

    chunks: tuple[Owners, ...] = ()

    def persons(self, handles: NDArray[np.int64]) -> set[int]:
        """Whom any of these facts is, or was, about."""
        return {each for table, of in self.chunks for each in of[join(handles, table)[1]].tolist()}

    @property
    def end(self) -> int:
        """One more than the highest handle; 0: there is none."""
        return max((int(handles[-1]) + 1 for handles, _ in self.chunks), default=0)

    def with_rows(self, handles: NDArray[np.int64], persons: NDArray[np.int32]) -> NewerOwners:
        """These and more, the latter in any order."""
        if not len(handles):
            return self
        chunks = [*self.chunks, _ordered([(handles, persons)])]
        while len(chunks) > 1 and len(chunks[-1][0]) * _GROWTH > len(chunks[-2][0]):
            chunks[-2:] = [_ordered(chunks[-2:])]
        return NewerOwners(tuple(chunks))


def _ordered(parts: list[Owners]) -> Owners:
    """Pairs that are alike and next to each other once: a fact read again is mostly about whom it was about before."""
    handles, persons = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    order = np.argsort(handles, kind="stable")  # what is in order but for the joints is merged
    handles, persons = handles[order], persons[order]
    first = starts_of([handles, persons])
    return handles[first], persons[first]
