"""Both engines on small graphs written as Turtle, and their results as SHACL names them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from ontology.report import Report
from ontology.shacl.definition import Definition
from ontology.shacl.feed import Feed
from ontology.shacl.paths import path_text
from ontology.shacl.read import read_shapes
from ontology.shacl.stated import Stated, Triple
from ontology.validate import Engine, check, validate_files

PREFIXES = """@prefix : <https://example.org/> .
@prefix sg: <https://w3id.org/skillgraph#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

Told = tuple[str, str, str, str]
"""Focus node, path, value and component of one result."""


def triples(turtle: str) -> list[Triple]:
    quads = parse(PREFIXES + turtle, format=RdfFormat.TURTLE)
    return [(quad.subject, quad.predicate, quad.object) for quad in quads]


def definition(shapes: Iterable[Triple]) -> Definition:
    stated = Stated(shapes, "shapes.ttl")
    return Definition(stated, read_shapes(stated), None)


def checked(shapes: Iterable[Triple], data: Iterable[Triple], engine: Engine) -> Report:
    held = definition(shapes)
    feed = Feed(held.named)
    feed.add(data)
    return check(feed.table(), held, engine, 0)


def told(report: Report) -> set[Told]:
    """The results as a set; blank nodes are the same for both engines, which see one table."""
    return {
        (
            str(each.terms.focus),
            "" if each.terms.path is None else path_text(each.terms.path),
            "" if each.terms.value is None else str(each.terms.value),
            each.component,
        )
        for each in report.results
    }


def both(shapes: str, data: str) -> set[Told]:
    """What both engines find; they must find the same, and columns without help."""
    columns, pyshacl = (checked(triples(shapes), triples(data), engine) for engine in ("columns", "pyshacl"))
    assert told(columns) == told(pyshacl)
    assert columns.notes == ()
    return told(columns)


def written(path: Path, turtle: str) -> Path:
    path.write_text(PREFIXES + turtle, encoding="utf-8")
    return path


__all__ = ["both", "checked", "definition", "told", "triples", "validate_files", "written"]
