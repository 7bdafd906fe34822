"""What is supported, over which interval, and the attempts that end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup, starts_of


@dataclass(frozen=True, slots=True)
class Intervals:
    """(person, subject, level) over [since, until), each with the evidence it rests on.

    The subject is a skill's key, or a credential's (its level is 1). Before it is known who is one person, `person` is
    the key of a record.
    """

    subject: NDArray[np.int64]
    person: NDArray[Any]
    level: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    unverified: NDArray[np.bool_]
    since: NDArray[np.uint32]
    until: NDArray[np.uint32]
    evidence: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.evidence)

    def take(self, rows: NDArray[Any]) -> Intervals:
        """Some of the intervals: a mask, or positions."""
        return Intervals(**{name: getattr(self, name)[rows] for name in INTERVAL_COLUMNS})

    @classmethod
    def joined(cls, parts: Sequence[Intervals]) -> Intervals:
        """All parts, one after the other; at least one."""
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in INTERVAL_COLUMNS})

    def ended_by(self, attempts: Attempts) -> Intervals:
        """These intervals, ended where a later attempt ends them."""
        evidence, ends = attempts.ends()
        found, places = lookup(self.evidence, evidence)
        if not found.any():
            return self
        until = np.where(found, np.minimum(self.until, ends[places]), self.until).astype(np.uint32)
        return Intervals(**{name: getattr(self, name) for name in INTERVAL_COLUMNS if name != "until"}, until=until)


INTERVAL_COLUMNS = tuple(Intervals.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts at assessments of which the latest counts."""

    person: NDArray[Any]
    about: NDArray[np.int64]
    shown_at: NDArray[np.int64]
    evidence: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[Attempts]) -> Attempts:
        """All parts, one after the other; at least one."""
        names = cls.__dataclass_fields__
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})

    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """The evidence keys, ascending, that a later attempt of the person at the assessment ends, and when."""
        if not len(self.evidence):
            return self.evidence, np.zeros(0, np.uint32)
        order = np.lexsort((self.shown_at, self.about, self.person))
        person, about, shown_at = self.person[order], self.about[order], self.shown_at[order]
        starts = starts_of([person, about, shown_at])  # attempts at one instant stand beside each other
        following = np.append(starts[1:], 0)
        later = (person[following] == person[starts]) & (about[following] == about[starts]) & (following > 0)
        ends = np.repeat(np.where(later, shown_at[following], 0), np.diff(np.append(starts, len(order))))
        ended = np.flatnonzero(ends)
        ended = ended[np.argsort(self.evidence[order[ended]])]
        return self.evidence[order[ended]], ends[ended].astype(np.uint32)


_NUMBERS, _PERSONS = np.zeros(0, np.int64), np.zeros(0, np.int32)
_BYTES, _INSTANTS = np.zeros(0, np.uint8), np.zeros(0, np.uint32)
NO_ATTEMPTS = Attempts(_PERSONS, _NUMBERS, _NUMBERS, _NUMBERS)
NO_INTERVALS = Intervals(_NUMBERS, _PERSONS, _BYTES, _BYTES, np.zeros(0, np.bool_), _INSTANTS, _INSTANTS, _NUMBERS)
