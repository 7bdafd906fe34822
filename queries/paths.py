"""The order to learn in: prerequisites before what needs them, without those that are fulfilled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.store import Node
from ontology.values import OPEN, add_duration
from queries.lookup import whole
from queries.question import Asking

VOID = ("broken", "revoked")


def fulfilled(asking: Asking, person: int, at: int) -> frozenset[str]:
    """Learning objects a person has completed, or was let off, by completions that hold at an instant."""
    members = asking.index.people.members(person)
    evidence = asking.store.facts("Evidence", {"learner": members}, asking.viewer)
    done = [one for one in evidence if _completes(one)]
    objects = asking.store.many([str(one.properties["about"]) for one in done], asking.viewer)
    return frozenset(
        str(one.properties["about"]) for one in done if _holds(one, objects.get(str(one.properties["about"])), at)
    )


def _completes(evidence: Node) -> bool:
    own = evidence.properties
    return (
        own.get("kind") == "completion"
        and "about" in own
        and own.get("outcome") != "failed"
        and "withdrawn_at" not in own
        and own.get("verification") not in VOID
    )


def _holds(evidence: Node, about: Node | None, at: int) -> bool:
    shown = whole(evidence.properties.get("shown_at"), OPEN)
    validity = about.properties.get("validity") if about else None
    lasting = add_duration(shown, str(validity)) if validity else OPEN
    return shown <= at < whole(evidence.properties.get("expires_at"), lasting)


@dataclass
class Paths:
    """What has to be learnt before what."""

    needs: Mapping[str, Sequence[str]]
    done: frozenset[str]

    @classmethod
    def of(cls, asking: Asking, goals: Iterable[str], done: frozenset[str]) -> Paths:
        """Read everything that any of the goals needs; one store call a step."""
        needs: dict[str, list[str]] = {}
        ahead = sorted(set(goals))
        while ahead:
            needs.update({id: [] for id in ahead})
            for edge in asking.store.expand(ahead, asking.viewer, ("PREREQUISITE",)):
                needs[edge.start].append(edge.end)
            ahead = sorted({end for id in ahead for end in needs[id] if end not in needs and end not in done})
        return cls({id: sorted(ends) for id, ends in needs.items()}, done)

    def to(self, goals: Sequence[str]) -> list[str]:
        """The goals in their order, each after whatever it needs that is not fulfilled; nothing twice."""
        order: dict[str, None] = {}
        for goal in goals:
            self._visit(goal, order)
        return list(order)

    def _visit(self, goal: str, order: dict[str, None]) -> None:
        stack = [(goal, iter(self.needs.get(goal, ())))]
        entered = {goal}
        while stack:
            id, rest = stack[-1]
            need = next((one for one in rest if one not in self.done and one not in entered), None)
            if need is None:
                order.setdefault(id)
                stack.pop()
            else:
                entered.add(need)
                stack.append((need, iter(self.needs.get(need, ()))))
