"""pySHACL as SHACL has it: where its own code is slow without bound, or departs from the standard, it is set right.

Patterns are matched by google-re2, for Python's `re` takes 13 seconds for 26 characters. Literals fit their datatype by
XSD's lexical spaces (section 4.1.2), not by what Python makes of them. What has no order is out of order and of range
(4.3, 4.5.3, 4.5.4), rather than ordered as text, or an error for the whole graph. Language ranges match as SPARQL's
langMatches has it (4.4.4), patterns with all of SPARQL's flags (4.4.3). Blank nodes stand in the report by themselves:
pySHACL would copy what is said of them, a list in the square of its length.
"""

from __future__ import annotations

import operator
from functools import cache
from typing import Any

from ontology.shacl.literals import Value, is_well_formed, value_of
from ontology.shacl.values import compiled
from ontology.turtle import RDF, RDFS, SH, XSD


@cache
def set_right() -> None:
    """Once a process."""
    from pyshacl import validator
    from pyshacl.constraints.core import property_pair_constraints as pairs
    from pyshacl.constraints.core import string_based_constraints as strings
    from pyshacl.constraints.core import value_constraints as values
    from pyshacl.constraints.core import value_range_constraints as ranges
    from pyshacl.shape import Shape

    from ontology.patterns import LinearTime

    for place, name, correct in (
        (validator, "clone_blank_node", _itself),
        (Shape, "implicit_class_targets", _implicit),
        (strings, "re", LinearTime),
        (strings.LanguageInConstraintComponent, "_evaluate_string_rule", _languages),
        (strings.PatternConstraintComponent, "_evaluate_string_rule", _pattern),
        (strings.MinLengthConstraintComponent, "_evaluate_string_rule", _min_length),
        (ranges, "compare_literal", _compared),
        (values.DatatypeConstraintComponent, "evaluate", _datatypes),
        (pairs.LessThanConstraintComponent, "_compare_lt", _comparison(operator.lt)),
        (pairs.LessThanOrEqualsConstraintComponent, "_compare_ltoe", _comparison(operator.le)),
    ):
        setattr(place, name, correct)


def _itself(_: object, node: Any, *__: object, **___: object) -> Any:
    return node


def _implicit(self: Any) -> list[Any]:
    """A shape that is a class, or of a class of classes, at whatever remove (section 2.1.3.3)."""
    from rdflib import URIRef

    graph, of_classes = self.sg.graph, URIRef(f"{RDFS}Class")
    kinds = graph.objects(self.node, URIRef(f"{RDF}type"))
    above = (graph.transitive_objects(kind, URIRef(f"{RDFS}subClassOf")) for kind in kinds)
    return [self.node] if any(of_classes in each for each in above) else []


def typed(node: Any) -> Value | None:
    """What an rdflib literal is compared by, None for what is not comparable."""
    from rdflib import Literal

    if not isinstance(node, Literal):
        return None
    return value_of(str(node), str(node.datatype or f"{XSD}string"), node.language or "")


def _compared(value: Any, bound: Any) -> int:
    """Below, equal or above; pySHACL takes a TypeError for no."""
    low, high = typed(value), typed(bound)
    if low is None or high is None or low.family != high.family:
        raise TypeError("values of two kinds have no order")
    return int(low.key > high.key) - int(low.key < high.key)


def _datatypes(self: Any, _: object, graph: Any, nodes: dict[Any, Any], __: object) -> tuple[bool, list[Any]]:
    wanted = str(self.datatype_rule)
    return _reported(self, graph, nodes, lambda value: _has_datatype(value, wanted))


def _has_datatype(value: Any, wanted: str) -> bool:
    from rdflib import Literal

    if not isinstance(value, Literal):
        return False
    stated = f"{RDF}langString" if value.language else str(value.datatype or f"{XSD}string")
    return stated == wanted and is_well_formed(str(value), wanted)


def _min_length(self: Any, rule: Any, graph: Any, nodes: dict[Any, Any]) -> tuple[bool, list[Any]]:
    """A blank node has no length, not even 0 (section 4.4.1)."""
    from rdflib import BNode

    least = int(rule)
    conforms, reports = _reported(
        self, graph, nodes, lambda value: not isinstance(value, BNode) and len(str(value)) >= least
    )
    return not conforms, reports


def _pattern(self: Any, rule: Any, graph: Any, nodes: dict[Any, Any]) -> tuple[bool, list[Any]]:
    from rdflib import BNode, URIRef

    search = compiled(str(rule), "".join(map(str, self.shape.objects(URIRef(f"{SH}flags"))))).search
    conforms, reports = _reported(
        self, graph, nodes, lambda value: not isinstance(value, BNode) and search(str(value)) is not None
    )
    return not conforms, reports


def _languages(self: Any, head: Any, graph: Any, nodes: dict[Any, Any]) -> tuple[bool, list[Any]]:
    ranges = [str(each).lower() for each in self.shape.sg.graph.items(head)]
    conforms, reports = _reported(self, graph, nodes, lambda value: _in_language(value, ranges))
    return not conforms, reports


def _in_language(value: Any, ranges: list[str]) -> bool:
    language = (getattr(value, "language", None) or "").lower()
    return bool(language) and any(each == "*" or f"{language}-".startswith(f"{each}-") for each in ranges)


def _reported(self: Any, graph: Any, nodes: dict[Any, Any], fits: Any) -> tuple[bool, list[Any]]:
    reports = [
        self.make_v_result(graph, focus, value_node=value)
        for focus, values in nodes.items()
        for value in values
        if not fits(value)
    ]
    return not reports, reports


def _comparison(below: Any) -> Any:
    def compare(self: Any, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, list[Any]]:
        highs = [typed(each) for each in others]
        wrong = [value for value in values if not all(_is_below(typed(value), high, below) for high in highs)]
        return bool(wrong), [self.make_v_result(graph, focus, value_node=value) for value in wrong]

    return compare


def _is_below(low: Value | None, high: Value | None, below: Any) -> bool:
    return low is not None and high is not None and low.family == high.family and bool(below(low.key, high.key))
