"""schema.org JSON-LD: courses and what they teach, occupations, job postings, credentials, and terms in their sets.

What each term may be said of and hold is as of release 12.0 of March 2021; later ones took nothing of it back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.exports import Export, Wanted
from graph.exports.around import Reader
from graph.exports.coverage import lacking
from graph.exports.projection import carries, written
from graph.exports.schemaorg.types import PROJECTIONS
from graph.store import Node, Store

CONTEXT: dict[str, Any] = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in ("url", "sameAs", "targetUrl")},
}
"""What schema.org's own context says of the terms that are said here; nobody has to fetch it."""

LACKS = [
    *lacking(
        carries(PROJECTIONS),
        {
            "WordDecision": "what somebody decided that a word means is not published",
            "hidden_labels": "nobody is to see them",
            "threshold": "who is ready is judged here, not by readers",
            "REQUIRES.level": "a term has no level, and an occupation none for its skills",
            "since": "only what is in force when the export is made is said",
            "until": "only what is in force when the export is made is said",
        },
    ),
    "TEACHES.level, ATTESTS.level: which of the levels said belongs to which of the skills said, where they differ",
    "BROADER: of skills",
    "Requisition: those that are not open; a JobPosting says that somebody is wanted",
]


def described(store: Store, node: Node, wanted: Wanted) -> dict[str, Any] | None:
    """One node in schema.org's terms, as the viewer may see it, with its context; None for what is not said there."""
    for projection in PROJECTIONS:
        if projection.type == node.type:
            web = Reader(store, wanted).around([node], projection.hops, projection.references)
            if (made := projection.describe(web, node)) is not None:
                return {"@context": CONTEXT, **made}
    return None


def write_store(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One document; returns how many nodes of each type are in it."""
    return written(Reader(store, wanted or Wanted()), out, CONTEXT, PROJECTIONS, _terms)


def _terms(_: Reader, name: str, address: str) -> dict[str, Any]:
    """The set that a source's terms are in."""
    return {"@id": address, "@type": "DefinedTermSet", "name": name}


EXPORT = Export(
    "schemaorg",
    "schema.org JSON-LD, which search engines and job boards read: courses, occupations, job postings, credentials.",
    write_store,
    media_type="application/ld+json",
    suffix=".jsonld",
    standard="schema.org 12.0 and later, JSON-LD 1.1",
    lacks=LACKS,
)
