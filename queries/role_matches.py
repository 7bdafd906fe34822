"""Who meets a role's profile: people, ranked and explained.

Ask it of a role, of an opening (requisition), or of a profile of your own. Ready people come first, then more points;
equals share a rank. A person is ready who meets every must, holds every required credential and reaches the
threshold's share of the points of all must and essential requirements. Whoever has no points is not in the answer.

Cohort, org unit, location, kind, applied_to, people and exclude narrow who is ranked. Evidence kinds, age and
verification choose what counts. Every row says what was needed, what is held and on which evidence, and what closes
the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from graph.index import Who
from queries import cursor
from queries.counting import counting, that_count
from queries.fields import AsOf, Id, Ids, Kinds, Limit, MaxAge, PersonKind, Threshold, VerifiedOnly
from queries.held import Held, held_towards
from queries.lookup import node_of, nodes_of, person_labels, persons_of
from queries.matching import Match, match
from queries.profile import Profile, Wanted, ad_hoc, stated
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.ranking import Cut, Ranked, Standing, key_of, rank, told
from queries.refusals import either
from queries.rows import (
    Closing,
    CredentialHeld,
    Credentials,
    RequirementHeld,
    closing_row,
    evidence_ids,
    held_row,
    profile_labels,
    requirement_row,
    score,
)
from queries.sources import closers

NAME = "role-matches"


class RoleMatches(Parameters):
    """Either `role` or `profile`, what narrows the answer, and what counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["role"], "properties": {"role": {"type": "string"}, "profile": {"type": "null"}}},
                {"required": ["profile"], "properties": {"profile": {"type": "array"}, "role": {"type": "null"}}},
            ]
        }
    )

    role: Annotated[Id | None, Field(description="A role's id, or a requisition's; or give a profile.")] = None
    profile: Annotated[
        list[Wanted] | None,
        Field(min_length=1, max_length=500, description="Requirements of your own, in place of a role."),
    ] = None
    threshold: Annotated[
        Threshold | None,
        Field(description="The share of the core that makes ready; overrides the role's. At most three decimals."),
    ] = None
    as_of: AsOf = None
    limit: Annotated[Limit, Field(description="How many rows a page has.")] = 50
    cursor: Annotated[
        str | None, Field(max_length=4000, description="Where the next page begins: `next` of the page before.")
    ] = None
    cohort: Annotated[Ids | None, Field(description="Only members of one of these cohorts.")] = None
    org_unit: Annotated[Ids | None, Field(description="Only members of one of these units or their sub-units.")] = None
    location: Annotated[
        str | None, Field(min_length=1, max_length=300, description="Only people at this location.")
    ] = None
    kind: Annotated[PersonKind | None, Field(description="Only people from inside, or only from outside.")] = None
    applied_to: Annotated[Id | None, Field(description="Only people who applied to this requisition.")] = None
    people: Annotated[Ids | None, Field(description="Only these people; any of a person's record ids will do.")] = None
    exclude: Annotated[Ids | None, Field(description="Not these people.")] = None
    evidence_kinds: Kinds = None
    max_age: MaxAge = None
    verified_only: VerifiedOnly = False
    ready_only: Annotated[bool, Field(description="Only people who are ready.")] = False
    explain: Annotated[bool, Field(description="Whether rows say what is held and what closes the rest.")] = True


class RoleMatch(Row):
    """A person and how they meet the profile."""

    person: Annotated[str, Field(description="The person's id.")]
    label: Annotated[str | None, Field(description="Their name, for viewers with the scope people.")]
    rank: Annotated[int, Field(description="1 is first; equals share a rank.")]
    ready: Annotated[bool, Field(description="Meets every must and credential, and the threshold of the core.")]
    score: Annotated[float, Field(description="points / of, to six decimals.")]
    points: Annotated[int, Field(description="Weighted points for what is held, up to what is needed.")]
    of: Annotated[int, Field(description="The points of who meets everything.")]
    met: Annotated[int, Field(description="How many requirements are met.")]
    required: Annotated[int, Field(description="How many requirements there are.")]
    requirements: Annotated[list[RequirementHeld], Field(description="What is held towards each requirement.")]
    closed_by: Annotated[list[Closing], Field(description="Learning objects that close what is missing.")]
    credentials: Annotated[list[CredentialHeld], Field(description="Required credentials, and whether they are held.")]


def answer(asking: Asking, parameters: RoleMatches) -> Answer:
    """Rank everyone, explain one page."""
    place = cursor.read(NAME, parameters, parameters.cursor) if parameters.cursor else None
    at = place.at if place else _instant(asking, parameters)
    profile = _profile(asking, parameters, at)
    found = match(asking.index, profile, counting(asking.store.model, parameters, at))
    after = Standing(key_of(place.points, place.ready, profile.of), place.id) if place else None
    cut = Cut(parameters.limit, narrowed(asking, parameters, at), parameters.ready_only, after)
    shown = rank(found, cut)
    return Answer(
        rows=_rows(asking, found, shown, parameters.explain),
        total=shown.total,
        as_of=at,
        version=asking.index.number,
        cut_ties=shown.cut_ties,
        next=_next(asking, parameters, found, shown) if shown.more else None,
        notes=profile.notes,
    )


def _instant(asking: Asking, parameters: RoleMatches) -> int:
    return asking.now if parameters.as_of is None else parameters.as_of


def _profile(asking: Asking, parameters: RoleMatches, at: int) -> Profile:
    if (parameters.role is None) == (parameters.profile is None):
        raise either("role", parameters.role)
    if parameters.role is not None:
        return stated(asking, "role", parameters.role, at, parameters.threshold)
    return ad_hoc(asking, parameters.profile or [], parameters.threshold)


def narrowed(asking: Asking, parameters: RoleMatches, at: int) -> Who | None:
    """Who is ranked: whom the viewer may see, and every filter lets through; None: everyone."""
    let = list(_filters(asking, parameters, at))
    if len(let) < 2:
        return let[0] if let else None
    mask = let[0].mask & let[1].mask
    for each in let[2:]:
        mask &= each.mask
    return Who(mask)


def _filters(asking: Asking, parameters: RoleMatches, at: int) -> Iterator[Who]:
    index = asking.index
    seen = index.visible(asking.viewer, asking.now)
    if seen is not None:
        yield Who(seen)
    for field, ids, type in (("cohort", parameters.cohort, "Cohort"), ("org_unit", parameters.org_unit, "OrgUnit")):
        if ids is not None:
            groups = nodes_of(asking, [(field, id) for id in ids], (type,))
            yield index.who([group.id for group in groups], at)
    if parameters.location is not None:
        yield Who(index.located(parameters.location, at))
    if parameters.kind is not None:
        internal = index.internal(at)
        yield Who(internal if parameters.kind == "internal" else ~internal)
    if parameters.applied_to is not None:
        opening = node_of(asking, "applied_to", parameters.applied_to, ("Requisition",))
        yield Who(index.applied_to(opening.id, at))
    if parameters.people is not None:
        yield Who(_among(persons_of(asking, "people", parameters.people, seen), index.people.count))
    if parameters.exclude is not None:
        yield Who(~_among(persons_of(asking, "exclude", parameters.exclude, seen), index.people.count))


def _among(numbers: Sequence[int], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask


def _next(asking: Asking, parameters: RoleMatches, found: Match, shown: Ranked) -> str:
    points, ready = told(shown.keys[-1], found.profile.of)
    place = cursor.Place(found.counting.at, ready, points, asking.index.people.id_of(shown.persons[-1]))
    return cursor.write(NAME, parameters, place)


def _rows(asking: Asking, found: Match, shown: Ranked, explained: bool) -> list[dict[str, Any]]:
    names, met = person_labels(asking, shown.persons), found.met(np.array(shown.persons, np.int32))
    rows = [
        {
            "person": asking.index.people.id_of(person),
            "label": names[person],
            "rank": rank,
            **_score(found, key, number),
            "requirements": [],
            "closed_by": [],
            "credentials": [],
        }
        for person, key, rank, number in zip(shown.persons, shown.keys, shown.ranks, met, strict=True)
    ]
    if explained and rows:
        _explain(asking, found, _held(asking, found, shown.persons), rows)
    return rows


def _held(asking: Asking, found: Match, persons: Sequence[int]) -> dict[int, list[Held]]:
    """What each of a page holds towards each requirement."""
    skills = tuple(dict.fromkeys(skill for reach in found.reaches for skill in reach))
    postings = that_count(asking.index.postings_of(skills, _ascending(persons)), found.counting.any)
    return held_towards(postings, found.counting, persons, found.profile.requirements, found.reaches)


def _ascending(persons: Sequence[int]) -> NDArray[np.int32]:
    return np.array(sorted(persons), np.int32)


def _score(found: Match, key: int, met: int) -> dict[str, Any]:
    profile = found.profile
    points, ready = told(key, profile.of)
    return {
        "ready": ready,
        "score": score(points, profile.of),
        "points": points,
        "of": profile.of,
        "met": met,
        "required": len(profile.requirements),
    }


def _explain(
    asking: Asking,
    found: Match,
    held: Mapping[int, Sequence[Held]],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Fill in what each row rests on; evidence ids and labels are read once for the page."""
    persons, requirements = list(held), found.profile.requirements
    required = found.profile.credentials
    postings = asking.index.credentials_of(required, _ascending(persons))
    credentials = Credentials.of(required, that_count(postings, found.counting.credentials))
    keys = [key for person in persons for has in held[person] for key in has.evidence]
    ids = evidence_ids(asking, [*keys, *(key for person in persons for key in credentials.keys(person))])
    names = profile_labels(asking, found.profile)
    closing = _closing(asking, found, held.values())
    nothing = [requirement_row(one, names[one.skill]) for one in requirements]
    for person, row in zip(persons, rows, strict=True):
        holds = held[person]
        row["requirements"] = [held_row(none, has, ids) for none, has in zip(nothing, holds, strict=True)]
        row["closed_by"] = [
            each for place, closes in closing if holds[place].level < requirements[place].level for each in closes
        ]
        row["credentials"] = credentials.rows(person, names, ids)


def _closing(
    asking: Asking, found: Match, page: Iterable[Sequence[Held]]
) -> Sequence[tuple[int, Sequence[dict[str, Any]]]]:
    """For each requirement that anyone on the page misses, by its place, what closes it: `Closing` as plain dicts."""
    requirements = found.profile.requirements
    places = sorted({place for held in page for place, has in enumerate(held) if has.level < requirements[place].level})
    missed = [requirements[place] for place in places]
    closing = closers(asking, missed, [found.reaches[place] for place in places], found.counting.at)
    rows = ([closing_row(one.skill, close) for close in closes] for one, closes in zip(missed, closing, strict=True))
    return list(zip(places, rows, strict=True))


QUESTION = Question(
    NAME,
    RoleMatches,
    RoleMatch,
    "match",
    answer,
    examples={
        "ready-for-a-role": {"role": "demo-role:cloud-engineer", "as_of": "2026-06-30", "limit": 2, "ready_only": True},
        "applicants-of-an-opening": {
            "role": "demo-requisition:cloud-engineer",
            "applied_to": "demo-requisition:cloud-engineer",
            "as_of": "2026-06-30",
            "limit": 2,
        },
        "profile-of-your-own": {
            "profile": [
                {"skill": "ats-skill:k8s", "level": 2, "weight": 3, "kind": "must", "proof": "shown"},
                {"skill": "ats-skill:terraform", "level": 1},
            ],
            "kind": "internal",
            "as_of": "2026-06-30",
            "limit": 2,
        },
    },
)
