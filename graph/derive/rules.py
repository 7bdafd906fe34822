"""The rules by which evidence becomes held skills, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.calendar import add_duration
from graph.derive.joins import lookup
from graph.scales import Scales
from ontology.values import OPEN, parse_duration


@dataclass(frozen=True, slots=True)
class Grants:
    """TEACHES, MEASURES (a row a cut score) and ATTESTS: what evidence of a kind about a thing supports.

    Ascending by `about`. `cut` is the least score, `NONE` where none is asked.
    """

    about: NDArray[np.int64]
    kind: NDArray[np.int64]
    skill: NDArray[np.int64]
    level: NDArray[np.int64]
    scale: NDArray[np.int64]
    cut: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assessed:
    """ASSESSES, ascending by criterion."""

    criterion: NDArray[np.int64]
    skill: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CriterionLevels:
    """The CriterionLevels of each criterion, ascending by criterion."""

    criterion: NDArray[np.int64]
    points: NDArray[np.int64]
    level: NDArray[np.int64]
    scale: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Marks:
    """What Ratings go by."""

    assessed: Assessed
    levels: CriterionLevels


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything but evidence and ratings that held skills depend on."""

    scales: Scales
    grants: Grants
    marks: Marks
    validity: Mapping[int, str]  # what evidence is about -> ISO 8601 duration
    latest: frozenset[int]  # assessments of which the latest attempt counts

    def expiry(self, about: NDArray[np.int64], shown_at: NDArray[np.int64]) -> NDArray[np.int64]:
        """When support shown then expires by the validity of what it came from; OPEN where there is none."""
        until = np.full(len(about), OPEN, np.int64)
        keys = np.array(sorted(self.validity), np.int64)
        limited, places = lookup(about, keys)
        texts = [self.validity[key] for key in keys.tolist()]
        for text in set(texts):
            same = np.array([each == text for each in texts])
            rows = np.flatnonzero(limited & same[places])
            until[rows] = add_duration(shown_at[rows], parse_duration(text))
        return until

    def differing(self, other: Rules) -> Differing:
        """Where these rules are not the same as others."""
        validity = {key for key, _ in self.validity.items() ^ other.validity.items()}
        about = {*_differing(self.grants, other.grants, "about"), *validity, *(self.latest ^ other.latest)}
        criteria = _differing(self.marks.assessed, other.marks.assessed, "criterion") | _differing(
            self.marks.levels, other.marks.levels, "criterion"
        )
        return Differing(self.scales != other.scales, sorted(about), sorted(criteria))


@dataclass(frozen=True, slots=True)
class Differing:
    """What two sets of rules do not agree on."""

    scales: bool
    about: list[int]  # keys of what evidence is about
    criteria: list[int]


def _differing(one: Any, other: Any, name: str) -> set[int]:
    """The keys in column `name` of the rows that stand in one table only."""
    columns = list(one.__dataclass_fields__)
    stacked = [np.unique(np.stack([getattr(table, column) for column in columns]), axis=1) for table in (one, other)]
    rows, counts = np.unique(np.concatenate(stacked, axis=1), axis=1, return_counts=True)
    return set(rows[columns.index(name), counts == 1].tolist())
