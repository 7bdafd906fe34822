"""What is wrong and the fix, in words, for each constraint component."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyoxigraph import NamedNode

from ontology.shacl.shapes import (
    Among,
    Beside,
    Closed,
    Constraint,
    Count,
    Kinds,
    Law,
    Of,
    Pattern,
    Qualified,
    Shape,
    Shapes,
    Through,
)
from ontology.turtle import Term, local_name
from ontology.values import shown

LISTED = 30
"""Values that a sentence names at most."""
_SENTENCES: Mapping[str, str] = {
    "MinCount": "is stated less than {what} times; state more",
    "MaxCount": "is stated more than {what} times; leave some out",
    "Datatype": "{value} is no {what}; write it as one",
    "In": "{value} is not allowed; use one of {what}",
    "HasValue": "lacks the value {what}; state it",
    "MinInclusive": "{value} is too small; it must be {what} or more",
    "MaxInclusive": "{value} is too large; it must be {what} or less",
    "MinExclusive": "{value} is too small; it must be more than {what}",
    "MaxExclusive": "{value} is too large; it must be less than {what}",
    "MinLength": "{value} is too short; at least {what} characters",
    "MaxLength": "{value} is too long; at most {what} characters",
    "Pattern": "{value} does not match {what}; write it so",
    "LanguageIn": "{value} is in none of the languages {what}; tag it with one",
    "UniqueLang": "has two texts in one language; keep one",
    "Class": "{value} is no {what} here; refer to one, and state it in the same graph",
    "NodeKind": "{value} must be {what}",
    "Equals": "{value} is not a value of both this and {what}; state the same values of both",
    "Disjoint": "{value} is a value of {what} too; keep one of the two",
    "LessThan": "{value} is not below {what}; begin before the end, least below the most",
    "LessThanOrEquals": "{value} is beyond {what}; begin before the end, least below the most",
    "Closed": "{value} is stated of something that has no such property; leave it out",
    "Node": "{value} does not fit {what}; mend it, or refer to another",
    "Not": "{value} fits {what}, which it must not; mend it, or refer to another",
    "And": "{value} does not fit all of {what}; mend it",
    "Or": "{value} is none of {what}; state one of these",
    "Xone": "{value} must be exactly one of {what}; state just one of these",
    "QualifiedMinCount": "has less than {number} values that fit {what}; state more",
    "QualifiedMaxCount": "has more than {number} values that fit {what}; leave some out",
}
_ONCE: Mapping[str, str] = {
    "MinCount": "is missing; state it",
    "MaxCount": "is stated more than 1 time; keep one",
}
_KINDS: Mapping[str, str] = {
    "IRI": "an IRI",
    "BlankNode": "a blank node",
    "Literal": "a literal",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a blank node or a literal",
    "IRIOrLiteral": "an IRI or a literal",
}


class Sentences:
    """The words for the constraints of some shapes."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def of(self, constraint: Constraint, value: Term | None) -> str:
        """A constraint and the value that breaks it, None where it is not a value that does."""
        if isinstance(constraint, Law):
            return constraint.message
        text = _SENTENCES[constraint.component]
        if isinstance(constraint, Count) and constraint.number == 1:
            text = _ONCE.get(constraint.component, text)
        number = constraint.number if isinstance(constraint, Qualified) else ""
        said = "" if value is None else shown(value.value)
        return text.format(value=said, what=self._what(constraint), number=number)

    def _what(self, constraint: Constraint) -> str:
        if isinstance(constraint, Through):
            return ", ".join(dict.fromkeys(self._called(self._shapes.by_node[each]) for each in constraint.shapes))
        if isinstance(constraint, Qualified):
            return self._called(self._shapes.by_node[constraint.shape])
        tell = _WHAT.get(type(constraint))
        return "" if tell is None else tell(constraint)

    def _called(self, shape: Shape) -> str:
        """A shape by its name, or without one by the class, datatype or other constraint that makes it up."""
        if isinstance(shape.node, NamedNode):
            return local_name(shape.node.value)
        for each in shape.constraints:
            if each.component in ("Class", "Datatype"):
                return self._what(each)
        parts = (f"{each.component} {self._what(each)}".strip() for each in shape.constraints)
        return f"({', '.join(parts)})"


def _name(term: Term) -> str:
    return local_name(term.value) if isinstance(term, NamedNode) else term.value


def _listed(terms: Sequence[Term]) -> str:
    more = f" … ({len(terms)} in all)" if len(terms) > LISTED else ""
    return ", ".join(map(_name, terms[:LISTED])) + more


_WHAT: Mapping[type[Constraint], Callable[[Any], str]] = {
    Count: lambda each: str(each.number),
    Of: lambda each: _name(each.term),
    Among: lambda each: _listed(each.terms),
    Kinds: lambda each: _KINDS[each.name],
    Beside: lambda each: local_name(each.predicate),
    Pattern: lambda each: each.pattern,
    Closed: lambda each: ", ".join(sorted(map(local_name, each.allowed))),
}
