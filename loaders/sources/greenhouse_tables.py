"""Greenhouse's tables: what becomes of each, which keys are read, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loaders.source import Config, Field, NodeMapping, Skip, Table
from loaders.sources.hiring import address_key, either, word
from loaders.sources.made import making
from loaders.sources.objects import Shape

SCALE = "scale:greenhouse"
RATINGS = {"definitely_not": "1", "no": "2", "mixed": "3", "yes": "4", "strong_yes": "5"}
THEY_LEFT = "They rejected us"
"""The type of the reasons for which a person, not the company, ended an application."""

CANDIDATE, JOB, APPLICATION = "greenhouse-candidate:{%s}", "greenhouse-job:{%s}", "greenhouse-application:{%s}"
_INTERVIEW = "greenhouse-interview:{application_id}.{_step}"
_WORD: Mapping[str, str | Field] = {"label": "label", "type": Field(constant="word")}

MAPPINGS = [
    NodeMapping(
        "OrgUnit",
        table="departments",
        id="greenhouse-department:{id}",
        fields={"label": "name", "part_of": "greenhouse-department:{parent_id}"},
    ),
    NodeMapping(
        "Requisition",
        table="jobs",
        id=JOB % "id",
        fields={
            "label": "name",
            "status": "status",
            "openings": "opening_count",
            "org_unit": "greenhouse-department:{department.id}",
            "location": "office.name",
            "opened_at": "opened_at",
            "filled_at": "filled_at",
            "closed_at": "closed_at",
        },
        version="updated_at",
    ),
    NodeMapping(
        "Learner",
        table="candidates",
        id=CANDIDATE % "id",
        fields={"label": "_name", "email": "email", "kind": Field(constant="external")},
        version="updated_at",
    ),
    NodeMapping(
        "Identity",
        table="emails",
        id="greenhouse-identity:{id}.{_key}",
        fields={"learner": CANDIDATE % "id", "system": Field(constant="email"), "value": "value"},
        version="updated_at",
    ),
    NodeMapping("Skill", table="tags", id="{_word}", fields=_WORD),
    NodeMapping(
        "Application",
        table="applications",
        id=APPLICATION % "id",
        fields={
            "learner": CANDIDATE % "candidate_id",
            "requisition": JOB % "job.id",
            "channel": "source.public_name",
            "applied_at": "applied_at",
            "closed_at": "rejected_at",
            "outcome": "_outcome",
        },
        version="last_activity_at",
    ),
    NodeMapping(
        "StageEvent",
        table="applications",
        id="greenhouse-stage:{id}.{current_stage.id}",
        fields={
            "application": APPLICATION % "id",
            "stage": "current_stage.name",
            "entered_at": "_entered_at",
            "outcome": "_left",
            "reason": "rejection_reason.name",
        },
        when={"_staged": ["yes"]},
        version="last_activity_at",
    ),
    NodeMapping(
        "Evidence",
        table="interviews",
        id=_INTERVIEW,
        fields={
            "learner": CANDIDATE % "candidate_id",
            "kind": Field(constant="interview"),
            "shown_at": "_shown_at",
        },
        version="updated_at",
    ),
    NodeMapping(
        "StageEvent",
        table="interviews",
        id="greenhouse-step:{application_id}.{_step}",
        fields={"application": APPLICATION % "application_id", "stage": "interview", "entered_at": "_shown_at"},
        version="updated_at",
    ),
    NodeMapping("Skill", table="attributes", id="{_word}", fields=_WORD),
    NodeMapping(
        "Rating",
        table="attributes",
        id="greenhouse-rating:{id}.{type}.{_spelt}",
        fields={
            "evidence": _INTERVIEW,
            "rater": "greenhouse-user:{_rater}",
            "skill": "{_word}",
            "level": Field("rating", translate=RATINGS),
            "scale": Field(constant=SCALE),
            "rated_at": "submitted_at",
        },
        version="updated_at",
    ),
    NodeMapping(
        "Rating",
        table="recommendations",
        id="greenhouse-rating:{id}",
        fields={
            "evidence": _INTERVIEW,
            "rater": "greenhouse-user:{_rater}",
            "level": Field("overall_recommendation", translate=RATINGS),
            "scale": Field(constant=SCALE),
            "rated_at": "submitted_at",
        },
        version="updated_at",
    ),
    NodeMapping(
        "Hire",
        table="offers",
        id="greenhouse-hire:{application_id}",
        fields={
            "learner": CANDIDATE % "candidate_id",
            "requisition": JOB % "job_id",
            "application": APPLICATION % "application_id",
            "kind": Field(constant="external"),
            "started_at": "_started_at",
        },
        when={"status": ["accepted"]},
        version="updated_at",
    ),
]
_CARD = ("id", "application_id", "candidate_id", "interview", "interview_step.id", "submitted_at", "updated_at")
_RATER = ("interviewer.id", "submitted_by.id")
_WHO = ("greenhouse-candidate", "candidate_id")
SHAPES = {
    "departments": Shape("departments", ("id", "name", "parent_id")),
    "jobs": Shape(
        "jobs",
        (
            *("id", "name", "status", "department.id", "office.name", "opening_count", "is_template", "kind"),
            *("opened_at", "filled_at", "closed_at", "updated_at"),
        ),
    ),
    "candidates": Shape(
        "candidates",
        ("id", "first_name", "last_name", "email", "updated_at"),
        who=("greenhouse-candidate", "id"),
    ),
    "emails": Shape("emails", ("id", "value", "updated_at"), who=("greenhouse-candidate", "id")),
    "tags": Shape("tags", ("name", "label")),
    "applications": Shape(
        "applications",
        (
            *("id", "candidate_id", "job.id", "source.public_name", "status", "prospect"),
            *("applied_at", "rejected_at", "last_activity_at", "rejection_reason.name", "rejection_reason.type.name"),
            *("current_stage.id", "current_stage.name"),
        ),
        who=_WHO,
    ),
    "interviews": Shape("interviews", (*_CARD, "interviewed_at"), who=_WHO),
    "attributes": Shape("attributes", (*_CARD, *_RATER, "name", "label", "type", "rating"), who=_WHO),
    "recommendations": Shape("recommendations", (*_CARD, *_RATER, "overall_recommendation"), who=_WHO),
    "offers": Shape(
        "offers",
        ("application_id", "candidate_id", "job_id", "status", "starts_at", "resolved_at", "updated_at"),
        who=_WHO,
    ),
}

LEFT_OUT = Skip(
    "no-job",
    "a post is how a job is advertised, an office where it is; the job is read",
    {"kind": ["job_post", "office"]},
)
TEMPLATE = Skip("template", "a template is no opening: jobs are made from it", {"is_template": ["true"]})
PROSPECT = Skip("prospect", "a prospect did not apply for a job yet", {"prospect": ["true"]})
NOT_ACCEPTED = Skip(
    "not-accepted", "only an accepted offer is a hire", {"status": ["unresolved", "rejected", "deprecated"]}
)
NO_DECISION = Skip("no-decision", "who did not decide did not say no", {"rating": ["no_decision", ""]})
NOT_RECOMMENDED = Skip(
    "no-decision", "who did not decide did not say no", {"overall_recommendation": ["no_decision", ""]}
)
TABLES = [
    Table("departments", optional="*"),
    Table("jobs", optional="*", skips=[LEFT_OUT, TEMPLATE]),
    Table("candidates", optional="*", ignored=("first_name", "last_name")),
    Table("emails", optional="*"),
    Table("tags", optional="*", ignored=("name",)),
    Table("applications", optional="*", ignored=("status", "rejection_reason.type.name"), skips=[PROSPECT]),
    Table("interviews", optional="*", ignored=("id", "interview_step.id", "submitted_at", "interviewed_at")),
    Table(
        "attributes",
        optional="*",
        ignored=("name", "candidate_id", "interview", "interview_step.id", *_RATER),
        skips=[NO_DECISION],
    ),
    Table(
        "recommendations",
        optional="*",
        ignored=("candidate_id", "interview", "interview_step.id", *_RATER),
        skips=[NOT_RECOMMENDED],
    ),
    Table("offers", optional="*", ignored=("starts_at", "resolved_at"), skips=[NOT_ACCEPTED]),
]


def _name(cells: Mapping[str, Any], _: Config) -> str | None:
    return " ".join(part for name in ("first_name", "last_name") if (part := cells.get(name))) or None


def _outcome(cells: Mapping[str, Any], _: Config) -> str | None:
    """`hired`, `rejected`, or `withdrawn` where the reason says that the person ended it; none is still open."""
    if cells.get("status") == "rejected" and cells.get("rejection_reason.type.name") == THEY_LEFT:
        return "withdrawn"
    return {"hired": "hired", "rejected": "rejected"}.get(cells.get("status") or "")


def _left(cells: Mapping[str, Any], config: Config) -> str | None:
    outcome = _outcome(cells, config)
    return "passed" if outcome == "hired" else outcome


def _staged(cells: Mapping[str, Any], _: Config) -> str | None:
    return "yes" if cells.get("current_stage.id") else None


_step = either("interview_step.id", "interview")
_word = word("greenhouse-word")
_rater = either(*_RATER)
PREPARE = making(
    {
        "candidates": {"_name": _name},
        "emails": {"_key": address_key("greenhouse-identity")},
        "tags": {"_word": _word},
        "applications": {
            "_outcome": _outcome,
            "_left": _left,
            "_staged": _staged,
            "_entered_at": either("rejected_at", "last_activity_at", "applied_at"),
        },
        "interviews": {"_step": _step, "_shown_at": either("interviewed_at", "submitted_at")},
        "attributes": {"_step": _step, "_word": _word, "_spelt": word("word"), "_rater": _rater},
        "recommendations": {"_step": _step, "_rater": _rater},
        "offers": {"_started_at": either("starts_at", "resolved_at")},
    }
)
