"""Turtle 1.1 of the whole graph: a record a block, under prefixes."""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.rdf import NO_EDGE_VERSIONS, NO_SOURCES
from graph.rdf.blocks import write_blocks
from graph.store import Store


def write_store(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file, `out` itself; returns triples a type."""
    return write_blocks(store, out, wanted, named=False)


EXPORT = Export(
    "turtle",
    "RDF to be read by people: a record a block; `load rdf` reads it.",
    write_store,
    media_type="text/turtle",
    suffix=".ttl",
    standard="RDF 1.1 Turtle, W3C Recommendation of 25 February 2014",
    read_by="rdf",
    lacks=(NO_SOURCES, NO_EDGE_VERSIONS),
)
