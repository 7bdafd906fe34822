"""Time alone begins and ends what is held."""

from __future__ import annotations

from graph.neo4j.engine import Neo4jStore
from ontology.values import parse_instant
from tests.derived.conftest import Clock, Holds, Say, evidence

_DUE = "MATCH (p:Learner) WHERE p._due IS NOT NULL RETURN p.id, p._due"


def test_what_expires_is_held_until_then_and_no_longer(say: Say, holds: Holds, clock: Clock) -> None:
    say(Evidence=[evidence("1", "completion", "2024-02-29", about="course:pods")])
    clock.set("2025-02-27T23:59:59Z")
    assert holds("ann", "pods") == 2
    clock.set("2025-02-28")
    assert holds("ann", "pods") == 0


def test_what_begins_later_is_held_from_then_on(say: Say, holds: Holds, clock: Clock) -> None:
    say(Evidence=[evidence("1", "interview", "2025-03-01", skill="skill:talk", level="2")])
    assert holds("ann", "talk") == 0
    clock.set("2025-03-01")
    assert holds("ann", "talk") == 2


def test_a_lower_level_shows_again_when_the_higher_ends(say: Say, holds: Holds, clock: Clock) -> None:
    lasting = evidence("2", "interview", skill="skill:pods", level="1")
    say(Evidence=[evidence("1", "completion", about="course:pods"), lasting])
    assert holds("ann", "pods") == 2
    clock.set("2025-06-01")
    assert holds("ann", "pods") == 1


def test_it_is_known_when_to_look_again(store: Neo4jStore, say: Say, holds: Holds, clock: Clock) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    holds("ann", "pods")
    assert store.server.read(_DUE) == [["person:ann", parse_instant("2025-06-01")[0]]]
    clock.set("2025-06-01")
    holds("ann", "pods")
    assert store.server.read(_DUE) == [], "nothing of hers begins or ends any more"
