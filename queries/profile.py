"""Profiles: what a role, an opening or an ad-hoc list requires at an instant (design section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from graph.store import Edge, Node
from ontology.model import load_model
from queries import sentences
from queries.fields import THOUSAND, Id, Level, Proof, Reach, RequirementKind
from queries.lookup import home_level, in_force, node_of, nodes_of, text_of, whole
from queries.memory import Sort
from queries.question import Asking
from queries.refusals import no_such_level, several_roles, twice

PARTS = 420
"""lcm(1..7): what a level is counted in, so that a share of any needed level is a whole number."""

DEFAULT_THRESHOLD = 800
"""Thousandths of the core, where neither the question, the opening nor the role says otherwise."""

HEAVIEST = load_model().edges["REQUIRES"].properties["weight"].maximum
KINDS = ("must", "essential", "preferred")
CORE = ("must", "essential")
PROFILE_TYPES = ("Role", "Requisition")


class Wanted(BaseModel):
    """One requirement of an ad-hoc profile, as JSON gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skill: Annotated[Id, Field(description="The skill's id.")]
    level: Annotated[Level, Field(description="The level needed, of the home scale.")]
    weight: Annotated[int, Field(ge=1, le=HEAVIEST, description="How much it counts.")] = 1
    kind: Annotated[RequirementKind, Field(description="must, essential or preferred.")] = "essential"
    reach: Annotated[Reach, Field(description="Whether narrower skills count too.")] = "exact"
    proof: Annotated[Proof, Field(description="Whether only what was shown counts.")] = "any"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement in force, its level a rank of the home scale."""

    skill: str
    level: int
    weight: int
    kind: str = "essential"
    reach: str = "exact"
    proof: str = "any"
    rationale: str | None = None

    @property
    def gain(self) -> int:
        """Points for each level held, up to the one needed."""
        return self.weight * (PARTS // self.level)

    @property
    def most(self) -> int:
        """Points of who holds the level needed."""
        return self.weight * PARTS

    @property
    def core(self) -> bool:
        """Whether readiness counts it."""
        return self.kind in CORE


@dataclass(frozen=True)
class Profile:
    """What is required at one instant; requirements are ordered must first, then by weight, then by skill id."""

    requirements: tuple[Requirement, ...]
    credentials: tuple[str, ...] = ()
    threshold: int = DEFAULT_THRESHOLD  # thousandths
    notes: tuple[str, ...] = field(default=())

    def with_threshold(self, threshold: int | None) -> Profile:
        """The same with a question's own threshold; None: it has none."""
        return self if threshold is None else replace(self, threshold=threshold)

    @cached_property
    def of(self) -> int:
        """The points of who meets everything."""
        return sum(requirement.most for requirement in self.requirements)

    @cached_property
    def core_of(self) -> int:
        """The same over must and essential."""
        return sum(requirement.most for requirement in self.requirements if requirement.core)

    @property
    def least(self) -> int:
        """The points of the core that make ready; more than there are where nothing is core."""
        return -(-self.threshold * self.core_of // THOUSAND) if self.core_of else self.of + 1


_PROFILES: Final[Sort[tuple[int, str], Profile]] = Sort("profiles", most=1_000)
_NAMED: Final[Sort[str, tuple[str, tuple[str, ...]]]] = Sort("named skills", most=10_000)


def ad_hoc(asking: Asking, wanted: Sequence[Wanted], threshold: int | None) -> Profile:
    """The profile of a question that brings its own requirements."""
    skills = _skills_named(asking, [item.skill for item in wanted])
    requirements = []
    seen: set[str] = set()
    for place, (item, (id, _)) in enumerate(zip(wanted, skills, strict=True)):
        if id in seen:
            raise twice(f"profile.{place}.skill", item.skill)
        seen.add(id)
        check_level(asking, f"profile.{place}.level", item.level)
        requirements.append(Requirement(id, item.level, item.weight, item.kind, item.reach, item.proof))
    notes = [sentences.replaced(id, newer) for id, newer in skills if newer]
    return _profile(requirements, (), _first_of(threshold, DEFAULT_THRESHOLD), notes)


def _skills_named(asking: Asking, texts: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The skills that a profile names, in its order: their ids, and what replaced them."""

    def read(missing: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
        nodes = nodes_of(asking, [(f"profile.{texts.index(text)}.skill", text) for text in missing], ("Skill",))
        return [(node.id, _newer(node)) for node in nodes]

    return asking.memory.all(_NAMED, texts, read)


def _newer(skill: Node) -> tuple[str, ...]:
    newer = skill.properties.get("replaced_by")
    return newer if isinstance(newer, tuple) else ()


def check_level(asking: Asking, field: str, level: int) -> None:
    """Raise `QuestionError` for a level that the home scale does not have."""
    if level > asking.index.home.maximum:
        raise no_such_level(field, level, asking.index.home.levels)


def stated(asking: Asking, field: str, text: str, at: int, threshold: int | None = None) -> Profile:
    """The profile of a role, or of an opening, in force at an instant.

    An opening's own requirements, if any is in force, replace those of its role; the role's required credentials
    stay. The threshold is the question's, else the opening's, else the role's, else the default.
    """
    key = asking.memory.part(at), text
    profile = asking.memory.one(_PROFILES, key, lambda: _stated(asking, field, text, at))
    return profile.with_threshold(threshold)


def _stated(asking: Asking, field: str, text: str, at: int) -> Profile:
    node = node_of(asking, field, text, PROFILE_TYPES)
    if node.type == "Role":
        return profiles(asking, [node], at)[node.id]
    edges = asking.store.expand([node.id], asking.viewer, ("FOR_ROLE", "REQUIRES", "REQUIRES_CREDENTIAL"))
    role = _role_of(asking, field, [edge.end for edge in edges if edge.type == "FOR_ROLE"])
    inherited = profiles(asking, [role], at)[role.id] if role else Profile(())
    own, notes = _requirements(asking, edges, at)
    if not own:
        own, notes = list(inherited.requirements), list(inherited.notes)
    credentials = [*_credentials(edges), *inherited.credentials]
    return _profile(own, credentials, _first_of(_own_threshold(node), inherited.threshold), notes)


def _role_of(asking: Asking, field: str, ids: Sequence[str]) -> Node | None:
    """The role an opening is for."""
    if len(ids) > 1:
        raise several_roles(field, ids, sorted(ids))
    return node_of(asking, field, ids[0], ("Role",)) if ids else None


def profiles(asking: Asking, roles: Iterable[Node], at: int) -> Mapping[str, Profile]:
    """The profiles of roles in force at an instant, by role id; two store calls however many they are."""
    nodes = {role.id: role for role in roles}
    edges: dict[str, list[Edge]] = {id: [] for id in nodes}
    for edge in asking.store.expand(list(nodes), asking.viewer, ("REQUIRES", "REQUIRES_CREDENTIAL")):
        edges[edge.start].append(edge)
    found = {}
    for id, node in nodes.items():
        requirements, notes = _requirements(asking, edges[id], at)
        chosen = _first_of(_own_threshold(node), DEFAULT_THRESHOLD)
        found[id] = _profile(requirements, _credentials(edges[id]), chosen, notes)
    return found


def _requirements(asking: Asking, edges: Iterable[Edge], at: int) -> tuple[list[Requirement], list[str]]:
    """The requirements of REQUIRES edges in force, and a note for each that asks for nothing."""
    found, said = [], []
    for edge in edges:
        if edge.type != "REQUIRES" or not in_force(edge, at):
            continue
        level = home_level(asking, edge, at)
        if level:
            found.append(_requirement(edge, level))
        else:
            said.append(sentences.left_out(edge.start, edge.end))
    return found, said


def _requirement(edge: Edge, level: int) -> Requirement:
    own = edge.properties
    return Requirement(
        edge.end,
        level,
        whole(own.get("weight"), 1),
        text_of(own, "kind", "essential"),
        text_of(own, "reach", "exact"),
        text_of(own, "proof", "any"),
        text_of(own, "rationale", "") or None,
    )


def _credentials(edges: Iterable[Edge]) -> list[str]:
    return [edge.end for edge in edges if edge.type == "REQUIRES_CREDENTIAL"]


def _first_of(*thresholds: int | None) -> int:
    """The first threshold that is stated."""
    return next(one for one in thresholds if one is not None)


def _own_threshold(node: Node) -> int | None:
    """A node's threshold in thousandths; what lies between two thousandths asks for the higher."""
    held = node.properties.get("threshold")
    return None if held is None else -(-whole(held, 0) // THOUSAND)


def _profile(
    requirements: Iterable[Requirement], credentials: Iterable[str], threshold: int, notes: Iterable[str]
) -> Profile:
    ordered = tuple(sorted(requirements, key=lambda one: (KINDS.index(one.kind), -one.weight, one.skill)))
    said = list(notes)
    if not ordered:
        said.append(sentences.nothing_required())
    elif not any(one.core for one in ordered):
        said.append(sentences.no_core())
    return Profile(ordered, tuple(sorted(set(credentials))), threshold, tuple(dict.fromkeys(said)))
