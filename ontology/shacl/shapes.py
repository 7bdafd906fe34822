"""Shapes as they are checked: targets, paths and constraints, each constraint under SHACL's name of its component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ontology.shacl.paths import Path
from ontology.turtle import SH, Subject, Term


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a shape asks of its values; `component` is such as MinCount, for sh:MinCountConstraintComponent."""

    component: str

    @property
    def iri(self) -> str:
        return f"{SH}{self.component}ConstraintComponent"


@dataclass(frozen=True, slots=True)
class Count(Constraint):
    """MinCount, MaxCount of values; MinLength, MaxLength in characters of each."""

    number: int


@dataclass(frozen=True, slots=True)
class Of(Constraint):
    """Class, Datatype, HasValue; MinInclusive and its like: one term."""

    term: Term


@dataclass(frozen=True, slots=True)
class Among(Constraint):
    """In: terms; LanguageIn: literals that are language ranges."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Kinds(Constraint):
    """NodeKind: the name of the kinds allowed, such as BlankNodeOrIRI."""

    name: str


@dataclass(frozen=True, slots=True)
class Beside(Constraint):
    """Equals, Disjoint, LessThan, LessThanOrEquals: the other property."""

    predicate: str


@dataclass(frozen=True, slots=True)
class Pattern(Constraint):
    """Pattern: a regular expression of google-re2 and SPARQL's flags."""

    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class Closed(Constraint):
    """Closed: IRIs of the properties that are allowed."""

    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Through(Constraint):
    """Property, Node, Not, And, Or, Xone: other shapes."""

    shapes: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Qualified(Constraint):
    """QualifiedMinCount or QualifiedMaxCount: how many values fit a shape, and none of its siblings."""

    shape: Subject
    number: int
    siblings: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Law(Constraint):
    """SPARQL: a query that has a column twin, under the name of the law."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Target:
    """`kind` is sh:targetClass, sh:targetNode, sh:targetSubjectsOf or sh:targetObjectsOf, by its local name."""

    kind: str
    term: Term


@dataclass(frozen=True, slots=True)
class Shape:
    """One node shape, or with a path one property shape."""

    node: Subject
    path: Path | None
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    severity: str  # IRI
    message: str  # its own sh:message, "" without one
    name: str  # of the shape, or of the named one that it is a part of
    deactivated: bool = False
    left: tuple[str, ...] = ()  # what of it columns do not check


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a graph by their node; `left` are targeted ones for pySHACL, each with the reason."""

    by_node: Mapping[Subject, Shape]
    compiled: tuple[Shape, ...]  # targeted ones that columns check whole
    left: Mapping[Subject, str] = field(default_factory=dict)

    def below(self, shape: Shape) -> Iterator[Shape]:
        """The shape and all that it leads to, each once."""
        seen, waiting = {shape.node}, [shape]
        while waiting:
            each = waiting.pop()
            yield each
            for node in others(each):
                if node not in seen:
                    seen.add(node)
                    waiting.append(self.by_node[node])


def others(shape: Shape) -> Iterator[Subject]:
    """The shapes that a shape's constraints lead to."""
    for each in shape.constraints:
        if isinstance(each, Through):
            yield from each.shapes
        elif isinstance(each, Qualified):
            yield from (each.shape, *each.siblings)
