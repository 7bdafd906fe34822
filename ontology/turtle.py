"""Turtle files as an index of triples, read with pyoxigraph: a few milliseconds for the whole ontology."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from ontology.errors import OntologyError

SG = "https://w3id.org/skillgraph#"
SHAPE = "https://w3id.org/skillgraph/shapes#"
SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

Subject = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

LARGEST_FILE = 10_000_000  # bytes; an ontology file is a few hundred thousand at most


class Triples:
    """Triples by subject and predicate, in the order in which the files state them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._index: dict[Subject, dict[str, list[Term]]] = {}
        self.origin: dict[Subject, Path] = {}  # the first file that says something of the subject
        for path in files:
            self._read(path)

    def subjects(self) -> Iterator[Subject]:
        return iter(self._index)

    def about(self, subject: Subject) -> dict[str, list[Term]]:
        """All that is said of a subject: predicate IRI -> objects."""
        return self._index.get(subject, {})

    def objects(self, subject: Subject, predicate: str) -> list[Term]:
        return self._index.get(subject, {}).get(predicate, [])

    def one(self, subject: Subject, predicate: str) -> Term | None:
        """The only object, None without one; more than one contradict each other."""
        found = self.objects(subject, predicate)
        if len(found) > 1:
            raise self.error(subject, f"{local_name(predicate)} is stated {len(found)} times; state it once")
        return found[0] if found else None

    def text(self, subject: Subject, predicate: str) -> str | None:
        """The value of the only literal or IRI."""
        found = self.one(subject, predicate)
        return None if found is None else found.value

    def words(self, subject: Subject, predicate: str) -> str:
        """The English text of a label or definition, "" without one."""
        found = [term for term in self.objects(subject, predicate) if isinstance(term, Literal)]
        english = [term for term in found if term.language in ("en", None)]
        return (english or found)[0].value if found else ""

    def flag(self, subject: Subject, predicate: str) -> bool | None:
        found = self.text(subject, predicate)
        return None if found is None else found in ("true", "1")

    def members(self, head: Term) -> list[Term]:
        """The members of an RDF list."""
        found: list[Term] = []
        seen: set[Term] = set()
        while isinstance(head, NamedNode | BlankNode) and head.value != f"{RDF}nil" and head not in seen:
            seen.add(head)
            first, rest = self.one(head, f"{RDF}first"), self.one(head, f"{RDF}rest")
            if first is None or rest is None:
                raise self.error(head, "is an unfinished list; write it in round brackets")
            found.append(first)
            head = rest
        return found

    def error(self, subject: Subject, problem: str) -> OntologyError:
        """An error that names the term and its file."""
        if isinstance(subject, NamedNode):
            return self.error_about(subject.value, problem)
        path = self.origin.get(subject)
        return OntologyError(f"{path.name if path else 'ontology'}: a blank node: {problem}")

    def error_about(self, value: str, problem: str) -> OntologyError:
        """An error that names a term by its IRI, and the first file that describes or mentions it."""
        paths = [path for subject, path in self.origin.items() if subject.value == value] or [
            self.origin[subject]
            for subject, said in self._index.items()
            if any(term.value == value for terms in said.values() for term in terms)
        ]
        return OntologyError(f"{paths[0].name if paths else 'ontology'}: {local_name(value) or value}: {problem}")

    def _read(self, path: Path) -> None:
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise OntologyError(f"{path.name}: is larger than {LARGEST_FILE:,} bytes; split it")
            for quad in parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True):
                subject, value = quad.subject, quad.object
                if not isinstance(subject, Subject) or not isinstance(value, Term):
                    raise OntologyError(f"{path.name}: triple terms are not read; state plain triples")
                self.origin.setdefault(subject, path)
                objects = self._index.setdefault(subject, {}).setdefault(quad.predicate.value, [])
                if value not in objects:
                    objects.append(value)
        except SyntaxError as error:
            raise OntologyError(f"{path.name}: is no Turtle: {error.msg}; mend line {error.lineno}") from error
        except OSError as error:
            raise OntologyError(f"{path.name}: can't be read: {error.strerror or error}") from error


def local_name(iri: str) -> str:
    """What follows the last # or / of an IRI: the name used in tables and JSON."""
    return iri.rstrip("#/").replace("#", "/").rpartition("/")[2]
