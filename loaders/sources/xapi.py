"""xAPI statements, 1.0.3 and 2.0, with the verbs of cmi5: IEEE 9274.1.1, and https://github.com/AICC/CMI-5_Spec_Current.

The way by push is `loaders.sources.xapi_intake`, behind `/xapi/statements`; both ways make the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders.outcomes import ERASED
from loaders.source import Chunk, Config, Field, NodeMapping, Skip, Source, Table
from loaders.sources.xapi_ids import ACTOR, ENROLMENT, EVIDENCE, IDENTITY, STATEMENT
from loaders.sources.xapi_reading import Reading
from loaders.sources.xapi_statement import NO_ID


def _same(*names: str) -> dict[str, str | Field]:
    return {name: name for name in names}


MAPPINGS = [
    NodeMapping("Learner", table="actors", id=f"{ACTOR}:{{id}}", version="_version"),
    NodeMapping(
        "Identity",
        table="identities",
        id=f"{IDENTITY}:{{id}}",
        fields={"learner": f"{ACTOR}:{{id}}", "system": "system", "value": "value"},
        version="_version",
    ),
    NodeMapping(
        "Statement",
        table="statements",
        id=f"{STATEMENT}:{{id}}",
        fields={
            **_same("verb", "object", "registration"),
            **{"learner": "_learner", "mentions": "_mentions", "statement": "_statement"},
        },
        version="_version",
    ),
    NodeMapping(
        "Evidence",
        table="outcomes",
        id=f"{EVIDENCE}:{{id}}",
        fields=_same("learner", "kind", "about", "score", "outcome", "shown_at", "withdrawn_at"),
        version="version",
    ),
    NodeMapping(
        "Enrolment",
        table="enrolments",
        id=f"{ENROLMENT}:{{id}}",
        fields=_same("learner", "learning_object", "status", "enrolled_at", "ended_at"),
        version="version",
    ),
    NodeMapping(
        "Voiding", table="voidings", id="{id}", fields=_same("learner", "voided_by", "voided_at"), version="version"
    ),
]
NO_OUTCOME = Skip(
    "no-outcome",
    "the verb tells neither an outcome nor that something was taken up; by push such statements are kept too",
    {"_says": ["no"]},
)
NAMES_ERASED = Skip(
    ERASED, "the statement names a person who was erased, by id or by another identity", {"_says": ["erased"]}
)
TABLES = [
    Table("statements", optional="*", skips=[NO_OUTCOME, NAMES_ERASED]),
    *(Table(name, optional="*") for name in ("actors", "identities", "outcomes", "enrolments", "voidings")),
]


def read(config: Config) -> Iterator[Chunk]:
    """The rows of every statement."""
    yield from Reading(config).rows()


SOURCE = Source(
    "xapi",
    read=read,
    mappings=MAPPINGS,
    tables=TABLES,
    description="xAPI statements: what people completed, passed, failed, were waived or took up",
    reads="files of statements: .json (one, a list, or an LRS's answer), .jsonl, .ndjson, each also .gz; .zip of them",
    versions="1.0.3, 2.0; cmi5 verbs",
    ways=("file", "push"),
    log=True,
    lacks=[
        "activities' definitions (names, descriptions, types): a catalogue states the activities; what is said of one "
        "that no catalogue knows waits",
        "group actors and sub-statements: nobody in particular did what they say, or it is only planned",
        "names of instructors, group members and other people beside the actor: they are known by their identity alone",
        "`result.duration`, `response` and extensions: nothing here asks for them; the statement keeps them",
        "attachments' contents: only what the statement says of them is kept",
        "statements whose verb tells no outcome, by file; by push they are kept as they are",
    ],
    flags={NO_ID: "a statement had no id; one was made of its content, so that the same again is the same"},
)
