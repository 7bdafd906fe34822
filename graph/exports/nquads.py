"""N-Quads 1.1 of the whole graph: one triple a line, in the graph of the source that states it."""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.rdf import FIRST_SOURCE, NO_EDGE_VERSIONS
from graph.rdf.lines import write_lines
from graph.store import Store


def write_store(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file, `out` itself; returns triples a type."""
    return write_lines(store, out, wanted, named=True)


EXPORT = Export(
    "nquads",
    "RDF, one triple a line with the source that states it as its graph; `load rdf` reads it.",
    write_store,
    media_type="application/n-quads",
    suffix=".nq",
    standard="RDF 1.1 N-Quads, W3C Recommendation of 25 February 2014",
    read_by="rdf",
    lacks=(FIRST_SOURCE, NO_EDGE_VERSIONS),
)
