"""Learning objects that a person need not take again."""

from __future__ import annotations

import numpy as np

from graph.derive import Codes, Evidence, fulfilling
from graph.derive.tables import EVIDENCE_COLUMNS
from graph.index.index import Index
from graph.index.read import read
from graph.store import Store


def completed(store: Store, index: Index, person: int, at: int) -> frozenset[str]:
    """Learning objects a person has completed, or was let off, by completions that hold at an instant."""
    records = store.keys("nodes", index.people.members(person)).tolist()
    arrays = read(store, "Evidence", ("key", *EVIDENCE_COLUMNS), ("learner", records))
    evidence = Evidence.of(arrays, np.full(len(arrays["key"]), person, np.int32))
    held = fulfilling(evidence, index.snapshot.rules, Codes.of(store.model), at)
    return frozenset(store.ids("nodes", np.unique(evidence.about[held]).tolist()))
