"""The id spaces of what is made of xAPI statements."""

from __future__ import annotations

from loaders.events import made_of

STATEMENT, VOIDING, CONTESTED = "xapi-statement", "xapi-voiding", "xapi-contested"
"""Of statements; of voidings, by the statement voided; of evidence and enrolments that a voided statement tells."""

EVIDENCE, ENROLMENT = "xapi-evidence", "xapi-enrolment"
ACTOR, IDENTITY = "xapi-actor", "xapi-identity"

VERSION = "1"
"""Of what never changes: statements, and who an actor is."""

_DIGITS = 10  # that stand for a source's name


def voiding_of(statement: str, source: str) -> str:
    """The id of the voiding of a source's statement; each source has its own, since none takes back another's."""
    return f"{VOIDING}:{statement}-{made_of(source)[:_DIGITS]}"


def contested_of(fact: str, source: str) -> str:
    """The id of the mark at a fact (its local id) that a source states and that one of its voidings concerns."""
    return f"{CONTESTED}:{fact}-{made_of(source)[:_DIGITS]}"
