"""What documents of each format are known by, to tell of a wrong one what it seems to be.

    raise not_this(looks_like(value), "Moodle grade items", file, "…")

gives "this looks like Canvas outcome results, not Moodle grade items".

The one table of signs: a source adds those of its formats here. The first that fits wins, so narrower ones stand first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loaders.errors import LoadError
from loaders.sources.objects import at

_FIRST = 20  # items of a list that are looked at


@dataclass(frozen=True, slots=True)
class Sign:
    """An object that has all these keys (`links.user` is one within another), and these texts in these."""

    format: str  # goes on from "looks like": "Canvas outcome results"
    has: Sequence[str] = ()
    holds: Mapping[str, str] = field(default_factory=dict)  # key -> what its text, or a text of its list, begins with


@dataclass(frozen=True, slots=True)
class Header:
    """A table whose header has all these columns, in whatever case."""

    format: str
    columns: Sequence[str]


SIGNS: Sequence[Sign] = (
    Sign("Singer messages", ("type", "stream", "record")),
    Sign("Singer messages", ("type", "stream", "schema")),
    Sign("a CASE package", ("CFDocument", "CFItems")),
    Sign("a CASE package", ("CFDocument", "CFAssociations")),
    Sign("a CASE document", ("creator", "title", "CFPackageURI")),
    Sign("a list of CASE documents", ("CFDocuments",)),
    Sign("CASE items", ("fullStatement", "uri")),
    Sign("CASE associations", ("originNodeURI", "destinationNodeURI")),
    Sign("an Open Badges 3.0 credential", ("credentialSubject.achievement",)),
    Sign("an Open Badges 3.0 credential", holds={"type": "OpenBadgeCredential"}),
    Sign("an Open Badges 2.0 assertion", ("recipient", "badge")),
    Sign("LTI scores", ("userId", "scoreGiven")),
    Sign("LTI results", ("userId", "resultScore")),
    Sign("LTI line items", ("scoreMaximum", "label")),
    Sign("Canvas outcome results", ("outcome_results",)),
    Sign("Canvas outcome results", ("links.learning_outcome", "score")),
    Sign("Canvas outcome rollups", ("rollups",)),
    Sign("Canvas outcome rollups", ("scores", "links.user")),
    Sign("Canvas enrolments", ("course_id", "user_id", "enrollment_state")),
    Sign("Canvas submissions", ("assignment_id", "user_id", "workflow_state")),
    Sign("Canvas assignments", ("grading_type", "points_possible")),
    Sign("Canvas outcomes", ("mastery_points", "calculation_method")),
    Sign("Canvas users", ("sortable_name", "id")),
    Sign("Canvas courses", ("course_code", "workflow_state")),
    Sign("Moodle grade items", ("usergrades",)),
    Sign("Moodle grade items", ("userid", "gradeitems")),
    Sign("a Moodle completion status", ("completionstatus",)),
    Sign("Moodle users", ("id", "fullname", "firstaccess")),
    Sign("Moodle courses", ("id", "shortname", "categoryid")),
    Sign("an error of Moodle's web service", ("exception", "errorcode")),
    Sign("xAPI statements", ("actor", "verb.id", "object")),
    Sign("xAPI statements", ("statements", "more")),
    Sign("Greenhouse job posts", ("first_published_at", "job_id", "content")),
    Sign("Greenhouse offers", ("application_id", "job_id", "version", "status")),
    Sign("Greenhouse scorecards", ("application_id", "interview", "attributes")),
    Sign("Greenhouse applications", ("candidate_id", "jobs", "status")),
    Sign("Greenhouse candidates", ("application_ids", "email_addresses")),
    Sign("Greenhouse jobs", ("openings", "departments", "offices")),
    Sign("Greenhouse offices", ("child_ids", "location", "name")),
    Sign("Greenhouse departments", ("child_ids", "name", "id")),
    Sign("Lever feedback", ("fields", "baseTemplateId")),
    Sign("Lever opportunities", ("applications", "stage", "createdAt")),
    Sign("Lever postings", ("text", "state", "categories")),
    Sign("Lever archive reasons", ("text", "status", "type")),
)

HEADERS: Sequence[Header] = (
    Header("O*NET ratings", ("O*NET-SOC Code", "Element ID", "Scale ID")),
    Header("Canvas outcomes", ("vendor_guid", "object_type", "title")),
    Header("Moodle competencies", ("Scale values", "Scale configuration", "Is framework")),
)


def looks_like(value: Any) -> str | None:
    """The format that a JSON value seems to be of: an object, or a list by the first of its objects that is known."""
    if isinstance(value, list):
        return next(
            (found for each in value[:_FIRST] if isinstance(each, Mapping) and (found := looks_like(each))), None
        )
    if not isinstance(value, Mapping):
        return None
    return next((sign.format for sign in SIGNS if _fits(sign, value)), None)


def looks_like_header(columns: Sequence[str | None]) -> str | None:
    """The format that a table with this header seems to be of."""
    there = {(column or "").strip().casefold() for column in columns}
    return next((sign.format for sign in HEADERS if there.issuperset(map(str.casefold, sign.columns))), None)


def not_this(found: str | None, wanted: str, file: str, otherwise: str) -> LoadError:
    """The refusal of a document that is not what was wanted; `otherwise` is said where it is like nothing known."""
    if found is not None and found != wanted:
        return LoadError(f"this looks like {found}, not {wanted}: load it as what it is", file=file)
    return LoadError(f"this does not look like {wanted}: {otherwise}", file=file)


def _fits(sign: Sign, value: Mapping[str, Any]) -> bool:
    there = all(at(value, key) is not None for key in sign.has)
    return there and all(_begins(at(value, key), text) for key, text in sign.holds.items())


def _begins(value: Any, text: str) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(each, str) and each.startswith(text) for each in values)
