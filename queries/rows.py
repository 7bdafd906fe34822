"""Parts that the rows of several questions share, and how they are made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from graph.index import Postings
from ontology.values import MILLION
from queries.fields import EvidenceClass
from queries.held import Held
from queries.lookup import labels
from queries.profile import Profile, Requirement
from queries.question import Asking
from queries.sources import Closer


class Part(BaseModel):
    """Base of what a row holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class RequirementHeld(Part):
    """What a person holds towards one requirement."""

    skill: Annotated[str, Field(description="The required skill.")]
    label: Annotated[str | None, Field(description="Its label.")]
    needed: Annotated[int, Field(description="The level needed.")]
    held: Annotated[int, Field(description="The level held, 0 for none.")]
    weight: Annotated[int, Field(description="How much it counts.")]
    kind: Annotated[str, Field(description="must, essential or preferred.")]
    proof: Annotated[str, Field(description="any, or shown: then what was only taught does not count.")]
    is_met: Annotated[bool, Field(description="Whether held reaches needed.")]
    class_: Annotated[EvidenceClass | None, Field(alias="class", description="claimed, taught or shown.")]
    through: Annotated[str | None, Field(description="The skill whose evidence it is.")]
    evidence: Annotated[list[str], Field(description="Ids of the evidence that supports the level.")]


class Closing(Part):
    """A learning object that closes what is missing."""

    skill: Annotated[str, Field(description="The required skill that is missing.")]
    learning_object: Annotated[str, Field(description="What to learn.")]
    label: Annotated[str | None, Field(description="Its label.")]
    level: Annotated[int, Field(description="The level it gives.")]


class CredentialHeld(Part):
    """A credential that is required, and whether the person holds it."""

    credential: Annotated[str, Field(description="The required credential.")]
    label: Annotated[str | None, Field(description="Its label.")]
    is_met: Annotated[bool, Field(description="Whether it is held.")]
    evidence: Annotated[list[str], Field(description="Ids of the evidence that it is held by.")]


def evidence_ids(asking: Asking, keys: Iterable[int]) -> Mapping[int, str]:
    """Ids of evidence by key; those that are not kept come in one store call."""
    return asking.index.snapshot.base.evidence_ids.of(keys, partial(asking.store.ids, "Evidence"))


def named(ids: Mapping[int, str], keys: Collection[int]) -> list[str]:
    """Ids of keys in code-point order; evidence that was erased meanwhile has none and is left out."""
    if len(keys) == 1:
        (key,) = keys
        return [ids[key]] if ids[key] else []
    return sorted({ids[key] for key in keys} - {""})


def requirement_row(requirement: Requirement, label: str | None) -> dict[str, Any]:
    """A `RequirementHeld` as a plain dict, of someone who holds nothing."""
    return {
        "skill": requirement.skill,
        "label": label,
        "needed": requirement.level,
        "held": 0,
        "weight": requirement.weight,
        "kind": requirement.kind,
        "proof": requirement.proof,
        "is_met": False,
        "class": None,
        "through": None,
        "evidence": [],
    }


def held_row(nothing: dict[str, Any], held: Held, ids: Mapping[int, str]) -> dict[str, Any]:
    """The same of someone who holds this; the very same where that is nothing."""
    if not held.level:
        return nothing
    return {
        **nothing,
        "held": held.level,
        "is_met": held.level >= nothing["needed"],
        "class": held.evidence_class,
        "through": held.through,
        "evidence": named(ids, held.evidence),
    }


def closing_row(skill: str, closer: Closer) -> dict[str, Any]:
    """A `Closing` as a plain dict."""
    return {"skill": skill, "learning_object": closer.id, "label": closer.label, "level": closer.level}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Required credentials, and the evidence keys each is held by, by person number."""

    required: Sequence[str]
    held: Mapping[tuple[int, str], Sequence[int]]

    @classmethod
    def of(cls, required: Sequence[str], postings: Postings) -> Credentials:
        """From the postings that count, of some persons."""
        held: dict[tuple[int, str], list[int]] = {}
        columns = (postings.person.tolist(), postings.skill.tolist(), postings.evidence.tolist())
        for person, place, evidence in zip(*columns, strict=True):
            held.setdefault((person, postings.skills[place]), []).append(evidence)
        return cls(required, held)

    def keys(self, person: int) -> list[int]:
        """Keys of the evidence that a person's required credentials rest on."""
        return [key for id in self.required for key in self.held.get((person, id), ())]

    def all_held(self, person: int) -> bool:
        """Whether a person holds every one."""
        return all((person, id) in self.held for id in self.required)

    def rows(self, person: int, names: Mapping[str, str | None], ids: Mapping[int, str]) -> list[dict[str, Any]]:
        """`CredentialHeld` as plain dicts."""
        return [
            {
                "credential": id,
                "label": names[id],
                "is_met": (person, id) in self.held,
                "evidence": named(ids, self.held.get((person, id), ())),
            }
            for id in self.required
        ]


def profile_labels(asking: Asking, profile: Profile) -> dict[str, str | None]:
    """Labels of all that a profile requires."""
    return labels(asking, [*(one.skill for one in profile.requirements), *profile.credentials])


def score(points: int, of: int) -> float:
    """For display: the share of all points, to six decimals; in whole numbers, so that every engine rounds alike."""
    return (2 * MILLION * points + of) // (2 * of) / MILLION if of else 0.0
