"""People who came after the base of the index was built: judged, placed and paged as everyone else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph.index import IndexKeeper
from graph.loops import Loops, compiled, plain
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import load_rows
from queries.ask import ask
from queries.question import Answer

SKILLS = [{"id": "skill:must"}, {"id": "skill:other"}]
MUST = [{"skill": "skill:must", "level": 1, "kind": "must"}, {"skill": "skill:other", "level": 1, "weight": 9}]
ROLE: dict[str, list[dict[str, Any]]] = {
    "Role": [{"id": "role:one", "label": "one"}],
    "REQUIRES": [{"from": "role:one", "to": "skill:other", "level": 1}],
    "Credential": [{"id": "credential:permit", "label": "permit"}],
    "REQUIRES_CREDENTIAL": [{"from": "role:one", "to": "credential:permit"}],
}
Asked = Callable[..., Answer]


@pytest.fixture(params=[plain, compiled], ids=["plain", "compiled"])
def asked(store: Store, request: pytest.FixtureRequest) -> Asked:
    """Asks an index whose base was built before anybody was there."""
    loops: Loops = request.param
    load_rows(store, "rules", {"Skill": SKILLS, **ROLE}, snapshot_at=1)
    keeper = IndexKeeper(store, Settings(), loops=loops)
    assert keeper.current().people.count == 0

    def question(**raw: Any) -> Answer:
        answer = ask(store, keeper, OPERATOR, "role-matches", {"as_of": "2025-01-01", **raw}, text=False)
        assert keeper.counters.built == 1, "all came by deltas"
        return answer

    return question


def holds(store: Store, *pairs: tuple[str, str]) -> None:
    people = [{"id": f"person:{name}", "kind": "internal"} for name, _ in pairs]
    evidence = [
        {"id": f"evidence:{name}", "learner": f"person:{name}", "kind": "interview", "skill": f"skill:{skill}",
         "level": 1, "shown_at": "2024-01-01"}
        for name, skill in pairs
    ]  # fmt: skip
    load_rows(store, "people", {"Learner": people, "Evidence": evidence}, snapshot_at=2)


def test_a_newcomer_without_a_must_is_not_ready(store: Store, asked: Asked) -> None:
    holds(store, ("ann", "other"))
    (row,) = asked(profile=MUST).rows
    assert (row["person"], row["ready"], row["points"]) == ("person:ann", False, 9 * 420)


def test_a_newcomer_without_a_required_credential_is_not_ready(store: Store, asked: Asked) -> None:
    holds(store, ("ann", "other"))
    (row,) = asked(role="role:one").rows
    assert (row["person"], row["ready"], row["score"]) == ("person:ann", False, 1.0)


def test_newcomers_stand_in_the_order_of_their_ids(store: Store, asked: Asked) -> None:
    holds(store, ("zoe", "other"), ("bob", "other"), ("ann", "must"), ("eve", "other"))
    seen: list[tuple[str, int]] = []
    cursor = None
    while True:
        answer = asked(profile=MUST, limit=1, cursor=cursor)
        seen += [(row["person"].removeprefix("person:"), row["rank"]) for row in answer.rows]
        assert answer.total == 4
        if (cursor := answer.next) is None:
            break
    assert seen == [("bob", 1), ("eve", 1), ("zoe", 1), ("ann", 4)]
