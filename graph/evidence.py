"""Kinds of evidence and the three classes they fall in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

EvidenceClass = Literal["claimed", "taught", "shown"]

CLASS_OF: Mapping[str, EvidenceClass] = {
    "completion": "taught",
    "assessment": "shown",
    "credential": "shown",
    "interview": "shown",
    "work_sample": "shown",
    "manager_rating": "shown",
    "self_rating": "claimed",
}


def class_of(kind: str) -> EvidenceClass:
    """The class of a kind; kinds a deployment adds are shown."""
    return CLASS_OF.get(kind, "shown")
