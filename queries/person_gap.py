"""What a person misses for a role: each requirement, what is held towards it, and what to learn.

The learning objects that close a requirement stand after their prerequisites; prerequisites the person completed, or
was let off, are left out. Those with `closes` are alternatives: any one of them will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from graph.index.completions import completed
from queries import sentences
from queries.fields import AsOf, Kinds, MaxAge, PersonId, RoleId, VerifiedOnly
from queries.held import Held, is_ready, points_of
from queries.lookup import labels
from queries.matching import reaches_of
from queries.one import One, one_of
from queries.paths import Paths
from queries.profile import Profile, stated
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.rows import (
    Credentials,
    Part,
    evidence_ids,
    held_row,
    profile_labels,
    requirement_row,
)
from queries.sources import Closer, closers


class PersonGap(Parameters):
    """Whose gap, to what, when, and what counts."""

    person: PersonId
    role: RoleId
    as_of: AsOf = None
    evidence_kinds: Kinds = None
    max_age: MaxAge = None
    verified_only: VerifiedOnly = False


class Step(Part):
    """One learning object on the way."""

    learning_object: Annotated[str, Field(description="What to learn.")]
    label: Annotated[str | None, Field(description="Its label.")]
    level: Annotated[int | None, Field(description="The level it gives in what is required; null for a prerequisite.")]
    closes: Annotated[bool, Field(description="Whether it closes the requirement; else it is a prerequisite.")]


class Gap(Row):
    """One requirement, of a skill or a credential."""

    skill: Annotated[str | None, Field(description="The required skill; null for a credential.")]
    credential: Annotated[str | None, Field(description="The required credential; null for a skill.")]
    label: Annotated[str | None, Field(description="The label of either.")]
    needed: Annotated[int | None, Field(description="The level needed.")]
    held: Annotated[int | None, Field(description="The level held, 0 for none.")]
    weight: Annotated[int | None, Field(description="How much it counts.")]
    kind: Annotated[str, Field(description="must, essential or preferred; a credential is a must.")]
    proof: Annotated[str | None, Field(description="any, or shown: then what was only taught does not count.")]
    is_met: Annotated[bool, Field(description="Whether it is met.")]
    class_: Annotated[str | None, Field(alias="class", description="claimed, taught or shown.")]
    through: Annotated[str | None, Field(description="The skill whose evidence it is.")]
    evidence: Annotated[list[str], Field(description="Ids of the evidence it rests on.")]
    closed_by: Annotated[list[Step], Field(description="What to learn, prerequisites first.")]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a person holds towards a profile."""

    one: One
    profile: Profile
    held: Sequence[Held]
    credentials: Credentials


def answer(asking: Asking, parameters: PersonGap) -> Answer:
    """Every requirement in the profile's order, then the credentials."""
    one = one_of(asking, parameters, parameters.person)
    profile = stated(asking, "role", parameters.role, one.at)
    reaches = reaches_of(asking.index, profile.requirements)
    credentials = one.credentials(asking, profile.credentials)
    found = _Found(one, profile, one.towards(profile.requirements, reaches), credentials)
    steps = _steps(asking, found, closers(asking, profile.requirements, reaches, one.at))
    rows = _rows(asking, found, steps)
    return Answer(rows, len(rows), one.at, asking.index.number, notes=(*profile.notes, _verdict(found)))


def _verdict(found: _Found) -> str:
    ready = is_ready(found.profile, found.held, found.credentials.all_held(found.one.number))
    points = points_of(found.profile.requirements, found.held)
    return sentences.verdict(ready, points, found.profile.of)


def _steps(asking: Asking, found: _Found, closing: Sequence[Sequence[Closer]]) -> list[list[dict[str, Any]]]:
    """What to learn for each requirement; nothing for those that are met."""
    pairs = zip(found.profile.requirements, found.held, closing, strict=True)
    missing = [close if has.level < one.level else [] for one, has, close in pairs]
    goals = [closer.id for close in missing for closer in close]
    if not goals:
        return [[] for _ in missing]
    done = completed(asking.store, asking.index, found.one.number, found.one.at)
    paths = Paths.of(asking, goals, done)
    ways = [paths.to([closer.id for closer in close]) for close in missing]
    names = labels(asking, (id for way in ways for id in way))
    levels = [{closer.id: closer.level for closer in close} for close in missing]
    return [
        [{"learning_object": id, "label": names[id], "level": given.get(id), "closes": id in given} for id in way]
        for way, given in zip(ways, levels, strict=True)
    ]


def _rows(asking: Asking, found: _Found, steps: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    person = found.one.number
    keys = [key for has in found.held for key in has.evidence]
    ids = evidence_ids(asking, [*keys, *found.credentials.keys(person)])
    names = profile_labels(asking, found.profile)
    skills = []
    for one, has, way in zip(found.profile.requirements, found.held, steps, strict=True):
        part = dict(held_row(requirement_row(one, names[one.skill]), has, ids))
        skills.append({"skill": part.pop("skill"), "credential": None, **part, "closed_by": way})
    return [*skills, *(_credential_row(one) for one in found.credentials.rows(person, names, ids))]


def _credential_row(held: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(Gap.names()), **held, "kind": "must", "closed_by": []}


QUESTION = Question(
    "person-gap",
    PersonGap,
    Gap,
    "match",
    answer,
    examples={
        "one-person": {"person": "lms:U4711", "role": "demo-role:data-engineer", "as_of": "2026-06-30"},
    },
)
