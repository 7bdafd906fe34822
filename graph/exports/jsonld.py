"""JSON-LD 1.1 of the whole graph: a record an object, in the words of Skillgraph's own context."""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.rdf import NO_EDGE_VERSIONS, NO_SOURCES
from graph.rdf.documents import write_document
from graph.store import Store


def write_store(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file, `out` itself; returns objects a type."""
    return write_document(store, out, wanted)


EXPORT = Export(
    "jsonld",
    "JSON-LD in the words of Skillgraph's context, which it names by its address; `load rdf` reads it.",
    write_store,
    media_type="application/ld+json",
    suffix=".jsonld",
    standard="JSON-LD 1.1, W3C Recommendation of 16 July 2020",
    read_by="rdf",
    lacks=(NO_SOURCES, NO_EDGE_VERSIONS),
)
