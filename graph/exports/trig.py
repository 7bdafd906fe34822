"""TriG 1.1 of the whole graph: a record a block, in the graph of the source that states it."""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.rdf import FIRST_SOURCE, NO_EDGE_VERSIONS
from graph.rdf.blocks import write_blocks
from graph.store import Store


def write_store(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file, `out` itself; returns triples a type."""
    return write_blocks(store, out, wanted, named=True)


EXPORT = Export(
    "trig",
    "Turtle in which each record stands in the graph of the source that states it; `load rdf` reads it.",
    write_store,
    media_type="application/trig",
    suffix=".trig",
    standard="RDF 1.1 TriG, W3C Recommendation of 25 February 2014",
    read_by="rdf",
    lacks=(FIRST_SOURCE, NO_EDGE_VERSIONS),
)
