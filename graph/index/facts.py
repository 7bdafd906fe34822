"""Facts about persons, read for everyone or for some records, as grouped rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.derive import Codes, Derived, Evidence, Ratings, Rules, derive
from graph.derive.intervals import INTERVAL_COLUMNS, NO_INTERVALS, Intervals
from graph.derive.joins import lookup
from graph.derive.tables import EVIDENCE_COLUMNS, RATING_COLUMNS
from graph.index.read import Column, Where, begun, ended, read
from graph.index.records import Learners
from graph.store import Shown, Store, Supported, Supports

PersonsOf = Callable[[NDArray[np.int64]], NDArray[np.int32]]
Owners = tuple[NDArray[np.int64], NDArray[np.int32]]
"""Handles of facts, ascending, and the person each is about."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one layer, in any order."""

    group: NDArray[np.int64]
    columns: Mapping[str, Column]  # "person" among them


@dataclass(frozen=True, slots=True)
class Facts:
    """All rows of all layers about some persons, and whom each fact of the store is about."""

    rows: Mapping[str, Rows]
    owners: Mapping[str, Owners]


REMOVABLE = ("Identity", "Employment")
"""Types of facts with handles made from ids."""


class Reader:
    """Reads facts of records whose persons are known; `learners` are record keys, None for everyone's.

    `places` maps location texts to numbers; texts met here are added.
    """

    def __init__(
        self, store: Store, rules: Rules, persons_of: PersonsOf, places: dict[str, int], learners: Sequence[int] | None
    ) -> None:
        self.store, self.rules, self.persons_of, self.places = store, rules, persons_of, places
        self.learners = learners
        self.owners: dict[str, Owners] = {}

    def facts(self, records: Learners) -> Facts:
        """Every layer; `records` are the same learners' records."""
        derived = self.derived()
        rows = {
            "skills": _interval_rows(derived.skills),
            "credentials": _interval_rows(derived.credentials),
            "groups": self.memberships(),
            "employments": self.employments(),
            "applications": self.applications(),
            "records": self.record_rows(records),
        }
        return Facts(rows, self.owners)

    def derived(self) -> Derived:
        """What the evidence supports: as the store keeps it, else derived; all of it in batches, or that of some people
        at once."""
        kept = self.store.supported() if self.learners is None and isinstance(self.store, Supports) else None
        if kept is not None:
            return self._kept(kept)
        codes = Codes.of(self.store.model)
        read_batches = self._evidence()
        if self.learners is None:
            ratings = self._ratings(None)
            derived = derive(read_batches, ratings, self.rules, codes)
        else:
            batches = list(read_batches)
            ratings = self._ratings(("evidence", [key for batch in batches for key in batch.key.tolist()]))
            derived = derive(batches, ratings, self.rules, codes)
        self._own_ratings(ratings.key, ratings.evidence)
        return derived

    def _kept(self, parts: Iterable[Supported]) -> Derived:
        skills, credentials = [NO_INTERVALS], [NO_INTERVALS]
        keys, persons = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for part in parts:
            person = self.persons_of(part.learner)
            keys.append(part.evidence)
            persons.append(person)
            skills.append(_intervals(part, part.skills, person))
            credentials.append(_intervals(part, part.credentials, person))
        self._own("Evidence", np.concatenate(keys), np.concatenate(persons))
        ratings = read(self.store, "Rating", ("key", "evidence"))
        self._own_ratings(ratings["key"], ratings["evidence"])
        return Derived(Intervals.joined(skills), Intervals.joined(credentials))

    def _evidence(self) -> Iterator[Evidence]:
        keys, persons = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for batch in self.store.scan("Evidence", ("key", "learner", *EVIDENCE_COLUMNS), self._where("learner")):
            person = self.persons_of(batch.arrays["learner"])
            keys.append(batch.arrays["key"])
            persons.append(person)
            yield Evidence.of(batch.arrays, person)
        self._own("Evidence", np.concatenate(keys), np.concatenate(persons))

    def _ratings(self, where: Where) -> Ratings:
        return Ratings.of(read(self.store, "Rating", ("key", *RATING_COLUMNS), where))

    def _own_ratings(self, keys: NDArray[np.int64], evidence: NDArray[np.int64]) -> None:
        found, places = lookup(evidence, self.owners["Evidence"][0])
        self._own("Rating", keys[found], self.owners["Evidence"][1][places[found]])

    def memberships(self) -> Rows:
        """MEMBER_OF by group."""
        found = read(self.store, "MEMBER_OF", ["from", "to", "since", "until"], self._where("from"))
        times = {"since": begun(found["since"]), "until": ended(found["until"])}
        return _known(found["to"], self.persons_of(found["from"]), times)

    def employments(self) -> Rows:
        """Employment by org unit (0 where none is stated)."""
        names = ("id", "learner", "org_unit", "location", "since", "until")
        found = read(self.store, "Employment", names, self._where("learner"))
        person = self.persons_of(found["learner"])
        self._own("Employment", id_handles(found["id"].tolist()), person)
        columns: dict[str, Column] = {
            "place": self._places(found["location"].tolist()),
            "since": begun(found["since"]),
            "until": ended(found["until"]),
        }
        return _known(found["org_unit"], person, columns)

    def applications(self) -> Rows:
        """Application by requisition."""
        found = read(self.store, "Application", ("key", "learner", "requisition", "applied_at"), self._where("learner"))
        person = self.persons_of(found["learner"])
        self._own("Application", found["key"], person)
        return _known(found["requisition"], person, {"since": begun(found["applied_at"])})

    def record_rows(self, records: Learners) -> Rows:
        """Learner records by their own location."""
        place = self._places(records.locations).astype(np.int64)
        return _known(place, self.persons_of(records.keys), {"internal": records.internal})

    def _places(self, texts: Sequence[str | None]) -> NDArray[np.int32]:
        numbered = (-1 if text is None else self.places.setdefault(text, len(self.places)) for text in texts)
        return np.fromiter(numbered, np.int32, len(texts))

    def _where(self, column: str) -> Where:
        return None if self.learners is None else (column, self.learners)

    def _own(self, type_name: str, handles: NDArray[np.int64], persons: NDArray[np.int32]) -> None:
        self.owners[type_name] = in_order(handles, persons)


def in_order(handles: NDArray[np.int64], persons: NDArray[np.int32]) -> Owners:
    """Owners by ascending handles."""
    order = np.argsort(handles, kind="stable")
    return handles[order].astype(np.int64), persons[order]


def id_handles(ids: Sequence[str]) -> NDArray[np.int64]:
    """Handles of facts that may be removed: made from their ids, for a key is not found any more then.

    Two ids may have one handle; then the owners of both are concerned, which only costs time. Logs, which are never
    removed, have their keys as handles.
    """
    return np.fromiter((crc32(id.encode()) for id in ids), np.int64, len(ids))


def _intervals(part: Supported, shown: Shown, person: NDArray[np.int32]) -> Intervals:
    """What a part's evidence shows of persons who are known."""
    known = person[shown.of] >= 0
    of = shown.of[known]
    return Intervals(
        subject=shown.subject[known],
        person=person[of],
        level=shown.level[known],
        kind=part.kind[of],
        unverified=part.unverified[of],
        since=part.since[of],
        until=shown.until[known],
        evidence=part.evidence[of],
    )


def _interval_rows(intervals: Intervals) -> Rows:
    return Rows(intervals.subject, {name: getattr(intervals, name) for name in INTERVAL_COLUMNS if name != "subject"})


def _known(group: Column, person: NDArray[np.int32], columns: Mapping[str, Column]) -> Rows:
    """Rows of known persons; instants take four bytes."""
    known = person >= 0
    narrow = {"since": np.uint32, "until": np.uint32}
    kept = {name: column[known].astype(narrow.get(name, column.dtype)) for name, column in columns.items()}
    return Rows(group[known].astype(np.int64), {"person": person[known], **kept})
