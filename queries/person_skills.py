"""Which skills a person holds: level, taught or shown, from when until when, and on which evidence.

What is only claimed counts when evidence_kinds names self_rating. Any of a person's record ids will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from ontology.values import format_instant
from queries.counting import STRENGTH
from queries.fields import AsOf, EvidenceClass, Kinds, MaxAge, PersonId, VerifiedOnly
from queries.lookup import labels
from queries.one import Interval, one_of
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.rows import evidence_ids, named


class PersonSkills(Parameters):
    """Whose skills, when, and what counts."""

    person: PersonId
    as_of: AsOf = None
    evidence_kinds: Kinds = None
    max_age: MaxAge = None
    verified_only: VerifiedOnly = False


class SkillHeld(Row):
    """A skill held."""

    skill: Annotated[str, Field(description="The skill.")]
    label: Annotated[str | None, Field(description="Its label.")]
    level: Annotated[int, Field(description="The level held, of the home scale.")]
    class_: Annotated[EvidenceClass, Field(alias="class", description="claimed, taught or shown, the strongest.")]
    since: Annotated[str, Field(description="From when that level is held.")]
    until: Annotated[str | None, Field(description="Until when; null is for ever.")]
    evidence: Annotated[list[str], Field(description="Ids of the evidence that supports the level.")]


def answer(asking: Asking, parameters: PersonSkills) -> Answer:
    """The skills held at the instant, the highest level first, then by id."""
    one = one_of(asking, parameters, parameters.person)
    by_skill: dict[str, list[Interval]] = {}
    for interval in one.intervals:
        by_skill.setdefault(interval.skill, []).append(interval)
    best = {skill: _best(intervals) for skill, intervals in by_skill.items()}
    ordered = sorted(best, key=lambda skill: (-best[skill][0].level, skill))
    rows = _rows(asking, [best[skill] for skill in ordered])
    return Answer(rows, len(rows), one.at, asking.index.number)


def _best(intervals: Sequence[Interval]) -> list[Interval]:
    level = max(interval.level for interval in intervals)
    return [interval for interval in intervals if interval.level == level]


def _rows(asking: Asking, held: Sequence[Sequence[Interval]]) -> list[dict[str, Any]]:
    names = labels(asking, (best[0].skill for best in held))
    ids = evidence_ids(asking, (one.evidence for best in held for one in best))
    return [
        {
            "skill": best[0].skill,
            "label": names[best[0].skill],
            "level": best[0].level,
            "class": max((one.evidence_class for one in best), key=STRENGTH.__getitem__),
            "since": format_instant(min(one.since for one in best)),
            "until": format_instant(max(one.until for one in best)) or None,
            "evidence": named(ids, [one.evidence for one in best]),
        }
        for best in held
    ]


QUESTION = Question(
    "person-skills",
    PersonSkills,
    SkillHeld,
    "match",
    answer,
    examples={"one-person": {"person": "lms:U4711", "as_of": "2026-06-30"}},
)
