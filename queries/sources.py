"""What teaches, measures or attests skills, by the rule edges in force at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph.store import Edge, Node
from ontology.values import parse_cut_scores
from queries.lookup import home_level, in_force, label_of, offered
from queries.memory import Sort
from queries.profile import Requirement
from queries.question import Asking

RELATIONS = {"TEACHES": "teaches", "MEASURES": "measures", "ATTESTS": "attests"}


@dataclass(frozen=True, slots=True)
class SkillSource:
    """One learning object, assessment or credential towards one skill; levels are home ranks."""

    node: Node
    relation: str
    skill: str
    level: int  # the highest it can give
    cut_scores: tuple[tuple[int, int], ...] = ()  # (level, millionths), of an assessment


def sources_of(asking: Asking, skills: Iterable[str], types: Sequence[str], at: int) -> list[SkillSource]:
    """Sources of skills through rule edges of the given types, of what is offered; by skill, level and id."""
    edges = asking.store.expand(list(dict.fromkeys(skills)), asking.viewer, types, incoming=True)
    current = [edge for edge in edges if in_force(edge, at)]
    nodes = asking.store.many(list({edge.start for edge in current}), asking.viewer)
    found = [_source(asking, edge, nodes[edge.start], at) for edge in current if offered(nodes.get(edge.start))]
    return sorted(found, key=lambda one: (one.skill, one.level, one.node.id))


def _source(asking: Asking, edge: Edge, node: Node, at: int) -> SkillSource:
    if edge.type != "MEASURES":
        return SkillSource(node, RELATIONS[edge.type], edge.end, home_level(asking, edge, at))
    cuts = parse_cut_scores(str(edge.properties.get("cut_scores", "")))
    return SkillSource(node, RELATIONS[edge.type], edge.end, max(level for level, _ in cuts), cuts)


@dataclass(frozen=True, slots=True)
class Closer:
    """A learning object that gives what a requirement needs."""

    id: str
    label: str | None
    level: int


class _Need(NamedTuple):
    """What of a requirement decides what closes it, and when that is asked."""

    part: int  # of all instants: see `queries.memory`
    skill: str
    reach: str  # its name: while anything is remembered, the same skills are in it
    level: int
    proof: str


_CLOSERS: Final[Sort[_Need, tuple[Closer, ...]]] = Sort("closers", most=5_000)


def closers(
    asking: Asking,
    requirements: Sequence[Requirement],
    reaches: Sequence[Iterable[str]],
    at: int,
) -> list[tuple[Closer, ...]]:
    """For each requirement the learning objects that close it, by level, then id.

    One closes a requirement when it teaches a skill in its reach to the level needed. Where only what was shown
    counts, finishing a course proves nothing: then it is one whose assessment measures that skill up to that level.
    """
    part = asking.memory.part(at)
    needs = [_Need(part, one.skill, one.reach, one.level, one.proof) for one in requirements]
    within = dict(zip(needs, reaches, strict=True))
    return asking.memory.all(_CLOSERS, needs, lambda missing: _closers(asking, missing, within, at))


def _closers(
    asking: Asking, needs: Sequence[_Need], within: Mapping[_Need, Iterable[str]], at: int
) -> list[tuple[Closer, ...]]:
    skills = sorted({skill for need in needs for skill in within[need]})
    types = ("TEACHES", "MEASURES") if any(need.proof == "shown" for need in needs) else ("TEACHES",)
    found = sources_of(asking, skills, types, at)
    taught = [one for one in found if one.relation == "teaches"]
    assessed = _assessed(asking, [one for one in found if one.relation == "measures"])
    by_skill = {"any": _by_skill(taught), "shown": _by_skill(assessed)}
    return [_closing(asking, within[need], need.level, by_skill[need.proof]) for need in needs]


def _closing(
    asking: Asking, reach: Iterable[str], level: int, by_skill: Mapping[str, Sequence[SkillSource]]
) -> tuple[Closer, ...]:
    levels: dict[str, Closer] = {}
    for source in (source for skill in reach for source in by_skill.get(skill, ())):
        known = levels.get(source.node.id)
        if source.level >= level and (known is None or known.level < source.level):
            levels[source.node.id] = Closer(source.node.id, label_of(asking, source.node), source.level)
    return tuple(sorted(levels.values(), key=lambda one: (one.level, one.id)))


def _by_skill(sources: Iterable[SkillSource]) -> Mapping[str, Sequence[SkillSource]]:
    found: dict[str, list[SkillSource]] = {}
    for source in sources:
        found.setdefault(source.skill, []).append(source)
    return found


def _assessed(asking: Asking, assessments: Iterable[SkillSource]) -> list[SkillSource]:
    """The learning objects that end in some assessments, by what these measure."""
    measured: dict[str, list[SkillSource]] = {}
    for source in assessments:
        measured.setdefault(source.node.id, []).append(source)
    if not measured:
        return []
    edges = asking.store.expand(list(measured), asking.viewer, ("ASSESSED_BY",), incoming=True)
    nodes = asking.store.many(list({edge.start for edge in edges}), asking.viewer)
    return [
        SkillSource(nodes[edge.start], one.relation, one.skill, one.level)
        for edge in edges
        if offered(nodes.get(edge.start))
        for one in measured[edge.end]
    ]
