"""RDF files into rdflib graphs, whoever wrote them: nothing is fetched, no entity is expanded, no DOCTYPE is read.

pyoxigraph parses, since rdflib's own parsers fetch JSON-LD contexts and expand XML entities.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from ontology.context import CONTEXT_IRI
from ontology.ids import DEFAULT_BASE
from ontology.turtle import XSD

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}
LARGEST_FILE = 200_000_000  # bytes; what is larger is loaded, not validated as one graph


class ValidationInputError(ValueError):
    """A file that can't be validated: names the file, what is wrong and the fix."""


def read_graph(paths: Iterable[Path]) -> Graph:
    """One graph of all files; named graphs are taken together."""
    from rdflib import Graph

    graph = Graph()
    for path in paths:
        for triple in read_triples(path):
            graph.add(triple)
    return graph


def read_triples(path: Path) -> Iterator[tuple[Node, Node, Node]]:
    """The triples of one file as rdflib terms."""
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise ValidationInputError(f"{path.name}: is no RDF file by its name; name it {', '.join(FORMATS)}")
    data = _bytes(path)
    if kind is ox.RdfFormat.RDF_XML:
        _refuse_doctype(path, data)
    if kind is ox.RdfFormat.JSON_LD:
        data = _with_bundled_context(path, data)
    try:
        for quad in ox.parse(data, format=kind, base_iri=DEFAULT_BASE, rename_blank_nodes=True):
            yield _term(quad.subject), _term(quad.predicate), _term(quad.object)
    except SyntaxError as error:
        raise ValidationInputError(_syntax(path, error)) from error
    except ValueError as error:
        raise ValidationInputError(f"{path.name}: {error}; mend the file") from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValidationInputError(f"{path.name}: is larger than {LARGEST_FILE:,} bytes; validate it in parts")
        return path.read_bytes()
    except OSError as error:
        raise ValidationInputError(f"{path.name}: can't be read: {error.strerror or error}") from error


def _syntax(path: Path, error: SyntaxError) -> str:
    if "LoadDocumentCallback" in str(error.msg):
        return f"{path.name}: names a context that is not bundled; write it into the file, or use {CONTEXT_IRI}"
    return f"{path.name}: line {error.lineno}: {error.msg}; mend the file"


def _refuse_doctype(path: Path, data: bytes) -> None:
    """expat decodes the file first, so that no encoding hides a DOCTYPE; it stops there, before any entity."""
    from xml.parsers import expat

    def refuse(*_: object) -> None:
        raise ValidationInputError(f"{path.name}: holds a DOCTYPE, which is never read; remove it")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValidationInputError(f"{path.name}: is no XML: {error}; mend the file") from error


def _with_bundled_context(path: Path, data: bytes) -> bytes:
    """Our own context's address is replaced by the context itself; any other address is refused by the parser."""
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValidationInputError(f"{path.name}: is no JSON: {error}; mend the file") from error
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if "@context" in each:
                each["@context"] = _bundled(each["@context"])
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return json.dumps(document).encode()


def _bundled(stated: object) -> object:
    if isinstance(stated, list):
        return [_bundled(each) for each in stated]
    if stated in (CONTEXT_IRI, f"{DEFAULT_BASE}context.jsonld", "/context.jsonld"):
        text = (Path(__file__).parent / "context.jsonld").read_text(encoding="utf-8")
        return json.loads(text)["@context"]
    return stated


def _term(term: object) -> Node:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise ValueError("triple terms are not read")
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == f"{XSD}string":
        return Literal(term.value, datatype=URIRef(datatype), normalize=False)
    return Literal(_plain(term.value, datatype), datatype=URIRef(datatype), normalize=False)


def _plain(text: str, datatype: str) -> str:
    """JSON-LD turns the number 1.5 into `1.5E0`, which is no xsd:decimal: write it out."""
    if datatype == f"{XSD}decimal" and "E" in text.upper():
        from ontology.values import format_decimal, parse_decimal

        try:
            return format_decimal(parse_decimal(text))
        except ValueError:
            return text
    return text
