"""Where a skill comes from: learning objects that teach it, assessments that measure it, credentials that attest it.

Skills that are an exact match of it, or that it replaces, count as the skill itself.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from ontology.values import decimal_number
from queries.fields import AsOf, Id, Level, Reach
from queries.lookup import label_of, node_of
from queries.profile import check_level
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.rows import Part
from queries.sources import RELATIONS, SkillSource, sources_of


class SkillSources(Parameters):
    """Of which skill, up to which level."""

    skill: Annotated[Id, Field(description="The skill's id.")]
    level: Annotated[Level | None, Field(description="Only sources that reach at least this level.")] = None
    reach: Annotated[Reach, Field(description="Whether sources of narrower skills are shown too.")] = "exact"
    as_of: AsOf = None


class CutScore(Part):
    """The score that a level takes."""

    level: Annotated[int, Field(description="The level, of the home scale.")]
    score: Annotated[float, Field(description="The lowest score for it, 0 to 1.")]


class Source(Row):
    """One source of the skill."""

    id: Annotated[str, Field(description="The learning object, assessment or credential.")]
    type: Annotated[str, Field(description="Which of these it is.")]
    label: Annotated[str | None, Field(description="Its label.")]
    relation: Annotated[str, Field(description="teaches, measures or attests.")]
    skill: Annotated[str, Field(description="The skill it names: the one asked for, or one that counts as it.")]
    level: Annotated[int, Field(description="The highest level it gives.")]
    cut_scores: Annotated[list[CutScore], Field(description="Of an assessment: the score each level takes.")]


def answer(asking: Asking, parameters: SkillSources) -> Answer:
    """Learning objects first, then assessments, then credentials; each by level and id."""
    at = asking.now if parameters.as_of is None else parameters.as_of
    skill = node_of(asking, "skill", parameters.skill, ("Skill",))
    if parameters.level is not None:
        check_level(asking, "level", parameters.level)
    reach = asking.index.reach(skill.id, parameters.reach == "narrower")
    found = [one for one in sources_of(asking, reach, tuple(RELATIONS), at) if one.level >= (parameters.level or 1)]
    order = list(RELATIONS.values())
    found.sort(key=lambda one: (order.index(one.relation), one.level, one.node.id, one.skill))
    return Answer([_row(asking, one) for one in found], len(found), at, asking.index.number)


def _row(asking: Asking, source: SkillSource) -> dict[str, Any]:
    return {
        "id": source.node.id,
        "type": source.node.type,
        "label": label_of(asking, source.node),
        "relation": source.relation,
        "skill": source.skill,
        "level": source.level,
        "cut_scores": [{"level": level, "score": decimal_number(cut)} for level, cut in source.cut_scores],
    }


QUESTION = Question(
    "skill-sources",
    SkillSources,
    Source,
    "graph",
    answer,
    examples={"one-skill": {"skill": "ats-skill:k8s", "level": 2, "as_of": "2026-06-30"}},
)
