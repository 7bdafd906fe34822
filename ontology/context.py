"""The JSON-LD 1.1 context of a model: property names verbatim, ids as full IRIs."""

from __future__ import annotations

from typing import Any

from ontology.model import Datatype, Model, Property
from ontology.turtle import OWL, SG, XSD

CONTEXT_IRI = "https://w3id.org/skillgraph/context.jsonld"

VERSION = f"{OWL}versionInfo"
"""Says the version of a record: of two the higher wins."""

XSD_OF = {
    Datatype.INTEGER: f"{XSD}integer",
    Datatype.DECIMAL: f"{XSD}decimal",
    Datatype.BOOLEAN: f"{XSD}boolean",
    Datatype.INSTANT: f"{XSD}dateTime",
    Datatype.DURATION: f"{XSD}duration",
    Datatype.IRI: f"{XSD}anyURI",
    Datatype.CUT_SCORES: f"{SG}cutScores",
}


def context(model: Model) -> dict[str, Any]:
    """The context document.

    `outgoing` and `incoming` nest edges that have properties below a node. A prefix that is also a property's name
    (`level`, `scale`) is left out, so ids are written as full IRIs.
    """
    terms: dict[str, Any] = {"@version": 1.1, "id": "@id"}
    for each in model.types():
        terms |= {name: _property(prop) for name, prop in each.properties.items()}
    terms |= {name: node.iri for name, node in model.nodes.items()}
    for name, edge in model.edges.items():
        terms[name] = edge.iri if edge.reified else {"@id": edge.iri, "@type": "@id"}
    for end, nested in (("from", "outgoing"), ("to", "incoming")):
        terms[end] = {"@id": f"{SG}{end}", "@type": "@id"}
        terms[nested] = {"@reverse": f"{SG}{end}"}
    prefixes = {name: iri for name, iri in model.prefixes.namespaces.items() if iri and name not in terms}
    return {"@context": {**terms, **prefixes}}


def _property(prop: Property) -> dict[str, str]:
    term = {"@id": prop.iri}
    if prop.datatype is Datatype.TEXT:
        term["@container"] = "@language"
    elif prop.datatype is Datatype.REFERENCE:
        term["@type"] = "@id"
    elif prop.datatype in XSD_OF:
        term["@type"] = XSD_OF[prop.datatype]
    return term
