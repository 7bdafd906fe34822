"""The order to learn in: prerequisites before what needs them, without those that are fulfilled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from queries.question import Asking


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
