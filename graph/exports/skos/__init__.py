"""SKOS in Turtle: skills, groups and collections in the schemes of their sources; scales as schemes of their levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, serialize

from graph.exports import Export, Wanted
from graph.exports.around import Hops, Reader
from graph.exports.coverage import lacking
from graph.exports.skos.statements import CARRIED, DCT, HOPS, Statements
from graph.store import Store
from ontology.turtle import OWL, SG, SKOS

PREFIXES = {"skos": SKOS, "dct": DCT, "owl": OWL, "sg": SG}

LACKS = [
    *lacking(
        CARRIED,
        {
            "WordDecision": "what somebody decided that a word means is not published",
            "Role": "an export of skills; occupations are in `schemaorg` and in RDF",
            "DEPENDS_ON": "SKOS has no relation that says that one is needed for the other",
            "status": "only that something is retired (owl:deprecated)",
            "lower_bound": "a level has its rank, and no number of its scale",
            "since": "only what is in force when the export is made is said",
            "until": "only what is in force when the export is made is said",
        },
    ),
    "BROADER, RELATED, EXACT_MATCH, CLOSE_MATCH: of roles",
    "Skill.type: in our own term sg:type, which `skos` reads; SKOS knows Collection only",
    "Skill.alt_labels, Skill.hidden_labels: those that are a label of the skill already, since SKOS forbids both (S13)",
    "RELATED: of two skills one of which is broader in our own term sg:RELATED, since SKOS forbids both (S27)",
]


def write_store(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One Turtle file; returns how many nodes of each type are in it."""
    written: dict[str, int] = {}
    triples = _triples(Reader(store, wanted or Wanted()), written)
    with out.open("wb") as file:
        serialize(triples, file, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    return written


def _triples(reader: Reader, written: dict[str, int]) -> Iterator[Triple]:
    statements = Statements(reader)
    for nodes, _ in reader.chunks("Scale", Hops()):
        written["Scale"] = written.get("Scale", 0) + len(nodes)
        for node in nodes:
            yield from statements.scale(node)
    for nodes, web in reader.chunks("Level", Hops(out=("CORRESPONDS_TO",))):
        written["Level"] = written.get("Level", 0) + len(nodes)
        for node in nodes:
            yield from statements.level(node, web)
    for nodes, web in reader.chunks("Skill", HOPS):
        written["Skill"] = written.get("Skill", 0) + len(nodes)
        yield from statements.skills(nodes, web)
    yield from statements.vocabularies()


EXPORT = Export(
    "skos",
    "SKOS in Turtle, which vocabulary tools read: skills, groups, collections, scales; `load skos` reads it back.",
    write_store,
    media_type="text/turtle",
    suffix=".ttl",
    standard="SKOS Reference, W3C Recommendation of 18 August 2009; RDF 1.1 Turtle",
    read_by="skos",
    lacks=LACKS,
)
