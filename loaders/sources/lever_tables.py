"""Lever's tables: what becomes of each, which keys are read, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loaders.source import Config, Field, NodeMapping, Skip, Table
from loaders.sources.hiring import address_key, either, word
from loaders.sources.made import Make, making
from loaders.sources.objects import Shape
from ontology.values import format_instant

SCALE = "scale:lever"
HIRED = "hired"
"""The type of the archive reasons that are hires; where no type is known, the reason's text in small letters."""
WITHDRAWN = ("withdrew", "candidate withdrew", "withdrawn")
DECLINED = ("declined offer", "offer declined")
"""Texts, in small letters, of the reasons that Lever begins with and that are the person's own word."""

_MILLISECONDS = 1000
_CONTACT, _APPLICATION = "lever-contact:{contact}", "lever-application:{opportunity}"
_INTERVIEW = "lever-interview:{opportunity}.{_interview}"
STATES = {
    "published": "open",
    "internal": "open",
    "pending": "draft",
    "draft": "draft",
    "closed": "closed",
    "rejected": "cancelled",
}

MAPPINGS = [
    NodeMapping(
        "Requisition",
        table="postings",
        id="lever-posting:{id}",
        fields={
            "label": "text",
            "status": Field("state", translate=STATES),
            "tags": "tags",
            "location": "categories.location",
            "opened_at": "_created_at",
        },
        version="_version",
    ),
    NodeMapping(
        "Learner",
        table="contacts",
        id=_CONTACT,
        fields={
            "label": "name",
            "email": "email",
            "kind": Field("origin", translate={"internal": "internal", "*": "external"}),
            "location": "location",
        },
        version="_version",
    ),
    NodeMapping(
        "Identity",
        table="emails",
        id="lever-identity:{contact}.{_key}",
        fields={"learner": _CONTACT, "system": Field(constant="email"), "value": "value"},
        version="_version",
    ),
    NodeMapping(
        "Application",
        table="opportunities",
        id=_APPLICATION,
        fields={
            "learner": _CONTACT,
            "requisition": "lever-posting:{posting}",
            "channel": "_channel",
            "applied_at": "_created_at",
            "closed_at": "_archived_at",
            "outcome": "_outcome",
        },
        version="_version",
    ),
    NodeMapping(
        "Hire",
        table="opportunities",
        id="lever-hire:{opportunity}",
        fields={
            "learner": _CONTACT,
            "requisition": "lever-posting:{posting}",
            "application": _APPLICATION,
            "kind": Field("origin", translate={"internal": "internal", "*": "external"}),
            "channel": "_channel",
            "started_at": "_archived_at",
        },
        when={"_outcome": ["hired"]},
        version="_version",
    ),
    NodeMapping(
        "StageEvent",
        table="stages",
        id="lever-stage:{opportunity}.{updatedAt}",
        fields={
            "application": _APPLICATION,
            "stage": "stage",
            "entered_at": "_entered_at",
            "outcome": "_left",
            "reason": "reason",
        },
        version="_version",
    ),
    NodeMapping(
        "Evidence",
        table="interviews",
        id=_INTERVIEW,
        fields={"learner": _CONTACT, "kind": Field(constant="interview"), "shown_at": "_shown_at"},
        version="_version",
    ),
    NodeMapping("Skill", table="scores", id="{_word}", fields={"label": "label", "type": Field(constant="word")}),
    NodeMapping(
        "Rating",
        table="scores",
        id="lever-rating:{id}.{_spelt}",
        fields={
            "evidence": _INTERVIEW,
            "rater": "lever-user:{user}",
            "skill": "{_word}",
            "level": "_score",
            "scale": Field(constant=SCALE),
            "rated_at": "_shown_at",
        },
        version="_version",
    ),
    NodeMapping(
        "Rating",
        table="ratings",
        id="lever-rating:{id}",
        fields={
            "evidence": _INTERVIEW,
            "rater": "lever-user:{user}",
            "level": "_score",
            "scale": Field(constant=SCALE),
            "rated_at": "_shown_at",
        },
        version="_version",
    ),
]
_WHO = ("lever-contact", "contact")
_FORM = ("id", "opportunity", "contact", "interview", "panel", "user", "completedAt", "createdAt", "updatedAt")
_CHANGE = ("createdAt", "updatedAt")
SHAPES = {
    "postings": Shape("postings", ("id", "text", "state", "kind", "categories.location", *_CHANGE), lists=("tags",)),
    "words": Shape("postings", ("id", "kind")),
    "contacts": Shape("contacts", ("contact", "name", "email", "origin", "location", *_CHANGE), who=_WHO),
    "emails": Shape("emails", ("contact", "value", *_CHANGE), who=_WHO),
    "opportunities": Shape(
        "opportunities",
        (
            *("opportunity", "contact", "posting", "origin", "source", "archived.archivedAt"),
            *("reason", "reason_type", "deletedAt", *_CHANGE),
        ),
        who=_WHO,
    ),
    "stages": Shape(
        "stages",
        (
            "opportunity",
            "contact",
            "stage",
            "updatedAt",
            "toStageIndex",
            "next_index",
            "outcome",
            "reason",
            "changed_at",
        ),
        who=_WHO,
    ),
    "interviews": Shape("interviews", (*_FORM, "kind"), who=_WHO),
    "scores": Shape("scores", (*_FORM, "name", "label", "score"), who=_WHO),
    "ratings": Shape("ratings", (*_FORM, "score"), who=_WHO),
}

WORDS = Skip(
    "stage-or-reason", "what a stage or a reason is called stands in the rows that have one", {"kind": ["word"]}
)
NO_POSTING = Skip("no-posting", "who was not put forward for a posting did not apply", {"posting": [""]})
DELETED = Skip("deleted", "the form was deleted there; what an earlier load took from it stays", {"kind": ["deleted"]})
NO_SCORE = Skip("no-score", "who gave no score did not say no", {"score": [""]})
_MADE_OF = ("createdAt", "updatedAt")
_FORM_PARTS = ("interview", "panel", "completedAt", "contact", *_MADE_OF)
TABLES = [
    Table("postings", optional="*", ignored=_MADE_OF, skips=[WORDS]),
    Table("contacts", optional="*", ignored=_MADE_OF),
    Table("emails", optional="*", ignored=_MADE_OF),
    Table(
        "opportunities",
        optional="*",
        ignored=("source", "archived.archivedAt", "reason", "reason_type", "deletedAt", *_MADE_OF),
        skips=[NO_POSTING],
    ),
    Table("stages", optional="*", ignored=("contact", "toStageIndex", "next_index", "outcome", "changed_at")),
    Table("interviews", optional="*", ignored=("id", "user", *_FORM_PARTS), skips=[DELETED]),
    Table("scores", optional="*", ignored=("name", *_FORM_PARTS), skips=[NO_SCORE]),
    Table("ratings", optional="*", ignored=_FORM_PARTS, skips=[NO_SCORE]),
]


def instant(*columns: str) -> Make:
    """The first of these columns, of milliseconds since 1970, as an instant; what is no number stays as it is."""
    first = either(*columns)

    def make(cells: Mapping[str, Any], config: Config) -> str | None:
        text = first(cells, config)
        return format_instant(int(text) // _MILLISECONDS) if text and text.isdecimal() else text

    return make


def outcome_of(archived: bool, reason: Any, kind: Any) -> str | None:
    """How an opportunity ended: by the type of its archive reason, and by the texts that Lever begins with."""
    text = str(reason or "").strip().casefold()
    if not archived:
        return None
    if HIRED in (kind, text):
        return "hired"
    return "withdrawn" if text in WITHDRAWN else "declined" if text in DECLINED else "rejected"


def _outcome(cells: Mapping[str, Any], _: Config) -> str | None:
    return outcome_of(bool(cells.get("archived.archivedAt")), cells.get("reason"), cells.get("reason_type"))


def _left(cells: Mapping[str, Any], _: Config) -> str | None:
    """How a stage was left: passed for a later one, or by a hire; the last as the application ended."""
    here, following = cells.get("toStageIndex") or "", cells.get("next_index") or ""
    if here.isdecimal() and following.isdecimal():
        return "passed" if int(following) > int(here) else None
    return {"hired": "passed", "declined": "withdrawn"}.get(ended := cells.get("outcome") or "", ended or None)


def _score(cells: Mapping[str, Any], _: Config) -> str | None:
    """The number that a score begins with: 4 of "4 - Strong Hire"; any other text stays, to be rejected."""
    text = str(cells.get("score") or "").strip()
    return text.partition(" ")[0] or None


_version = instant("updatedAt", "completedAt", "createdAt")
_form = {"_interview": either("interview", "panel", "id"), "_shown_at": instant("completedAt", "createdAt")}
PREPARE = making(
    {
        "postings": {"_created_at": instant("createdAt"), "_version": _version},
        "contacts": {"_version": _version},
        "emails": {"_key": address_key("lever-identity"), "_version": _version},
        "opportunities": {
            "_created_at": instant("createdAt"),
            "_archived_at": instant("archived.archivedAt"),
            "_outcome": _outcome,
            "_channel": either("source", "origin"),
            "_version": _version,
        },
        "stages": {"_entered_at": instant("updatedAt"), "_left": _left, "_version": instant("changed_at")},
        "interviews": {**_form, "_version": _version},
        "scores": {
            **_form,
            "_word": word("lever-word"),
            "_spelt": word("word"),
            "_score": _score,
            "_version": _version,
        },
        "ratings": {**_form, "_score": _score, "_version": _version},
    }
)
