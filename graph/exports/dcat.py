"""The description of the data set: DCAT 3 and VoID in one document, for catalogues and crawlers.

https://www.w3.org/TR/vocab-dcat-3/ (W3C Recommendation, 2024-08-22), https://www.w3.org/TR/void/ (2011-03-03).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from graph.exports import Export, Wanted, exports
from graph.rdf.records import seen_records
from graph.rdf.terms import full_notation, statements
from graph.settings import Settings
from graph.store import Store
from ontology.model import Model
from ontology.turtle import SG
from ontology.values import format_instant

_SPACES: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LINKS: Final = (
    "dcat:accessURL", "dcat:downloadURL", "dcat:landingPage", "dcat:mediaType", "dcterms:conformsTo", "dcterms:license",
    "foaf:primaryTopic", "void:class", "void:dataDump", "void:feature", "void:vocabulary",
)  # fmt: skip
CONTEXT: Final[Mapping[str, Any]] = {
    **_SPACES,
    **{name: {"@type": "@id"} for name in _LINKS},
    "dcterms:modified": {"@type": "xsd:dateTime"},
    **{f"void:{name}": {"@type": "xsd:integer"} for name in ("triples", "entities", "classes", "properties")},
}
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_FEATURES: Final = {
    "text/turtle": "http://www.w3.org/ns/formats/Turtle",
    "application/n-triples": "http://www.w3.org/ns/formats/N-Triples",
    "application/n-quads": "http://www.w3.org/ns/formats/N-Quads",
    "application/trig": "http://www.w3.org/ns/formats/TriG",
    "application/ld+json": "http://www.w3.org/ns/formats/JSON-LD",
}
"""Media types of RDF, and the names that VoID has for them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of what one viewer may see there was at a change number."""

    number: int
    triples: int = 0
    entities: Mapping[str, int] = field(default_factory=dict)  # node type -> nodes
    properties: int = 0


def counts(store: Store, wanted: Wanted) -> Counts:
    """One pass over what the viewer may see: exactly what the RDF exports write."""
    number, model, triples = store.number(), store.model, 0
    entities: Counter[str] = Counter()
    predicates: set[str] = set()
    notation = full_notation(model.prefixes)
    for kind, batches in seen_records(store, wanted.viewer):
        for held in batches:
            found = statements(model, kind, held, wanted.settings.language, notation)
            triples += found.count()
            predicates.update(predicate for predicate, _ in found.columns)
            if kind.name in model.nodes:
                entities[kind.name] += len(found.subjects)
    return Counts(number, triples, entities, len(predicates))


def described(store: Store, settings: Settings, counted: Counts) -> dict[str, Any]:
    """The description as JSON-LD: a document about one data set, with what it can be had as."""
    base = settings.base_iri
    document = {"@id": f"{base}dataset", "@type": "void:DatasetDescription", "foaf:primaryTopic": f"{base}dataset#data"}
    return {"@context": dict(CONTEXT), "@graph": [document, _data_set(store, settings, counted)]}


def _data_set(store: Store, settings: Settings, counted: Counts) -> dict[str, Any]:
    base, model = settings.base_iri, store.model
    served = [export for export in exports().values() if export.media_type]
    made: dict[str, Any] = {
        "@id": f"{base}dataset#data",
        "@type": ["dcat:Dataset", "void:Dataset"],
        "dcterms:title": {"@value": settings.title, "@language": settings.language},
        "dcterms:description": {"@value": DESCRIPTION, "@language": "en"},
        "dcterms:publisher": {"@type": "foaf:Organization", "foaf:name": settings.issuer_name},
        "dcterms:conformsTo": f"{base}shapes",
        "dcat:landingPage": f"{base}id/",
        "dcat:distribution": [_distribution(export, base) for export in served],
        "void:triples": counted.triples,
        "void:entities": sum(counted.entities.values()),
        "void:classes": len(counted.entities),
        "void:properties": counted.properties,
        "void:classPartition": list(_partitions(model, counted)),
        "void:uriSpace": f"{base}id/",
        "void:vocabulary": [SG],
        "void:feature": [_FEATURES[media] for media in _FEATURES],
        "void:dataDump": [_address(each, base) for each in served if each.media_type in _FEATURES],
    }
    changed = next(iter(store.changes(counted.number - 1, 1)), None) if counted.number else None
    return made | _stated(settings, format_instant(changed.at) if changed else "")


def _stated(settings: Settings, modified: str) -> dict[str, Any]:
    """What is only said when it is known."""
    said = {"dcterms:license": settings.licence, "dcterms:modified": modified}
    return {name: value for name, value in said.items() if value}


def _partitions(model: Model, counted: Counts) -> Iterator[dict[str, Any]]:
    for name, count in counted.entities.items():
        yield {"void:class": model.nodes[name].iri, "void:entities": count}


def _distribution(export: Export, base: str) -> dict[str, Any]:
    address = _address(export, base)
    return {
        "@id": f"{base}dataset#{export.name}",
        "@type": "dcat:Distribution",
        "dcterms:title": {"@value": export.name, "@language": "en"},
        "dcterms:description": {"@value": export.description, "@language": "en"},
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": f"{_MEDIA}{export.media_type.partition(';')[0]}",
    }


def _address(export: Export, base: str) -> str:
    return f"{base}v1/export/{export.name}"


def as_turtle(document: Mapping[str, Any]) -> bytes:
    """The same in Turtle."""
    from pyoxigraph import RdfFormat, parse, serialize

    quads = parse(orjson.dumps(document), RdfFormat.JSON_LD)
    return serialize((quad.triple for quad in quads), format=RdfFormat.TURTLE, prefixes=_SPACES) or b""


def write_store(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One Turtle file; returns how many distributions it names."""
    chosen = wanted or Wanted()
    document = described(store, chosen.settings, counts(store, chosen))
    out.write_bytes(as_turtle(document))
    return {"dcat:Distribution": len(document["@graph"][1]["dcat:distribution"])}


DESCRIPTION: Final = "Skills, roles, what teaches and what proves them, and how they belong together."

EXPORT = Export(
    "dcat",
    "The description of the data set for catalogues: what is in it, how much, in which forms, by which terms.",
    write_store,
    media_type="text/turtle",
    suffix=".ttl",
    standard="DCAT 3 (2024-08-22) and VoID (2011-03-03)",
    lacks=("everything but the description: the data are in the distributions that it names",),
)
