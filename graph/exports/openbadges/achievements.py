"""Achievements of Open Badges: what a credential attests, or that a skill is held, with the levels there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from graph.exports.openbadges.terms import ACHIEVEMENT_TYPES, SKILL_TYPE, Issuer
from graph.index import Index
from graph.store import Edge, Node, Store
from graph.viewer import Viewer
from ontology.ids import Prefixes
from ontology.values import OPEN

Thing = dict[str, Any]
_ATTESTS = "ATTESTS"


@dataclass(frozen=True, slots=True)
class Achieved:
    """An achievement, and the results with which somebody reached it."""

    achievement: Thing
    results: list[Thing]


@dataclass(slots=True)
class Achievements:
    """Makes achievements of one state of a store; what was read for one is there for the next."""

    store: Store
    index: Index
    viewer: Viewer
    issuer: Issuer
    _nodes: dict[str, Node | None] = field(default_factory=dict)
    _attested: dict[str, list[Edge]] = field(default_factory=dict)

    def read(self, ids: Iterable[str]) -> None:
        """Have skills and credentials at hand, and the skills that these attest."""
        credentials = [id for id in self._fresh(ids) if (node := self._nodes[id]) and node.type == "Credential"]
        for edge in self.store.expand(credentials, self.viewer, [_ATTESTS]) if credentials else ():
            self._attested.setdefault(edge.start, []).append(edge)
        self._fresh(edge.end for id in credentials for edge in self._attested.get(id, ()))

    def _fresh(self, ids: Iterable[str]) -> list[str]:
        missing = [id for id in dict.fromkeys(ids) if id not in self._nodes]
        found = self.store.many(missing, self.viewer) if missing else {}
        self._nodes.update({id: found.get(id) for id in missing})
        return missing

    def of(self, id: str, level: int = 0, shown: int = 0) -> Achieved | None:
        """What holding a skill at a level, or a credential shown then, is; None for all else, and for a word."""
        node = self._nodes.get(id)
        if node is not None and node.type == "Credential":
            return self._of_credential(node, shown)
        if node is None or node.type != "Skill" or node.properties.get("type") == "word":
            return None
        return self._of_skill(node, level)

    def _of_skill(self, node: Node, level: int) -> Achieved:
        made = self._achievement(node, self.issuer.achievement(node.id), SKILL_TYPE)
        narrative = "What was taught or shown supports the skill at the level that the result tells."
        made["criteria"] = {"narrative": narrative}
        return self._with_levels(made, [(node, level)])

    def _of_credential(self, node: Node, shown: int) -> Achieved:
        kind = ACHIEVEMENT_TYPES.get(str(node.properties.get("type", "certificate")), "Badge")
        made = self._achievement(node, self._prefixes.expand(node.id), kind)
        edges = sorted(self._attested.get(node.id, ()), key=lambda edge: edge.end)
        in_force = [edge for edge in edges if _begins(edge) <= shown < _ends(edge)]  # as its evidence supports
        attested = [(self._nodes.get(edge.end), self._rank(edge, shown)) for edge in in_force]
        skills = [(skill, rank) for skill, rank in attested if skill is not None]
        names = ", ".join(f"{_label(skill)} ({self._level_name(rank)})" for skill, rank in skills)
        made["criteria"] = {"narrative": f"Attests: {names}." if names else made["description"]}
        return self._with_levels(made, skills)

    def _rank(self, edge: Edge, shown: int) -> int:
        scale = edge.properties.get("scale")
        return self.index.rank(_whole(edge.properties.get("level"), 0), str(scale) if scale else None, shown)

    def _achievement(self, node: Node, iri: str, kind: str) -> Thing:
        description = str(node.properties.get("description", "")) or _label(node)
        code = node.properties.get("code")
        made = {"id": iri, "type": ["Achievement"], "achievementType": kind, "name": _label(node)}
        return {**made, "description": description, **({"humanCode": str(code)} if code else {})}

    def _with_levels(self, made: Thing, skills: Sequence[tuple[Node, int]]) -> Achieved:
        """The achievement with the skills that it is about; of each, how it is judged, and what was reached."""
        if not skills:
            return Achieved(made, [])
        alignments = [self._alignment(skill) for skill, _ in skills]
        described = [self._description(made["id"], each) for each in alignments]
        results = [
            {"type": ["Result"], "resultDescription": description["id"], "achievedLevel": self._level_iri(rank)}
            for description, (_, rank) in zip(described, skills, strict=True)
            if rank
        ]
        return Achieved({**made, "alignment": alignments, "resultDescription": described}, results)

    def _alignment(self, skill: Node) -> Thing:
        iri = self._prefixes.expand(skill.id)
        made = {"type": ["Alignment"], "targetName": _label(skill), "targetUrl": iri, "targetFramework": skill.source}
        if iri.startswith(self.issuer.base):
            made["targetType"] = "CFItem"  # what it is at our own addresses of CASE
        code = skill.properties.get("code")
        return {**made, **({"targetCode": str(code)} if code else {})}

    def _description(self, achievement: str, alignment: Thing) -> Thing:
        key = f"{achievement} {alignment['targetUrl']}"
        return {
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, key)}",
            "type": ["ResultDescription"],
            "name": f"Level of {alignment['targetName']}",
            "resultType": "RubricCriterionLevel",
            "alignment": [alignment],
            "rubricCriterionLevel": [self._level(rank) for rank, _ in self.index.home.levels],
        }

    def _level(self, rank: int) -> Thing:
        name = self._level_name(rank)
        made = {"id": self._level_iri(rank), "type": ["RubricCriterionLevel"], "name": name, "level": name}
        return {**made, "points": str(rank)}

    def _level_iri(self, rank: int) -> str:
        return self._prefixes.expand(dict(self.index.home.levels)[rank])

    def _level_name(self, rank: int) -> str:
        id = dict(self.index.home.levels).get(rank, "")
        self._fresh([id] if id else [])
        node = self._nodes.get(id)
        return _label(node) if node else str(rank)

    @property
    def _prefixes(self) -> Prefixes:
        return self.store.model.prefixes


def _label(node: Node) -> str:
    return str(node.properties.get("label") or node.id)


def _begins(edge: Edge) -> int:
    return _whole(edge.properties.get("since"), 0)


def _ends(edge: Edge) -> int:
    return _whole(edge.properties.get("until"), OPEN)


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
