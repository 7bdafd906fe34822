"""One result as an engine finds it, in RDF terms; what a report tells is made from these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ontology.shacl.paths import Path, Predicate
from ontology.shacl.reach import Found
from ontology.shacl.shapes import Constraint, Shape
from ontology.shacl.table import Table
from ontology.turtle import Subject, Term


@dataclass(frozen=True, slots=True)
class Raw:
    """A validation result (SHACL section 3.6.2)."""

    focus: Term
    path: Path | None
    value: Term | None
    component: str  # IRI
    shape: Subject
    severity: str  # IRI
    constraint: Constraint | None  # that of the shape, None where the shape has none that columns know
    message: str = ""  # what the engine says, where it alone knows


def raw_results(table: Table, found: Found) -> Iterator[Raw]:
    """The results of one constraint, each once."""
    shape: Shape = found.shape
    path = shape.path if found.predicate is None else Predicate(found.predicate)
    values = [-1] * len(found.focus) if found.values is None else found.values.tolist()
    for focus, value in dict.fromkeys(zip(found.focus.tolist(), values, strict=True)):
        yield Raw(
            table.terms.term(focus),
            path,
            None if value < 0 else table.terms.term(value),
            found.constraint.iri,
            shape.node,
            shape.severity,
            found.constraint,
        )
