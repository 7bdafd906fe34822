"""What a role requires: its skills with level, weight and kind, and its credentials.

Ask it of a role, or of an opening (requisition), whose own requirements, if it has any, replace those of its role.
Musts come first, then essential and preferred requirements, the heavier before the lighter; credentials come last.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from queries import sentences
from queries.fields import AsOf, RoleId
from queries.profile import Profile, stated
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.rows import profile_labels


class RoleProfile(Parameters):
    """Whose requirements, and when."""

    role: RoleId
    as_of: AsOf = None


class ProfileRow(Row):
    """One requirement: of a skill, or of a credential."""

    skill: Annotated[str | None, Field(description="The required skill; null for a credential.")]
    credential: Annotated[str | None, Field(description="The required credential; null for a skill.")]
    label: Annotated[str | None, Field(description="The label of either.")]
    level: Annotated[int | None, Field(description="The level needed, of the home scale.")]
    weight: Annotated[int | None, Field(description="How much it counts.")]
    kind: Annotated[str, Field(description="must, essential or preferred; a credential is a must.")]
    reach: Annotated[str | None, Field(description="exact, or narrower: then narrower skills count too.")]
    proof: Annotated[str | None, Field(description="any, or shown: then what was only taught does not count.")]
    rationale: Annotated[str | None, Field(description="Why it is required.")]


def answer(asking: Asking, parameters: RoleProfile) -> Answer:
    """The requirements in force."""
    at = asking.now if parameters.as_of is None else parameters.as_of
    profile = stated(asking, "role", parameters.role, at)
    rows = _rows(asking, profile)
    said = (*profile.notes, sentences.threshold(profile.threshold))
    return Answer(rows, len(rows), at, asking.index.number, notes=said)


def _rows(asking: Asking, profile: Profile) -> list[dict[str, Any]]:
    names = profile_labels(asking, profile)
    skills = [
        {
            "skill": one.skill,
            "credential": None,
            "label": names[one.skill],
            "level": one.level,
            "weight": one.weight,
            "kind": one.kind,
            "reach": one.reach,
            "proof": one.proof,
            "rationale": one.rationale,
        }
        for one in profile.requirements
    ]
    return [*skills, *(_credential(id, names[id]) for id in profile.credentials)]


def _credential(id: str, label: str | None) -> dict[str, Any]:
    nothing = dict.fromkeys(("reach", "proof", "rationale"))
    return {"skill": None, "credential": id, "label": label, "level": None, "weight": None, "kind": "must", **nothing}


QUESTION = Question(
    "role-profile",
    RoleProfile,
    ProfileRow,
    "graph",
    answer,
    examples={"a-role": {"role": "demo-role:cloud-engineer", "as_of": "2026-06-30"}},
)
