"""The id spaces of what is made of xAPI statements."""

from __future__ import annotations

STATEMENT, VOIDING, CONTESTED = "xapi-statement", "xapi-voiding", "xapi-contested"
"""Of statements; of voidings, by the statement voided; of evidence and enrolments that a voided statement tells."""

EVIDENCE, ENROLMENT = "xapi-evidence", "xapi-enrolment"
ACTOR, IDENTITY = "xapi-actor", "xapi-identity"

VERSION = "1"
"""Of what never changes: statements, and who an actor is."""
