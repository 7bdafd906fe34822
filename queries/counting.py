"""What counts inside held(): the parameters of several questions, as lenses on the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from graph.evidence import EvidenceClass, classes
from graph.index import Postings
from graph.lens import EVERY_KIND, Lens
from graph.loops.plain import counting as counting_rows
from ontology.model import Model
from queries.ages import spans_within

STRENGTH = {"claimed": 0, "taught": 1, "shown": 2}


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts, at one instant.

    Claimed evidence counts only when its kind is named. Required credentials heed the instant and `verified_only`,
    never the kinds and the age.
    """

    any: Lens  # what counts for skills
    shown: Lens  # what of that was shown
    credentials: Lens
    classes: tuple[EvidenceClass, ...]  # of kinds of evidence, by code - 1

    @property
    def at(self) -> int:
        """The instant, seconds UTC."""
        return self.any.at

    def proof(self, proof: str) -> Lens:
        """What counts for a requirement with this proof."""
        return self.shown if proof == "shown" else self.any

    def class_of(self, code: int) -> EvidenceClass:
        """The class of an evidence kind's code."""
        return self.classes[code - 1]


class Counted(Protocol):
    """The parameters that choose what counts, as several questions have them."""

    @property
    def as_of(self) -> int | None: ...
    @property
    def evidence_kinds(self) -> Sequence[str] | None: ...
    @property
    def max_age(self) -> str | None: ...
    @property
    def verified_only(self) -> bool: ...


def counting(model: Model, parameters: Counted, at: int) -> Counting:
    """What counts at an instant."""
    classed = classes(model)
    wanted = counted_kinds(model, parameters.evidence_kinds)
    bits = {kind: 1 << code for code, kind in enumerate(classed, 1)}
    spans = () if parameters.max_age is None else spans_within(parameters.max_age, at)
    counted = Lens(at, sum(bits[kind] for kind in wanted), spans, parameters.verified_only)
    shown = sum(bits[kind] for kind in wanted if classed[kind] == "shown")
    credentials = Lens(at, EVERY_KIND, (), parameters.verified_only)
    return Counting(counted, replace(counted, kinds=shown), credentials, tuple(classed.values()))


def counted_kinds(model: Model, asked_for: Sequence[str] | None) -> list[str]:
    """The kinds of evidence that count: those named, else all but what is only claimed."""
    classed = classes(model)
    return [kind for kind, each in classed.items() if (each != "claimed" if asked_for is None else kind in asked_for)]


def that_count(postings: Postings, lens: Lens) -> Postings:
    """The intervals that count."""
    return postings.where(counting_rows(postings.rows, lens))
