"""The three classes that kinds of evidence fall in."""

from __future__ import annotations

from typing import Literal

from ontology.model import Model

EvidenceClass = Literal["claimed", "taught", "shown"]


def classes(model: Model) -> dict[str, EvidenceClass]:
    """The class of every kind, as the ontology says it, in the order of the enumeration."""
    kind = model.nodes["Evidence"].properties["kind"]
    return {
        value: "claimed" if value in kind.claimed else "taught" if value in kind.taught else "shown"
        for value in kind.values
    }
