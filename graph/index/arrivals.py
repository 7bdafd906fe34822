"""Evidence that a snapshot knows nothing of: it adds rows of its own, and nobody is derived again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph.derive import Codes, Evidence, Ratings, Rules, derive
from graph.derive.intervals import Intervals
from graph.derive.tables import EVIDENCE_COLUMNS, RATING_COLUMNS
from graph.index.facts import Owners
from graph.index.owners import NewerOwners
from graph.index.read import Column, read
from graph.index.runs import with_rows
from graph.index.snapshot import Snapshot
from graph.index.tables import Layered
from graph.store import Store


def evidence_end(snapshot: Snapshot) -> int:
    """Above the keys of all evidence that the snapshot knows; what has a later key is new to it.

    Keys are given in ascending order, and one below belongs, or once belonged, to evidence that was derived.
    """
    return max(snapshot.base.evidence_end, snapshot.owners.get("Evidence", NewerOwners()).end)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Rows of new evidence as scanned, and whose records they are about."""

    arrays: Mapping[str, Column]

    @classmethod
    def read(cls, store: Store, keys: NDArray[np.int64]) -> Arrivals:
        """By their keys; those that are gone again are left out."""
        return cls(read(store, "Evidence", ("key", "learner", *EVIDENCE_COLUMNS), ("key", keys.tolist())))

    def __len__(self) -> int:
        return len(self.arrays["key"])

    def ending_others(self, rules: Rules, codes: Codes) -> set[int]:
        """The records of whom a later attempt ends what earlier ones support: they are derived anew."""
        attempts = (self.arrays["kind"] == codes.assessment) & np.isin(self.arrays["about"], list(rules.latest))
        return set(self.arrays["learner"][attempts].tolist()) - {0}

    def beside(self, records: Collection[int]) -> Arrivals:
        """Those that are not about these records."""
        theirs = np.isin(self.arrays["learner"], list(records))
        return Arrivals({name: column[~theirs] for name, column in self.arrays.items()}) if theirs.any() else self

    def added_to(self, snapshot: Snapshot, store: Store) -> Snapshot:
        """The snapshot with what they support, and the Ratings within them."""
        person = snapshot.people.persons_of(self.arrays["learner"])
        evidence = Evidence.of(self.arrays, person)
        ratings = read(store, "Rating", ("key", *RATING_COLUMNS), ("evidence", evidence.key.tolist()))
        derived = derive([evidence], Ratings.of(ratings), snapshot.rules, Codes.of(store.model))
        layers = dict(snapshot.layers)
        layers["skills"] = _with(layers["skills"], derived.skills)
        layers["credentials"] = _with(layers["credentials"], derived.credentials)
        judged = person[np.searchsorted(evidence.key, ratings["evidence"])]
        own = {"Evidence": (evidence.key, person), "Rating": (ratings["key"], judged)}
        return replace(snapshot, layers=layers, owners=owning(snapshot, own))


def owning(snapshot: Snapshot, more: Mapping[str, Owners]) -> Mapping[str, NewerOwners]:
    """The newer owners with more of them."""
    newer = dict(snapshot.owners)
    return newer | {name: newer.get(name, NewerOwners()).with_rows(*rows) for name, rows in more.items()}


def _with(layer: Layered, intervals: Intervals) -> Layered:
    return with_rows(layer, intervals.subject, {name: getattr(intervals, name) for name in layer.base.columns})
