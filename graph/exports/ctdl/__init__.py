"""CTDL and CTDL-ASN as JSON-LD: frameworks of competencies, learning opportunities, credentials, jobs, rubrics.

Terms, and what they may be said of, as Credential Engine's schema encodings of August 2026 state them
(https://credreg.net/ctdl/schema/encoding/json, https://credreg.net/ctdlasn/schema/encoding/json).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph.exports import Export, Wanted
from graph.exports.around import Reader
from graph.exports.coverage import lacking
from graph.exports.ctdl.parts import ctid, named
from graph.exports.ctdl.terms import CONTEXT
from graph.exports.ctdl.types import PROJECTIONS
from graph.exports.projection import carries, written
from graph.store import Store

LACKS = [
    *lacking(
        carries(PROJECTIONS),
        {
            "WordDecision": "what somebody decided that a word means is not published",
            "InterviewQuestion": "the format has no place for it, and who is asked is not to know it before",
            "Requisition": "openings are in `schemaorg`",
            "hidden_labels": "nobody is to see them",
            "threshold": "who is ready is judged here, not by readers",
            "MEASURES.cut_scores": "a competency is assessed or not",
            "since": "only what is in force when the export is made is said",
            "until": "only what is in force when the export is made is said",
        },
    ),
    "BROADER, RELATED, CLOSE_MATCH: of roles",
    "Role: of type group; a group is neither an occupation nor a job",
    "TEACHES.level, ATTESTS.level: which of the levels said belongs to which of the skills said, where they differ",
    "DEPENDS_ON: of kind optional; what only helps is no prerequisite",
]


def write_store(store: Store, out: Path, wanted: Wanted | None = None) -> dict[str, int]:
    """One document; returns how many nodes of each type are in it."""
    return written(Reader(store, wanted or Wanted()), out, CONTEXT, PROJECTIONS, _framework)


def _framework(reader: Reader, name: str, address: str) -> dict[str, Any]:
    """The competencies that a source states."""
    return {
        "@id": address,
        "@type": "ceasn:CompetencyFramework",
        "ceterms:ctid": ctid(address),
        "ceasn:name": {reader.language: name},
        "ceasn:description": {"en": f"The skills that the source {name} states."},
        "ceasn:inLanguage": [reader.language],
        "ceasn:publicationStatusType": "publicationStatus:Published",
        **({"ceasn:publisherName": named(reader, reader.publisher)} if reader.publisher else {}),
    }


EXPORT = Export(
    "ctdl",
    "CTDL and CTDL-ASN in JSON-LD, which the Credential Registry reads: competencies, courses, credentials, rubrics.",
    write_store,
    media_type="application/ld+json",
    suffix=".jsonld",
    standard="CTDL and CTDL-ASN, schema encodings of August 2026; JSON-LD 1.1",
    lacks=LACKS,
)
