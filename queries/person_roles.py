"""Which roles a person is ready for, or nearest to: roles, ranked.

Roles the person is ready for come first, then those with more of their points, as a share of all points of that role.
Roles towards which the person has no points are not in the answer, nor are draft and retired ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Annotated, Any

from pydantic import Field

from graph.store import Node
from queries.fields import AsOf, Kinds, Limit, MaxAge, PersonId, VerifiedOnly
from queries.held import Held, is_ready, points_of
from queries.lookup import label_of, labels, offered
from queries.matching import reaches_of
from queries.one import One, one_of
from queries.profile import Profile, profiles
from queries.question import Answer, Asking, Parameters, Question, Row
from queries.rows import Credentials, Part, score


class PersonRoles(Parameters):
    """Whose roles, when, and what counts."""

    person: PersonId
    as_of: AsOf = None
    limit: Annotated[Limit, Field(description="How many roles.")] = 20
    evidence_kinds: Kinds = None
    max_age: MaxAge = None
    verified_only: VerifiedOnly = False


class Missing(Part):
    """A requirement that is not met."""

    skill: Annotated[str, Field(description="The required skill.")]
    label: Annotated[str | None, Field(description="Its label.")]
    needed: Annotated[int, Field(description="The level needed.")]
    held: Annotated[int, Field(description="The level held, 0 for none.")]
    kind: Annotated[str, Field(description="must, essential or preferred.")]


class RoleHeld(Row):
    """A role, and how the person meets it."""

    role: Annotated[str, Field(description="The role's id.")]
    label: Annotated[str | None, Field(description="Its label.")]
    rank: Annotated[int, Field(description="1 is first; equals share a rank.")]
    ready: Annotated[bool, Field(description="Meets every must and credential, and the role's threshold.")]
    score: Annotated[float, Field(description="points / of, to six decimals.")]
    points: Annotated[int, Field(description="Weighted points for what is held, up to what is needed.")]
    of: Annotated[int, Field(description="The points of who meets everything.")]
    met: Annotated[int, Field(description="How many requirements are met.")]
    required: Annotated[int, Field(description="How many requirements there are.")]
    missing: Annotated[list[Missing], Field(description="Requirements that are not met.")]
    missing_credentials: Annotated[list[str], Field(description="Required credentials that are not held.")]


@dataclass(frozen=True, slots=True)
class Fit:
    """One person's standing towards one role."""

    node: Node
    profile: Profile
    held: Sequence[Held]
    points: int
    ready: bool
    lacking: Sequence[str]  # credentials

    @property
    def standing(self) -> tuple[bool, Fraction]:
        """What ranks it; compared exactly."""
        return self.ready, Fraction(self.points, self.profile.of)


def answer(asking: Asking, parameters: PersonRoles) -> Answer:
    """Judge every role that any held skill counts for."""
    one = one_of(asking, parameters, parameters.person)
    candidates = _candidates(asking, {interval.skill for interval in one.intervals})
    required = profiles(asking, candidates, one.at)
    credentials = one.credentials(asking, sorted({id for each in required.values() for id in each.credentials}))
    fits = _fits(asking, one, candidates, required, credentials)
    ranked = sorted((fit for fit in fits if fit.points), key=_order)
    return _answer(asking, ranked, parameters.limit, one.at)


def _fits(
    asking: Asking, one: One, roles: Sequence[Node], required: Mapping[str, Profile], credentials: Credentials
) -> list[Fit]:
    """The person's standing towards each role; what is held is worked out for all of them at once."""
    requirements = [each for role in roles for each in required[role.id].requirements]
    held = iter(one.towards(requirements, reaches_of(asking.index, requirements)))
    return [
        _fit(one, role, required[role.id], list(islice(held, len(required[role.id].requirements))), credentials)
        for role in roles
    ]


def _fit(one: One, node: Node, profile: Profile, held: Sequence[Held], credentials: Credentials) -> Fit:
    lacking = [id for id in profile.credentials if (one.number, id) not in credentials.held]
    points = points_of(profile.requirements, held)
    return Fit(node, profile, held, points, is_ready(profile, held, not lacking), lacking)


def _order(fit: Fit) -> tuple[bool, Fraction, str]:
    ready, share = fit.standing
    return not ready, -share, fit.node.id


def _candidates(asking: Asking, held: Iterable[str]) -> list[Node]:
    """Roles that require any skill the held ones count for."""
    skills = _counted_for(asking, held)
    edges = asking.store.expand(sorted(skills), asking.viewer, ("REQUIRES",), incoming=True)
    nodes = asking.store.many(sorted({edge.start for edge in edges}), asking.viewer)
    return [node for node in nodes.values() if node.type == "Role" and offered(node)]


def _counted_for(asking: Asking, held: Iterable[str]) -> set[str]:
    """Every skill that one of the held ones may be in reach of: reach, walked backwards and at its widest."""
    known = set(held)
    ahead = known
    while ahead:
        ids = sorted(ahead)
        forth = asking.store.expand(ids, asking.viewer, ("EXACT_MATCH", "BROADER"))
        back = asking.store.expand(ids, asking.viewer, ("EXACT_MATCH",), incoming=True)
        successors = _successors(asking.store.many(ids, asking.viewer))
        ahead = ({edge.end for edge in forth} | {edge.start for edge in back} | successors) - known
        known = known | ahead
    return known


def _successors(nodes: Mapping[str, Node]) -> set[str]:
    """What replaced some skills."""
    stated = [node.properties.get("replaced_by") for node in nodes.values()]
    return {id for one in stated if one for id in (one if isinstance(one, tuple) else (str(one),))}


def _answer(asking: Asking, fits: Sequence[Fit], limit: int, at: int) -> Answer:
    shown = fits[:limit]
    cut = sum(fit.standing == shown[-1].standing for fit in fits[len(shown) :]) if shown else 0
    names = labels(asking, (one.skill for fit in shown for one in fit.profile.requirements))
    rows: list[dict[str, Any]] = []
    for place, fit in enumerate(shown):
        tied = place > 0 and fit.standing == shown[place - 1].standing
        rows.append(_row(asking, fit, rows[-1]["rank"] if tied else place + 1, names))
    return Answer(rows, len(fits), at, asking.index.number, cut_ties=cut)


def _row(asking: Asking, fit: Fit, rank: int, names: Mapping[str, str | None]) -> dict[str, Any]:
    pairs = list(zip(fit.profile.requirements, fit.held, strict=True))
    missing = [(one, has) for one, has in pairs if has.level < one.level]
    return {
        "role": fit.node.id,
        "label": label_of(asking, fit.node),
        "rank": rank,
        "ready": fit.ready,
        "score": score(fit.points, fit.profile.of),
        "points": fit.points,
        "of": fit.profile.of,
        "met": len(pairs) - len(missing),
        "required": len(pairs),
        "missing": [
            {"skill": one.skill, "label": names[one.skill], "needed": one.level, "held": has.level, "kind": one.kind}
            for one, has in missing
        ],
        "missing_credentials": list(fit.lacking),
    }


QUESTION = Question(
    "person-roles",
    PersonRoles,
    RoleHeld,
    "match",
    answer,
    examples={"one-person": {"person": "lms:U4711", "as_of": "2026-06-30", "limit": 3}},
)
