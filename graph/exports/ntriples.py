"""N-Triples 1.1 of the whole graph: one triple a line, in the ontology's own terms."""

from __future__ import annotations

from pathlib import Path

from graph.exports import Export, Wanted
from graph.rdf import NO_EDGE_VERSIONS, NO_SOURCES
from graph.rdf.lines import write_lines
from graph.store import Store


def write_store(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file, `out` itself; returns triples a type."""
    return write_lines(store, out, wanted, named=False)


EXPORT = Export(
    "ntriples",
    "RDF, one triple a line, in the ontology's own terms; `validate` and `load rdf` read it.",
    write_store,
    media_type="application/n-triples",
    suffix=".nt",
    standard="RDF 1.1 N-Triples, W3C Recommendation of 25 February 2014",
    read_by="rdf",
    lacks=(NO_SOURCES, NO_EDGE_VERSIONS),
)
