"""RDF files, whoever wrote them: nothing is fetched, no entity is expanded, no DOCTYPE is read, no IRI is guessed.

pyoxigraph parses, since rdflib's own parsers fetch JSON-LD contexts and expand XML entities.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from ontology.context import CONTEXT_IRI
from ontology.guarded import Guarded, Json, Plain, Refused, Xml
from ontology.ids import DEFAULT_BASE, is_iri
from ontology.packed import BadlyPacked, Bytes, is_packed, unpacked
from ontology.turtle import OWL, SG, XSD

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
"""What is read, by the end of a file's name; `.gz` may follow."""

LARGEST_FILE = 200_000_000  # bytes; what is larger is loaded, not validated as one graph
ANY_ORDER = 8_000_000  # bytes of JSON-LD whose keys may stand in any order, for which it is held as a whole
IMPORTS = ox.NamedNode(f"{OWL}imports")

_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_PLACE = re.compile(r"^Parser error at line \d+ |( \(line \d+\))$")
_LONG = "buffer maximal size"  # of the parser, in what it raises
_ORDER = re.compile(r"must be the (first key|last property)|@context.*(first|after)")


class ValidationInputError(ValueError):
    """A file that can't be validated: names the file, what is wrong and the fix."""


class UnreadableRdf(ValidationInputError):
    """An RDF file that is not read, or not read further; `line` is None where it is not known."""

    def __init__(self, file: str, reason: str, line: int | None = None) -> None:
        self.file, self.reason, self.line = file, reason, line
        self.placed = reason if line is None else f"line {line}: {reason}"
        super().__init__(f"{file}: {self.placed}")


Contexts = Mapping[str, Any]
"""Address -> the context that is meant by it; those of any other address are refused."""


def quads(path: Path, contexts: Contexts | None = None, base: str | None = None) -> Iterator[ox.Quad]:
    """The quads of one file as they come, memory flat whatever its size; blank nodes have names that no other file has.

    `contexts` are Skillgraph's own by default. A relative IRI is refused, unless there is a `base` for it. Raises
    `UnreadableRdf`, also after quads of the lines before.
    """
    kind = format_of(path)
    try:
        with unpacked(path) as file:
            yield from _quads(path, kind, _guarded(file, kind, contexts), base)
    except UnreadableRdf:
        raise
    except SyntaxError as error:
        raise UnreadableRdf(path.name, _syntax(error), error.lineno) from error
    except (Refused, BadlyPacked) as error:
        raise UnreadableRdf(path.name, str(error)) from error
    except MemoryError as error:
        if _LONG not in str(error):
            raise
        raise UnreadableRdf(path.name, "holds one term or comment of more than 16 MB; shorten it") from error
    except ValueError as error:
        raise UnreadableRdf(path.name, f"{error}; mend the file") from error
    except OSError as error:
        raise UnreadableRdf(path.name, f"can't be read: {error.strerror or error}") from error


def format_of(path: Path) -> ox.RdfFormat:
    """The format by the end of a file's name; raises `UnreadableRdf` for another one."""
    name = path.name.lower().removesuffix(".gz")
    kind = FORMATS.get(PurePosixPath(name).suffix)
    if kind is None:
        raise UnreadableRdf(path.name, f"is no RDF file by its name; name it {', '.join(FORMATS)}")
    return kind


def own_contexts(base: str = DEFAULT_BASE, context: Mapping[str, Any] | None = None) -> Contexts:
    """The addresses of Skillgraph's context, and of that of a deployment at `base`, which is `context`.

    A word that the context does not have becomes a term of the ontology's namespace, and is told like one that is
    misspelt, rather than left out as JSON-LD would have it.
    """
    standard = _with_vocabulary(_bundled())
    own = standard if context is None else _with_vocabulary(context)
    return {
        CONTEXT_IRI: standard,
        "/context.jsonld": own,
        **{f"{each}context.jsonld": own for each in (DEFAULT_BASE, base)},
    }


@cache
def _bundled() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((Path(__file__).parent / "context.jsonld").read_text(encoding="utf-8"))
    return found


def _with_vocabulary(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"@vocab": SG, **document["@context"]}


def _guarded(file: Bytes, kind: ox.RdfFormat, contexts: Contexts | None) -> Guarded:
    if kind == ox.RdfFormat.RDF_XML:
        return Xml(file)
    if kind == ox.RdfFormat.JSON_LD:
        return Json(Plain(file), own_contexts() if contexts is None else contexts)
    return Plain(file)


def _quads(path: Path, kind: ox.RdfFormat, file: Guarded, base: str | None) -> Iterator[ox.Quad]:
    is_json = kind == ox.RdfFormat.JSON_LD
    if is_json and (is_packed(path) or path.stat().st_size > ANY_ORDER):
        kind = ox.RdfFormat.STREAMING_JSON_LD
    # of JSON-LD the parser would leave out, without a word, what it can't make anything of: it is looked at here
    found = ox.parse(cast(IO[bytes], file), format=kind, base_iri=base, rename_blank_nodes=True, lenient=is_json)
    for quad in map(_Whole(), found) if is_json else found:
        if quad.predicate == IMPORTS:
            raise Refused("owl:imports is not followed; put what it names into the file")
        yield quad


class _Whole:
    """Looks at quads of JSON-LD: all of their IRIs and language tags must be such."""

    def __init__(self) -> None:
        self._good: set[str] = set()  # predicates, datatypes, languages and graphs: there are few
        self._last = ""  # subject: statements about one follow each other

    def __call__(self, quad: ox.Quad) -> ox.Quad:
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and subject.value != self._last:
            self._last = _whole_iri(subject.value)
        self._among_few(quad.predicate.value)
        if isinstance(quad.graph_name, ox.NamedNode):
            self._among_few(quad.graph_name.value)
        if isinstance(value, ox.NamedNode):
            _whole_iri(value.value)
        elif isinstance(value, ox.Literal):
            self._among_few(value.datatype.value)
            self._language(value.language)
        return quad

    def _among_few(self, iri: str) -> None:
        if iri not in self._good:
            self._good.add(_whole_iri(iri))

    def _language(self, tag: str | None) -> None:
        if tag and tag not in self._good:
            if _TAG.fullmatch(tag) is None:
                raise Refused(f"{tag[:80]!r} is no language tag; write one like en or pt-BR")
            self._good.add(tag)


def _whole_iri(iri: str) -> str:
    if not is_iri(iri):
        raise Refused(f"{iri[:80]!r} is neither a whole IRI nor a word of its context; write the IRI")
    return iri


def _syntax(error: SyntaxError) -> str:
    said = _PLACE.sub("", str(error.msg))
    if "LoadDocumentCallback" in said:
        return f"names a context that is not bundled; write it into the file, or use {CONTEXT_IRI}"
    if "No scheme found" in said:
        return f"{said}; write the whole IRI, or state a base"
    if _ORDER.search(said):
        return f"{said}; a file of more than {ANY_ORDER:,} bytes is read as it comes: @context, @type, @id, the rest"
    return f"{said}; mend the file"


def read_graph(paths: Iterable[Path], base: str | None = None) -> Graph:
    """One graph of all files; named graphs are taken together."""
    from rdflib import Graph

    graph = Graph()
    for path in paths:
        for triple in read_triples(path, base):
            graph.add(triple)
    return graph


def read_triples(path: Path, base: str | None = None) -> Iterator[tuple[Node, Node, Node]]:
    """The triples of one file as rdflib terms."""
    format_of(path)
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise UnreadableRdf(path.name, f"is larger than {LARGEST_FILE:,} bytes; validate it in parts")
    for quad in quads(path, base=base):
        yield _term(quad.subject), _term(quad.predicate), _term(quad.object)


def _term(term: object) -> Node:
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise ValidationInputError("triple terms are not read; state the triple itself")
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == f"{XSD}string":
        return Literal(term.value, datatype=URIRef(datatype), normalize=False)
    return Literal(plain(term.value, datatype), datatype=URIRef(datatype), normalize=False)


def plain(text: str, datatype: str) -> str:
    """The text of a literal: JSON-LD turns the number 1.5 into `1.5E0`, which is no xsd:decimal; it is written out."""
    if datatype == f"{XSD}decimal" and "E" in text.upper():
        from ontology.values import format_decimal, parse_decimal

        try:
            return format_decimal(parse_decimal(text))
        except ValueError:
            return text
    return text
