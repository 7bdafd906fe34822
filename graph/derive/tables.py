"""Evidence and Ratings as columns, as the store's scan gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.model import Model

NONE = -(2**63)
"""An absent number in a column."""

EVIDENCE_COLUMNS = (
    "kind", "about", "skill", "level", "scale", "score", "outcome",
    "shown_at", "expires_at", "withdrawn_at", "verification",
)  # fmt: skip
RATING_COLUMNS = ("evidence", "rater", "skill", "criterion", "points", "level", "scale")


@dataclass(frozen=True, slots=True)
class Codes:
    """The numbers (position in the enumeration plus one) of the values that the rules speak of."""

    completion: int
    assessment: int
    credential: int
    failed: int
    waived: int
    broken: int
    revoked: int
    unverified: int

    @classmethod
    def of(cls, model: Model) -> Codes:
        """Read from the enumerations of Evidence."""
        properties = model.nodes["Evidence"].properties
        named = (
            ("kind", ("completion", "assessment", "credential")),
            ("outcome", ("failed", "waived")),
            ("verification", ("broken", "revoked", "unverified")),
        )
        return cls(*(properties[name].values.index(value) + 1 for name, values in named for value in values))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows of Evidence; `person` groups the records of one person, references are keys (0 absent), numbers `NONE`."""

    key: NDArray[np.int64]
    person: NDArray[np.int32]
    kind: NDArray[Any]
    about: NDArray[Any]
    skill: NDArray[Any]
    level: NDArray[np.int64]
    scale: NDArray[Any]
    score: NDArray[np.int64]
    outcome: NDArray[Any]
    shown_at: NDArray[np.int64]
    expires_at: NDArray[np.int64]  # -1 absent
    withdrawn_at: NDArray[np.int64]  # -1 absent
    verification: NDArray[Any]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], person: NDArray[np.int32]) -> Evidence:
        """From a scan's arrays."""
        return cls(key=arrays["key"], person=person, **{name: arrays[name] for name in EVIDENCE_COLUMNS})

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[Any]) -> Evidence:
        """Some of the rows: a mask, or positions."""
        return Evidence(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Ratings:
    """Rows of Rating in the order of their evidence; equal `rater` numbers are one rater."""

    key: NDArray[np.int64]
    evidence: NDArray[np.int64]
    rater: NDArray[np.int64]
    skill: NDArray[np.int64]
    criterion: NDArray[np.int64]
    points: NDArray[np.int64]
    level: NDArray[np.int64]
    scale: NDArray[np.int64]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Ratings:
        """From a scan's arrays, `rater` being text (or a reference's key); put in order."""
        order = np.argsort(arrays["evidence"], kind="stable")
        names = [name for name in cls.__dataclass_fields__ if name != "rater"]
        columns = {name: arrays[name][order] for name in names}
        return cls(rater=_numbered(arrays["rater"])[order], **columns)

    def __len__(self) -> int:
        return len(self.key)


def _numbered(raters: NDArray[Any]) -> NDArray[np.int64]:
    """One number a distinct rater; Ratings without a rater are one rater's."""
    numbers: dict[Any, int] = {}
    return np.fromiter((numbers.setdefault(rater, len(numbers)) for rater in raters.tolist()), np.int64, len(raters))
