"""Facts about persons, read for everyone or for some records, as grouped rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graph.derive import Codes, Derived, Evidence, Ratings, Rules, derive
from graph.derive.intervals import INTERVAL_COLUMNS, Intervals
from graph.derive.joins import lookup
from graph.derive.tables import EVIDENCE_COLUMNS, RATING_COLUMNS
from graph.index.read import Column, Where, begun, ended, read
from graph.index.records import Learners
from graph.index.sorting import narrowed
from graph.store import Store

PersonsOf = Callable[[NDArray[Any]], NDArray[np.int32]]
Owners = tuple[NDArray[Any], NDArray[np.int32]]
"""Handles of facts, ascending and as narrow as they fit, and the person each is about."""

SCANNED = ("key", "learner", *EVIDENCE_COLUMNS)
"""What is read of Evidence."""


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
        """Every layer of the records, which are those of `learners`; what they were shown is derived at once."""
        derived = self.derived()
        rows = {
            "skills": _interval_rows(derived.skills),
            "credentials": _interval_rows(derived.credentials),
            **self.stated(records),
        }
        return Facts(rows, self.owners)

    def stated(self, records: Learners) -> dict[str, Rows]:
        """The layers that are as the store states them."""
        return {
            "groups": self.memberships(),
            "employments": self.employments(),
            "applications": self.applications(),
            "records": self.record_rows(records),
        }

    def derived(self) -> Derived:
        """What the evidence supports, by person."""
        batches, keys, persons = [], [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for arrays in evidence_batches(self.store, self._where("learner")):
            keys.append(arrays["key"])
            persons.append(self.persons_of(arrays["learner"]))
            batches.append(Evidence.of(arrays, persons[-1]))
        self._own("Evidence", np.concatenate(keys), np.concatenate(persons))
        ratings = read_ratings(self.store, ("evidence", np.concatenate(keys).tolist()))
        found, places = lookup(ratings.evidence, self.owners["Evidence"][0])
        self._own("Rating", ratings.key[found], self.owners["Evidence"][1][places[found]])
        return derive(batches, ratings, self.rules, Codes.of(self.store.model))

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
        for text in dict.fromkeys(texts):
            if text is not None:
                self.places.setdefault(text, len(self.places))
        number: dict[str | None, int] = {None: -1}
        number.update(self.places)
        return np.fromiter(map(number.__getitem__, texts), np.int32, len(texts))

    def _where(self, column: str) -> Where:
        return None if self.learners is None else (column, self.learners)

    def _own(self, type_name: str, handles: NDArray[np.int64], persons: NDArray[np.int32]) -> None:
        self.owners[type_name] = in_order(handles, persons)


def evidence_batches(store: Store, where: Where = None) -> Iterator[Mapping[str, Column]]:
    """The columns that support is derived from."""
    for batch in store.scan("Evidence", SCANNED, where):
        yield batch.arrays


def read_ratings(store: Store, where: Where = None) -> Ratings:
    """Ratings in the order of their evidence."""
    return Ratings.of(read(store, "Rating", ("key", *RATING_COLUMNS), where))


def in_order(handles: Column, persons: NDArray[np.int32]) -> Owners:
    """Owners by ascending handles."""
    order = np.argsort(handles, kind="stable")
    return narrowed(handles[order]), persons[order]


def of_somebody(owners: Owners) -> Owners:
    """Those of persons, without facts of records that nobody is made of."""
    handles, persons = owners
    known = persons >= 0
    return owners if known.all() else (handles[known], persons[known])


def id_handles(ids: Sequence[str]) -> NDArray[np.int64]:
    """Handles of facts that may be removed: made from their ids, for a key is not found any more then.

    Two ids may have one handle; then the owners of both are concerned, which only costs time. Logs, which are never
    removed, have their keys as handles.
    """
    return np.fromiter((crc32(id.encode()) for id in ids), np.int64, len(ids))


def _interval_rows(intervals: Intervals) -> Rows:
    columns = {name: getattr(intervals, name) for name in INTERVAL_COLUMNS if name != "subject"}
    return Rows(intervals.subject, {**columns, "evidence": narrowed(intervals.evidence)})


def _known(group: Column, person: NDArray[np.int32], columns: Mapping[str, Column]) -> Rows:
    """Rows of known persons; instants take four bytes."""
    known = person >= 0
    narrow = {"since": np.uint32, "until": np.uint32}
    kept = {name: column[known].astype(narrow.get(name, column.dtype)) for name, column in columns.items()}
    return Rows(group[known].astype(np.int64), {"person": person[known], **kept})
