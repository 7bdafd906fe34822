"""The model as frozen dataclasses, read from the Turtle and SHACL files; nothing of it is typed a second time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from ontology.errors import OntologyError, UnknownType
from ontology.ids import DEFAULT_BASE, Prefixes

__all__ = [
    "Datatype",
    "EdgeType",
    "Law",
    "Model",
    "NodeType",
    "OntologyError",
    "Personal",
    "Property",
    "UnknownType",
    "load_model",
]


class Datatype(StrEnum):
    """How a property's value is read, held and written."""

    STRING = "string"
    TEXT = "text"  # human language; one value a language, `label` and `label@de`
    ENUM = "enum"
    INTEGER = "integer"
    DECIMAL = "decimal"  # held as whole millionths
    BOOLEAN = "boolean"
    INSTANT = "instant"  # held as whole seconds UTC
    DURATION = "duration"  # ISO 8601 text
    IRI = "iri"
    CUT_SCORES = "cut_scores"  # `1:0.5|2:0.7`
    REFERENCE = "reference"  # the id of a node


@dataclass(frozen=True, slots=True)
class Personal:
    """Why something personal is kept, for how long, and who sees it."""

    purpose: str
    retention: str
    visible_to: str  # a scope


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a node or edge type, as its SHACL property shape states it."""

    name: str
    iri: str
    label: str
    definition: str
    datatype: Datatype
    many: bool = False
    required: bool = False
    values: tuple[str, ...] = ()  # the enumeration, in the order of sh:in
    claimed: tuple[str, ...] = ()  # of the enumeration's kinds of evidence: a person's own claims
    taught: tuple[str, ...] = ()  # of the enumeration's kinds of evidence: say what was taught; all others are shown
    minimum: int | None = None  # inclusive, in held units (millionths for decimals)
    maximum: int | None = None
    places: int = 6  # decimal places a decimal may have
    pattern: str | None = None  # matched with google-re2, never with re
    max_length: int | None = None  # characters, of each value
    targets: tuple[str, ...] = ()  # node types a reference may point at
    acyclic: bool = False  # a reference that never leads back to where it began
    ends: bool = False  # an instant that ends something: a plain date includes that day
    not_after: str | None = None  # the property of the same row whose value this must not exceed
    default: str | None = None  # boundary text; documents what absence means, never stored
    personal: Personal | None = None  # more than its type's: identifies, or is seen by fewer
    names_person: bool = False  # a text that holds a person's id, who need not be in the store
    protected: bool = False


@dataclass(frozen=True, slots=True)
class NodeType:
    """A class of nodes."""

    name: str
    iri: str
    label: str
    definition: str
    parent: str  # IRI of its superclass
    properties: Mapping[str, Property]
    storage: Literal["nodes", "columns"]
    log: bool = False  # dated facts: never swept, only withdrawn or erased
    system: bool = False  # kept by Skillgraph itself (Source, Load): not loadable
    person: str | None = None  # property leading to its Learner, through another fact if need be; "id" for Learner
    history: bool = True  # superseded versions are kept (what is not personal, Evidence and Rating)
    public: bool = False  # may be published without a key
    personal: Personal | None = None  # why records of it are kept at all; None: says nothing about a person


@dataclass(frozen=True, slots=True)
class EdgeType:
    """A type of edges, with the node types it may join."""

    name: str
    iri: str
    label: str
    definition: str
    ends: tuple[tuple[str, str], ...]  # allowed (from type, to type) pairs
    properties: Mapping[str, Property]  # empty: a plain triple in RDF
    parent: str = ""  # IRI of the class or property above it
    rule: bool = False  # a change re-derives held skills
    acyclic: bool = False
    symmetric: bool = False  # RELATED, EXACT_MATCH, CLOSE_MATCH: read both ways
    derived: bool = False  # SUPPORTS, HAS_SKILL: not loadable
    history: bool = True
    reified: bool = False  # a class of its own: in RDF a node at `<base>edge/TYPE/<from>/<to>`
    personal: Personal | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """A rule about the whole graph that no single row breaks, stated in SPARQL in the shapes."""

    name: str
    message: str
    types: tuple[str, ...]  # node and edge types it is checked on


@dataclass(frozen=True, slots=True)
class Model:
    """Everything the ontology says, in declaration order."""

    nodes: Mapping[str, NodeType]
    edges: Mapping[str, EdgeType]
    prefixes: Prefixes
    hash: str  # SHA-256 hex of the canonical model; a store remembers it
    extension: str | None  # hash of the deployment's own part, None without one
    laws: Mapping[str, Law] = field(default_factory=dict)

    def type(self, name: str) -> NodeType | EdgeType:
        """The node or edge type of that name; raises `UnknownType` with the nearest known name."""
        found = self.nodes.get(name) or self.edges.get(name)
        if found is None:
            raise UnknownType(f"{name[:60]!r} is no node or edge type{self._nearest(name)}")
        return found

    def types(self) -> tuple[NodeType | EdgeType, ...]:
        """All node types, then all edge types."""
        return (*self.nodes.values(), *self.edges.values())

    def space(self, node_type: str) -> str:
        """The key space of a node type: "nodes", or the type's own name when it has a table of its own."""
        found = self.nodes.get(node_type)
        if found is None:
            raise UnknownType(f"{node_type[:60]!r} is no node type{self._nearest(node_type)}")
        return "nodes" if found.storage == "nodes" else found.name

    def _nearest(self, name: str) -> str:
        known = {each.lower(): each for each in (*self.nodes, *self.edges)}
        close = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        return f"; did you mean {known[close[0]]}?" if close else f"; there are {', '.join(known.values())}"


@cache
def load_model(extension: Path | None = None, base: str = DEFAULT_BASE) -> Model:
    """The model of the bundled ontology, with a deployment's own folder added (additive only), and with the IRI below
    which the deployment's own ids expand.

    Raises `OntologyError` naming the file, the term and the fix.
    """
    if base != DEFAULT_BASE:
        model = load_model(extension)
        return replace(model, prefixes=replace(model.prefixes, base=base))
    from ontology.reader import read_model

    return read_model(extension)
