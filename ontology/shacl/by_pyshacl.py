"""pySHACL on the triples of a table: the oracle of the columns, and what checks the shapes that these leave to it.

It runs without owl:imports, JavaScript, rules and inference.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.rdf import ValidationInputError
from ontology.shacl.corrected import set_right
from ontology.shacl.paths import Predicate
from ontology.shacl.result import Raw
from ontology.shacl.shapes import Constraint, Shape, Shapes
from ontology.shacl.stated import Stated, Triple
from ontology.turtle import RDF, SH, Subject, Term

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_SHAPES = (f"{SH}NodeShape", f"{SH}PropertyShape")
_TARGETS = frozenset(f"{SH}{name}" for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))


def pyshacl_results(
    triples: Iterable[Triple], stated: Stated, shapes: Shapes, only: Collection[Subject] | None = None
) -> list[Raw]:
    """What pySHACL finds among the triples of a graph; `only` are the targeted shapes to check, None for all."""
    from pyshacl import validate
    from pyshacl.errors import ReportableRuntimeError

    set_right()
    options: dict[str, Any] = {"advanced": False, "js": False, "inference": "none", "do_owl_imports": False}
    kept = stated.triples if only is None else list(_without_other_targets(stated, shapes, only))
    try:
        with _quiet():
            _, report, text = validate(rdflib_graph(triples), shacl_graph=rdflib_graph(kept), inplace=True, **options)
    except ReportableRuntimeError as error:
        raise ValidationInputError(f"{stated.name}: the shapes can't be read: {error}; mend them") from error
    except RecursionError as error:
        problem = "pySHACL can't follow so long a chain of classes or nodes; shorten it, or use --engine columns"
        raise ValidationInputError(f"{stated.name}: {problem}") from error
    if not hasattr(report, "subjects"):
        raise ValidationInputError(f"{stated.name}: the shapes could not be checked: {text}")
    return list(_results(report, shapes))


@contextmanager
def _quiet() -> Iterator[None]:
    """rdflib logs each ill-formed literal with a traceback; the report tells of it."""
    logger = logging.getLogger("rdflib.term")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def rdflib_graph(triples: Iterable[Triple]) -> Graph:
    """Triples as an rdflib graph; blank nodes keep their labels."""
    from ontology.shacl.prepared import PreparedGraph

    graph, known = PreparedGraph(), dict[Term, Any]()

    def node(term: Term) -> Any:
        found = known.get(term)
        if found is None:
            found = known[term] = _node(term)
        return found

    for subject, predicate, value in triples:
        graph.add((node(subject), node(predicate), node(value)))
    return graph


def _node(term: Term) -> Node:
    from rdflib import BNode, URIRef
    from rdflib import Literal as Text

    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if term.language:
        return Text(term.value, lang=term.language)
    return Text(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def _term(node: Any) -> Term:
    from rdflib import BNode, URIRef

    if isinstance(node, URIRef):
        return NamedNode(str(node))
    if isinstance(node, BNode):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))


def _without_other_targets(stated: Stated, shapes: Shapes, only: Collection[Subject]) -> Iterator[Triple]:
    """All shapes, of which only the chosen ones look for focus nodes themselves."""
    for subject, predicate, value in stated.triples:
        shape = shapes.by_node.get(subject)
        if shape is None or subject in only or not _is_target(shape, predicate.value, value):
            yield subject, predicate, value


def _is_target(shape: Shape, predicate: str, value: Term) -> bool:
    if predicate in _TARGETS:
        return True
    implicit = any(target.term == shape.node for target in shape.targets)
    return implicit and predicate == f"{RDF}type" and value.value not in _SHAPES


def _results(report: Graph, shapes: Shapes) -> Iterator[Raw]:
    from rdflib import URIRef

    detail, kind = URIRef(f"{SH}detail"), URIRef(f"{SH}ValidationResult")
    for each in report.subjects(URIRef(f"{RDF}type"), kind):
        if (None, detail, each) not in report:
            yield _result(report, shapes, each)


def _result(report: Graph, shapes: Shapes, each: Node) -> Raw:
    from rdflib import URIRef

    said = {name: report.value(each, URIRef(f"{SH}{name}")) for name in _SAID}
    node, component = _term(said["sourceShape"]), str(said["sourceConstraintComponent"])
    assert not isinstance(node, Literal), "shapes are nodes"
    shape, path, value = shapes.by_node.get(node), said["resultPath"], said["value"]
    stated = shape.path if shape and path is not None and not isinstance(path, URIRef) else None
    return Raw(
        _term(said["focusNode"]),
        Predicate(str(path)) if isinstance(path, URIRef) else stated,
        None if value is None else _term(value),
        component,
        node,
        str(said["resultSeverity"]),
        None if shape is None else _constraint(shape, component),
        str(said["resultMessage"] or ""),
    )


_SAID = (
    "focusNode",
    "resultPath",
    "value",
    "sourceShape",
    "sourceConstraintComponent",
    "resultSeverity",
    "resultMessage",
)


def _constraint(shape: Shape, component: str) -> Constraint | None:
    return next((each for each in shape.constraints if each.iri == component), None)
