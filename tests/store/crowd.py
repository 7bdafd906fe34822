"""What each of many writers writes at once, and what must stand in the store when all have finished.

`python -m tests.store.crowd URL NUMBER` is one of them.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field

from graph.open import open_store
from graph.store import Store
from tests.store.writing import put, rows

WRITERS = 16
UNITS = ("ou:0", "ou:1", "ou:2")  # one a turn

_LEARNERS = 1000
_CHOSEN = 80


@dataclass
class Standing:
    """What is left of each record."""

    learners: dict[str, int] = field(default_factory=dict)  # id -> version
    facts: dict[str, tuple[int, str, int]] = field(default_factory=dict)  # id -> version, learner, score
    memberships: dict[tuple[str, str], int] = field(default_factory=dict)  # learner, unit -> since


def work(store: Store, writer: int) -> None:
    """Learners that others write too, all alike; facts and memberships of them that each writer states otherwise."""
    for turn, chosen in enumerate(_chosen(writer)):
        learners = [{"id": _learner(number), "kind": "internal"} for number in chosen]
        facts = [
            {"id": _fact(number, turn), "learner": _learner(number), "kind": "interview", "score": writer}
            for number in chosen
        ]
        put(store, rows("Learner", *learners, version=turn), rows("Evidence", *facts, version=writer + 1))
        memberships = [{"from": _learner(number), "to": UNITS[turn], "since": writer} for number in chosen]
        put(store, rows("MEMBER_OF", *memberships, version=writer + 1))


def left() -> Standing:
    """Of each record the highest version that anybody wrote, whoever came first."""
    found = Standing()
    for writer in range(WRITERS):  # ascending, as versions are
        for turn, chosen in enumerate(_chosen(writer)):
            for number in chosen:
                id = _learner(number)
                found.learners[id] = max(turn, found.learners.get(id, 0))
                found.facts[_fact(number, turn)] = (writer + 1, id, writer)
                found.memberships[id, UNITS[turn]] = writer
    return found


def _chosen(writer: int) -> list[list[int]]:
    chance = random.Random(writer)
    return [sorted(chance.sample(range(_LEARNERS), _CHOSEN)) for _ in UNITS]


def _learner(number: int) -> str:
    return f"hr:{number}"


def _fact(number: int, turn: int) -> str:
    return f"ev:{number}-{turn}"


if __name__ == "__main__":
    work(open_store(sys.argv[1]), int(sys.argv[2]))
