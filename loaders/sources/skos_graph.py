"""RDF documents as what they say of each subject, of the terms that SKOS vocabularies are written in.

SKOS Reference and its appendix SKOS-XL, W3C Recommendations of 18 August 2009.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from loaders.errors import LoadError
from loaders.readers.bytes import utf8
from loaders.readers.documents import Document, json_of
from loaders.sources.signs import looks_like, not_this
from ontology.turtle import OWL, RDF, RDFS, SG, SKOS

SKOS_XL = "http://www.w3.org/2008/05/skos-xl#"
DCT = "http://purl.org/dc/terms/"
DC = "http://purl.org/dc/elements/1.1/"

FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
}
"""What is read, by the end of a file's name; `.gz` may follow."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    SKOS: (
        *("prefLabel", "altLabel", "hiddenLabel", "notation", "definition", "scopeNote"),
        *("broader", "narrower", "broaderTransitive", "narrowerTransitive", "related"),
        *("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"),
        *("inScheme", "topConceptOf", "hasTopConcept", "member", "memberList"),
    ),
    RDF: ("type", "first", "rest", "value"),
    RDFS: ("label",),
    OWL: ("deprecated",),
    DCT: ("isReplacedBy", "title", "description"),
    DC: ("title", "description"),
}
_TERMS = {f"{space}{name}": name for space, names in _NAMES.items() for name in names}
_TERMS |= {f"{SG}{name}": f"sg:{name}" for name in ("type", "RELATED")}  # of our own export
_TERMS |= {f"{SKOS_XL}{name}": f"xl:{name}" for name in ("prefLabel", "altLabel", "hiddenLabel", "literalForm")}


class Text(NamedTuple):
    """A literal; `language` is its tag as it is written, empty without one."""

    text: str
    language: str


Value = str | Text
"""An IRI, a blank node (`_:…`) or a literal."""


@dataclass(slots=True)
class Graph:
    """Subject -> term -> what is said, in the order in which the documents say it."""

    said: dict[str, dict[str, dict[Value, None]]] = field(default_factory=dict)
    file: dict[str, str] = field(default_factory=dict)  # subject -> the document that first speaks of it

    def nodes(self, subject: str, term: str) -> list[str]:
        """The IRIs and blank nodes that a subject leads to."""
        return [value for value in self._said(subject, term) if isinstance(value, str)]

    def texts(self, subject: str, term: str) -> list[Text]:
        """The literals of a subject."""
        return [value for value in self._said(subject, term) if isinstance(value, Text)]

    def _said(self, subject: str, term: str) -> Iterable[Value]:
        said = self.said.get(subject)
        return said.get(term, ()) if said else ()

    def add(self, quad: Quad, file: str) -> None:
        term = _TERMS.get(quad.predicate.value)
        if term is None or not isinstance(quad.subject, NamedNode | BlankNode):
            return
        subject, value = _name(quad.subject), _value(quad.object)
        if value is None:
            return
        self.file.setdefault(subject, file)
        self.said.setdefault(subject, {}).setdefault(term, {})[value] = None


def read_graph(documents: Iterable[Document]) -> Graph:
    """All that the documents say; raises `LoadError` for one that can't be read, with the line where it is known."""
    graph = Graph()
    for document in documents:
        before = len(graph.said)
        for quad in _quads(document):
            graph.add(quad, document.file)
        if len(graph.said) == before and _format(document) == RdfFormat.JSON_LD:
            raise not_this(looks_like(json_of(document)), "a SKOS vocabulary", document.file, "nothing in it is RDF")
    return graph


def _quads(document: Document) -> Iterator[Quad]:
    kind = _format(document)
    utf8(document.data, document.file)
    if kind == RdfFormat.JSON_LD:
        _refuse_contexts(json_of(document), document.file)
    elif kind == RdfFormat.RDF_XML:
        _check_xml(document)
    try:
        yield from parse(BytesIO(document.data), format=kind, lenient=True, rename_blank_nodes=True)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        raise LoadError(f"{line}is no {kind.name}: {error.msg}; mend it there", file=document.file) from error


def _format(document: Document) -> RdfFormat:
    return FORMATS[PurePosixPath(document.file.lower().removesuffix(".gz")).suffix]


def _check_xml(document: Document) -> None:
    """Refuse a DOCTYPE, whose entities may grow without end, and name the line of what is no XML."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    try:
        for _, element in iterparse(BytesIO(document.data), ("end",), forbid_dtd=True):
            element.clear()
    except DefusedXmlException as error:
        fix = "has a DOCTYPE, which may lead anywhere: remove it, and write what its entities stand for"
        raise LoadError(fix, file=document.file) from error
    except ParseError as error:
        raise LoadError(f"is no whole XML ({error}): get it again", file=document.file) from error


def _refuse_contexts(value: Any, file: str) -> None:
    """Refuse contexts that lie elsewhere: nothing is fetched."""
    for context in _contexts(value):
        for each in context if isinstance(context, list) else [context]:
            elsewhere = each.get("@import") if isinstance(each, dict) else each
            if isinstance(elsewhere, str):
                reason = f"its context {elsewhere!r} would have to be fetched: write the context itself into the file"
                raise LoadError(reason, file=file, value=elsewhere)


def _contexts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if "@context" in value:
            yield value["@context"]
        for each in value.values():
            yield from _contexts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _contexts(each)


def _name(node: NamedNode | BlankNode) -> str:
    return node.value if isinstance(node, NamedNode) else f"_:{node.value}"


def _value(term: Any) -> Value | None:
    if isinstance(term, Literal):
        return Text(term.value, term.language or "")
    return _name(term) if isinstance(term, NamedNode | BlankNode) else None
