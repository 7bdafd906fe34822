"""An erasure leaves to all others what is theirs."""

from __future__ import annotations

from graph.neo4j.derived import Deriver
from graph.neo4j.engine import Neo4jStore
from tests.derived.conftest import Clock, Holds, Say, evidence
from tests.derived.told import held


def test_what_others_hold_stays_also_where_the_erased_judged(
    store: Neo4jStore, say: Say, holds: Holds, clock: Clock
) -> None:
    own = [
        {**evidence(name, "interview", skill="skill:talk", level="2"), "learner": f"person:{name}"}
        for name in ("ann", "ben")
    ]
    judged = {"id": "rating:1", "evidence": "evidence:ann", "rater": "person:ben", "skill": "skill:pods", "level": "1"}
    say(Evidence=own, Rating=[judged])
    assert (holds("ann", "talk"), holds("ben", "talk"), holds("ann", "pods")) == (2, 2, 1)
    store.erase("person:ben")
    Deriver(store, clock).catch_up()
    assert held(store) == {("person:ann", "skill:talk"): 2, ("person:ann", "skill:pods"): 1}


def test_who_was_torn_from_others_is_whole_again(store: Neo4jStore, say: Say, holds: Holds, clock: Clock) -> None:
    """Ann and Zoe share an address and have each a number of their own: a contradiction, until one of them goes."""
    stated = [("ann", "email", "a"), ("zoe", "email", "a"), ("ben", "email", "a"), ("ann", "employee-number", "1")]
    stated.append(("zoe", "employee-number", "2"))
    rows = [
        {"id": f"identity:{place}", "learner": f"person:{name}", "system": system, "value": value}
        for place, (name, system, value) in enumerate(stated)
    ]
    ben = {**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}
    say(Learner=[{"id": "person:zoe", "label": "Zoe"}])
    say(Identity=rows, Evidence=[ben])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (0, 2)
    store.erase("person:zoe")
    Deriver(store, clock).catch_up()
    assert held(store) == {("person:ann", "skill:talk"): 2}
