"""Whether a small RDF graph conforms to the shapes, by pySHACL: what loads check column by column, and the laws.

pySHACL runs without owl:imports, JavaScript, rules and inference; patterns are matched by google-re2; SPARQL in other
people's shapes may not reach beyond the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.model import Model, load_model
from ontology.rdf import ValidationInputError, read_graph
from ontology.reader import BUNDLED, FOLDER
from ontology.report import Report, Result, sentence
from ontology.turtle import OWL, RDF, RDFS, SG, SH, local_name

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

HOME = "https://w3id.org/skillgraph/scale/home"

__all__ = ["Report", "Result", "ValidationInputError", "validate_files", "validate_graph"]


def validate_files(files: Sequence[Path], shapes: Path | None = None, extension: Path | None = None) -> Report:
    """All files as one graph against the bundled shapes, or against others."""
    return validate_graph(read_graph(files), shapes, extension)


def validate_graph(data: Graph | Path, shapes: Path | None = None, extension: Path | None = None) -> Report:
    """The report on a graph; the bundled scales and crosswalks count as being in it.

    Raises `ValidationInputError` for a file that can't be read, for shapes that can't be trusted and, with the bundled
    shapes, for a graph without a single record.
    """
    graph = read_graph([data]) if isinstance(data, Path) else data
    ontology = [*BUNDLED, *(_extension_files(extension))]
    if shapes is not None:
        shape_graph = read_graph([shapes])
        _refuse_unsafe(shape_graph, shapes.name)
        return Report(tuple(_results(graph, shape_graph)), _records(graph, None))
    model = load_model(extension)
    records = _records(graph, model)
    if not records:
        raise ValidationInputError("the graph holds no record of a class of the ontology; is it Skillgraph's RDF?")
    shape_graph = read_graph(ontology)
    whole = _with_knowledge(graph, shape_graph)
    return Report(tuple(sorted([*_results(whole, shape_graph), *_unknown(graph, shape_graph)])), records)


def _extension_files(extension: Path | None) -> list[Path]:
    from ontology.extension import extension_files

    return [] if extension is None else extension_files(extension)


def _with_knowledge(graph: Graph, shape_graph: Graph) -> Graph:
    """The graph with the seeded scales and what is a subclass of what, which shapes look at."""
    from rdflib import Graph, URIRef

    whole = Graph()
    whole += graph
    whole += _seeded(graph)
    for triple in shape_graph.triples((None, URIRef(f"{RDFS}subClassOf"), None)):
        whole.add(triple)
    return whole


def _seeded(graph: Graph) -> Graph:
    """Of the bundled scales the home scale and those the graph refers to: laws take time for each level."""
    from rdflib import Graph, URIRef

    everything, kept = read_graph([FOLDER / "crosswalks.ttl"]), Graph()
    scale, start = URIRef(f"{SG}scale"), URIRef(f"{SG}from")
    named = {*graph.objects(), URIRef(HOME)}
    wanted = {of for level, of in everything.subject_objects(scale) if level in named or of in named}
    levels = {level for level, of in everything.subject_objects(scale) if of in wanted}
    edges = {edge for edge, level in everything.subject_objects(start) if level in levels}
    described = set(graph.subjects())  # a store's own copy of a scale stands for itself
    for subject in (wanted | levels | edges) - described:
        for triple in everything.triples((subject, None, None)):
            kept.add(triple)
    return kept


def _records(graph: Graph, model: Model | None) -> int:
    from rdflib import URIRef

    typed = graph.subject_objects(URIRef(f"{RDF}type"))
    if model is None:
        return len({subject for subject, _ in typed})
    classes = {URIRef(each.iri) for each in model.types()}
    return len({subject for subject, kind in typed if kind in classes})


def _results(graph: Graph, shape_graph: Graph) -> Iterable[Result]:
    from pyshacl import validate
    from pyshacl.errors import ReportableRuntimeError
    from rdflib import URIRef

    _match_in_linear_time()
    options: dict[str, Any] = {"advanced": False, "js": False, "inference": "none", "do_owl_imports": False}
    try:
        _, report, text = validate(graph, shacl_graph=shape_graph, inplace=True, **options)
    except ReportableRuntimeError as error:
        raise ValidationInputError(f"the shapes can't be read: {error}; mend them") from error
    if not hasattr(report, "subjects"):
        raise ValidationInputError(f"the shapes could not be checked: {text}")
    for each in report.subjects(URIRef(f"{RDF}type"), URIRef(f"{SH}ValidationResult")):
        if (None, URIRef(f"{SH}detail"), each) not in report:
            yield _result(graph, report, shape_graph, each)


def _result(graph: Graph, report: Graph, shape_graph: Graph, each: Node) -> Result:
    from rdflib import URIRef

    def said(name: str) -> Node | None:
        return report.value(each, URIRef(f"{SH}{name}"))

    component = local_name(str(said("sourceConstraintComponent"))).removesuffix("ConstraintComponent")
    shape, value, path = said("sourceShape"), said("value"), said("resultPath")
    law = shape_graph.value(shape, URIRef(f"{SG}law")) if shape is not None else None
    message = sentence(shape_graph, shape, component, value) or str(said("resultMessage"))
    return Result(
        focus=_name(graph, said("focusNode")),
        path="" if path is None else local_name(str(path)),
        value="" if value is None or (law is not None and value == said("focusNode")) else str(value),
        component=component,
        message=str(said("resultMessage")) if law else message,
        severity=local_name(str(said("resultSeverity"))),
        shape=_shape_name(shape_graph, shape) if law is None else str(law),
    )


def _name(graph: Graph, focus: Node | None) -> str:
    """The IRI of a record; an edge without one is named by its type and ends."""
    from rdflib import BNode, URIRef

    if not isinstance(focus, BNode):
        return str(focus)
    said = [graph.value(focus, URIRef(iri)) for iri in (f"{RDF}type", f"{SG}from", f"{SG}to")]
    return " ".join(local_name(str(each)) for each in said if each is not None) or "a blank node"


def _shape_name(shape_graph: Graph, shape: Node | None) -> str:
    """The named shape that a blank property shape is part of."""
    from rdflib import BNode, URIRef

    if isinstance(shape, BNode):
        owner = next(shape_graph.subjects(URIRef(f"{SH}property"), shape), shape)
        return _shape_name(shape_graph, owner) if owner is not shape else ""
    return "" if shape is None else local_name(str(shape))


def _unknown(graph: Graph, shape_graph: Graph) -> Iterable[Result]:
    """Terms of our namespace that the ontology does not have: on a load they would be unknown columns."""
    from difflib import get_close_matches

    from rdflib import URIRef

    known = {local_name(str(each)): each for each in shape_graph.subjects() if str(each).startswith(SG)}
    for subject, predicate, value in graph:
        term = value if predicate == URIRef(f"{RDF}type") else predicate
        if str(term).startswith(SG) and str(term) not in {str(each) for each in known.values()}:
            close = get_close_matches(local_name(str(term)), known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else "; leave it out"
            name = local_name(str(term))
            message = f"{name} is not in the ontology{hint}"
            yield Result(str(subject), name, "", "Unknown", message, "Violation", "")


def _refuse_unsafe(shape_graph: Graph, name: str) -> None:
    """Other people's shapes: patterns that backtrack for ever, and queries that leave the graph, are refused."""
    from rdflib import URIRef

    from ontology.consistency import unsafe_pattern

    for pattern in shape_graph.objects(None, URIRef(f"{SH}pattern")):
        if reason := unsafe_pattern(str(pattern)):
            raise ValidationInputError(f"{name}: the pattern {str(pattern)[:80]!r} is not read: {reason}")
    for term in ("js", "jsLibrary", "rule", "entailment", "shapesGraph"):
        if (None, URIRef(f"{SH}{term}"), None) in shape_graph:
            raise ValidationInputError(f"{name}: sh:{term} is not run; leave it out")
    if (None, URIRef(f"{OWL}imports"), None) in shape_graph:
        raise ValidationInputError(f"{name}: owl:imports is not followed; put what it names into the file")
    for query in (*shape_graph.objects(None, URIRef(f"{SH}select")), *shape_graph.objects(None, URIRef(f"{SH}ask"))):
        if reason := reaches_out(str(query)):
            raise ValidationInputError(f"{name}: a query {reason}; ask the graph itself only")


def reaches_out(query: str) -> str | None:
    """How a SPARQL query would reach beyond its graph (SERVICE, FROM), None when it does not; updates do not parse."""
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    prefixes = "".join(f"PREFIX {name}: <urn:x-{name}:> " for name in _prefixes_used(query))
    try:
        waiting: list[Any] = [parseQuery(prefixes + query)]
    except (ParseException, RecursionError):
        return "is no SPARQL SELECT or ASK"
    while waiting:
        each = waiting.pop()
        name = getattr(each, "name", "")
        if name in ("ServiceGraphPattern", "DatasetClause"):
            return "calls another SERVICE" if name.startswith("Service") else "reads FROM elsewhere"
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple) or hasattr(each, "asList"):
            waiting += list(each)
    return None


def _prefixes_used(query: str) -> set[str]:
    import re

    declared = set(re.findall(r"(?i)\bprefix\s+([A-Za-z][\w.-]*)?:", query))
    return set(re.findall(r"(?<![\w<:/])([A-Za-z][\w-]*):(?=[A-Za-z_])", query)) - declared


def _match_in_linear_time() -> None:
    """pySHACL compiles sh:pattern with `re`, where 26 characters can take 13 seconds: give it google-re2 instead."""
    from pyshacl.constraints.core import string_based_constraints

    from ontology.patterns import LinearTime

    setattr(string_based_constraints, "re", LinearTime)  # noqa: B010 - mypy knows it as a module
