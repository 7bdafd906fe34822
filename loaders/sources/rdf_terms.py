"""What each term of an RDF file is to the model, and where it stands in a row of a native table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from loaders.errors import nearest
from ontology.context import VERSION, XSD_OF
from ontology.languages import canonical_tag
from ontology.model import Datatype, EdgeType, Model, NodeType, Property
from ontology.turtle import RDF, SG, XSD, local_name

TYPE = f"{RDF}type"
FROM, TO = f"{SG}from", f"{SG}to"
STRING = f"{XSD}string"
IRI, BLANK, QUOTED = "iri", "blank", "quoted"
"""Forms of an object that are no literal; a literal's form is `@` and its language, or its datatype."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_FORMS = {Datatype.REFERENCE: "an IRI", Datatype.TEXT: 'a text with its language, like "text"@en'}

Kind = NodeType | EdgeType


@dataclass(frozen=True, slots=True)
class Column:
    """Where an object goes; with a `fault`, why its record is rejected; neither: it is no term of the ontology."""

    name: str = ""
    fault: str = ""
    many: bool = False


@dataclass(slots=True)
class Terms:
    """The terms of one model."""

    model: Model
    language: str  # of texts without a tag
    classes: dict[str, str] = field(default_factory=dict)  # IRI -> type, of nodes and of edges that are nodes
    edges: dict[str, str] = field(default_factory=dict)  # IRI -> type, of all edges: some are one triple
    known: frozenset[str] = frozenset()  # every predicate that says something of a record
    above: frozenset[str] = frozenset()  # classes that a class of the model is one of

    def __post_init__(self) -> None:
        model = self.model
        self.language = canonical_tag(self.language)
        reified = {each.iri: name for name, each in model.edges.items() if each.reified}
        self.classes = {each.iri: name for name, each in model.nodes.items()} | reified
        self.edges = {each.iri: name for name, each in model.edges.items()}
        properties = {prop.iri for kind in model.types() for prop in kind.properties.values()}
        self.known = frozenset({FROM, TO, VERSION, *properties})
        self.above = frozenset(kind.parent for kind in model.types() if kind.parent) - {*self.classes}

    def is_ours(self, predicate: str) -> bool:
        """Whether a predicate claims to be of the ontology."""
        return predicate in self.known or predicate in self.edges or predicate.startswith(SG)

    def column(self, kind: Kind, predicate: str, form: str) -> Column:
        """Where an object in that form goes that is stated of a record of the type."""
        if isinstance(kind, EdgeType) and predicate in (FROM, TO):
            name = local_name(predicate)
            return Column(name) if form == IRI else Column(name, "is no IRI; write that of a node")
        if predicate == VERSION:
            return Column("version")
        prop = next((each for each in kind.properties.values() if each.iri == predicate), None)
        if prop is not None:
            return self._property(prop, form)
        if not self.is_ours(predicate):
            return Column()
        name = local_name(predicate)
        hint = nearest(name, kind.properties) or "; leave it out"
        return Column(name, f"{kind.name} has no {name}{hint}")

    def _property(self, prop: Property, form: str) -> Column:
        name = prop.name
        if prop.datatype is Datatype.TEXT and form.startswith("@"):
            if _TAG.fullmatch(form[1:]) is None:
                return Column(name, f"{form[1:]!r} is no language that is read; write a tag like en or pt-BR")
            tag = canonical_tag(form[1:])
            return Column(name if tag == self.language else f"{name}@{tag}", many=prop.many)
        if form in _wanted(prop):
            return Column(name, many=prop.many)
        return Column(name, f"is {_said(form)}, but {name} takes {_FORMS.get(prop.datatype) or _typed(prop)}")


def _wanted(prop: Property) -> tuple[str, ...]:
    """The forms that an object of a property may have, as its shape says."""
    if prop.datatype is Datatype.REFERENCE:
        return (IRI,)
    return (XSD_OF.get(prop.datatype, STRING),)


def _typed(prop: Property) -> str:
    datatype = XSD_OF.get(prop.datatype)
    return "a plain text" if datatype is None else f'a literal of {local_name(datatype)}, like "…"^^<{datatype}>'


def _said(form: str) -> str:
    if form == IRI:
        return "an IRI"
    if form == BLANK:
        return "a blank node"
    if form.startswith("@"):
        return f"a text in the language {form[1:]!r}"
    if form == QUOTED:
        return "a statement about a statement"
    return "a plain text" if form == STRING else f"a literal of {local_name(form)}"
