"""The shapes that a graph is held against, as both engines take them: what can't be trusted in them is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, RdfFormat

from ontology.extension import extension_files
from ontology.model import Model, load_model
from ontology.rdf import ValidationInputError, format_of, plain, quads
from ontology.reader import BUNDLED
from ontology.shacl.feed import named_terms
from ontology.shacl.queries import reaches_out
from ontology.shacl.read import read_shapes
from ontology.shacl.sentences import Sentences
from ontology.shacl.shapes import Shapes
from ontology.shacl.stated import Stated, Triple
from ontology.turtle import RDFS, SG, SH, XSD, Term

_NEVER = ("js", "jsLibrary", "rule", "entailment", "shapesGraph", "target", "expression")
_DECIMAL = NamedNode(f"{XSD}decimal")


@dataclass(frozen=True)
class Definition:
    """Shapes; `model` is there for Skillgraph's own, whose words are then the only ones of their namespace."""

    stated: Stated
    shapes: Shapes
    model: Model | None

    @cached_property
    def sentences(self) -> Sentences:
        return Sentences(self.shapes)

    @property
    def named(self) -> Iterator[Term]:
        """Every term that a table must be able to find."""
        yield from named_terms(self.stated)
        if self.model is not None:
            yield from (NamedNode(each.iri) for each in self.model.types())

    @cached_property
    def asks(self) -> bool:
        """Whether it holds queries of others, which must have limits."""
        return any(query not in twins() for query in _queries(self.stated))

    @property
    def below(self) -> list[Triple]:
        """What of our own classes is below what, for graphs that do not say it; other people's do."""
        if self.model is None:
            return []
        return [triple for triple in self.stated.triples if triple[1].value == f"{RDFS}subClassOf"]


def own_definition(extension: Path | None = None) -> Definition:
    """The bundled shapes, and a deployment's own."""
    model = load_model(extension)
    files = [*BUNDLED, *([] if extension is None else extension_files(extension))]
    return _definition(files, "the ontology", model)


def other_definition(shapes: Path) -> Definition:
    """Other people's shapes; raises `ValidationInputError` for what is not read, and for what would reach out."""
    return _definition([shapes], shapes.name, None)


def _definition(files: Sequence[Path], name: str, model: Model | None) -> Definition:
    stated = Stated((triple for path in files for triple in triples_of(path)), name)
    _refuse_unsafe(stated)
    return Definition(stated, read_shapes(stated, twins()), model)


def triples_of(path: Path) -> Iterator[Triple]:
    """The triples of a file; named graphs are taken together."""
    as_json = format_of(path) == RdfFormat.JSON_LD
    for subject, predicate, value, _ in quads(path):
        if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            raise ValidationInputError(f"{path.name}: triple terms are not read; state the triple itself")
        yield subject, predicate, _plain(value) if as_json else value


def _plain(value: Term) -> Term:
    """JSON-LD makes 1.5E0 of the number 1.5, which is no xsd:decimal."""
    if not isinstance(value, Literal) or value.datatype != _DECIMAL:
        return value
    return Literal(plain(value.value, _DECIMAL.value), datatype=_DECIMAL)


@cache
def twins() -> Mapping[str, str]:
    """The query of each law of the bundled shapes, with its name."""
    stated = Stated((triple for path in BUNDLED for triple in triples_of(path)), "the ontology")
    return {
        text.value: law.value
        for shape, law in stated.pairs(f"{SG}law")
        for query in stated.objects(shape, f"{SH}sparql")
        for text in stated.objects(query, f"{SH}select")
    }


def _refuse_unsafe(stated: Stated) -> None:
    """What is never run, and queries that leave the graph."""
    for subject in stated.subjects():
        for term in _NEVER:
            if stated.objects(subject, f"{SH}{term}"):
                raise ValidationInputError(f"{stated.name}: sh:{term} is not run; leave it out")
    for query in _queries(stated):
        if query not in twins() and (reason := reaches_out(query)):
            raise ValidationInputError(f"{stated.name}: a query {reason}; ask the graph itself only")


def _queries(stated: Stated) -> Iterable[str]:
    for name in ("select", "ask"):
        yield from (text.value for _, text in stated.pairs(f"{SH}{name}"))
