"""What all evidence supports, gathered part by part: by Learner record, before it is known who is one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from graph.derive import Attempts, Codes, Evidence, Intervals, Ratings, Rules, supported
from graph.derive.joins import join
from graph.index.facts import evidence_batches, read_ratings
from graph.index.parts import Column, Held, Parts, Types
from graph.store import Shown, Store, Supported, Supports

_U1, _U4, _FLAG = np.dtype(np.uint8), np.dtype(np.uint32), np.dtype(np.bool_)


def types(key: np.dtype[Any]) -> dict[str, Types]:
    """The columns of each table that is gathered; keys take so many bytes."""
    intervals = {
        "subject": key,
        "person": key,  # the record's key
        "level": _U1,
        "kind": _U1,
        "unverified": _FLAG,
        "since": _U4,
        "until": _U4,
        "evidence": key,
    }
    attempts = {"person": key, "about": key, "shown_at": _U4, "evidence": key}
    return {"skills": intervals, "credentials": intervals, "attempts": attempts, "ratings": {"key": key, "person": key}}


KEYS = types(_U4)


class Room(Protocol):
    """Where the rows of one table go."""

    def add(self, columns: Mapping[str, Column]) -> None: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of the tables of `types`, `person` being the record's key; `end` is above all keys of evidence."""

    parts: Mapping[str, Parts]
    end: int


class Gatherer:
    """Adds what parts of the evidence support to the rooms, a room a table of `types`."""

    def __init__(self, rules: Rules, codes: Codes, ratings: Ratings, rooms: Mapping[str, Room]) -> None:
        self.rules, self.codes, self.ratings, self.rooms = rules, codes, ratings, rooms
        self.end = 1

    def add(self, arrays: Mapping[str, Column]) -> None:
        """A column batch of Evidence, with the columns of a scan."""
        evidence = Evidence.of(arrays, arrays["learner"])
        found = supported(evidence, self.ratings, self.rules, self.codes)
        self.add_supported(evidence.key, arrays["learner"], found.skills, found.credentials)
        self.rooms["attempts"].add(_columns(found.attempts))

    def add_supported(self, key: Column, learner: Column, skills: Intervals, credentials: Intervals) -> None:
        """The same without attempts: what part of the evidence (keys ascending) supports, and whose it is."""
        row, rating = join(key, self.ratings.evidence)
        self.rooms["ratings"].add({"key": self.ratings.key[rating], "person": learner[row]})
        self.rooms["skills"].add(_columns(skills))
        self.rooms["credentials"].add(_columns(credentials))
        self.end = max(self.end, int(key.max(initial=0)) + 1)

    def add_attempts(self, batches: Iterable[Mapping[str, Column]]) -> None:
        """The attempts among some evidence, of which what it supports is told by `add_supported`."""
        for arrays in batches:
            found = supported(Evidence.of(arrays, arrays["learner"]), self.ratings, self.rules, self.codes)
            self.rooms["attempts"].add(_columns(found.attempts))


def gather(store: Store, rules: Rules) -> Gathered:
    """What everyone's evidence supports: as the store keeps it, else derived; in memory."""
    rooms = {name: Held(columns) for name, columns in KEYS.items()}
    gatherer = Gatherer(rules, Codes.of(store.model), read_ratings(store), rooms)
    kept = store.supported() if isinstance(store, Supports) else None
    if kept is None:
        for arrays in evidence_batches(store):
            gatherer.add(arrays)
    else:
        for part in kept:
            skills, credentials = _intervals(part, part.skills), _intervals(part, part.credentials)
            gatherer.add_supported(part.evidence, part.learner, skills, credentials)
        gatherer.add_attempts(evidence_batches(store, ("about", sorted(rules.latest))))
    return Gathered(rooms, gatherer.end)


def _intervals(part: Supported, shown: Shown) -> Intervals:
    """What a part's evidence shows, in columns; the person is the record's key."""
    of = shown.of
    return Intervals(
        subject=shown.subject,
        person=part.learner[of],
        level=shown.level,
        kind=part.kind[of],
        unverified=part.unverified[of],
        since=part.since[of],
        until=shown.until,
        evidence=part.evidence[of],
    )


def _columns(rows: Intervals | Attempts) -> dict[str, Column]:
    return {name: getattr(rows, name) for name in rows.__dataclass_fields__}
