"""An erasure leaves to all others what is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from graph.neo4j.derived import Deriver
from graph.neo4j.derived import deriver as deriver_module
from graph.neo4j.derived.reading import Ints
from graph.neo4j.derived.touched import learners_of
from graph.neo4j.engine import Neo4jStore
from graph.neo4j.traces import texts_left
from tests.derived.conftest import Clock, Holds, Say, evidence, same_person
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


def test_nobody_else_goes_by_the_id_of_who_was_erased(store: Neo4jStore, say: Say, holds: Holds) -> None:
    """Ann and Ben were one person, named by Ann's id, and are two now; what is derived does not say so yet."""
    of_ben = {**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}
    say(Identity=same_person("ann", "ben"), Evidence=[of_ben])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (2, 0)
    say(Identity=same_person("ann", value="b"))

    report = store.erase("person:ann")
    assert (report.records, report.left) == (("person:ann",), ())
    assert store.server.read("MATCH (l:Learner) RETURN l.id, l._person") == [["person:ben", "person:ben"]]
    assert held(store) == {("person:ben", "skill:talk"): 2}


def test_who_gave_a_person_its_id_does_not_keep_the_skills_of_who_was_erased(
    store: Neo4jStore, say: Say, holds: Holds
) -> None:
    own = evidence("1", "assessment", about="lab:pods", score="0.9")
    of_ben = {**evidence("2", "assessment", "2024-07-01", about="lab:pods", score="0.1"), "learner": "person:ben"}
    talk = {**evidence("3", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}
    say(Identity=same_person("ann", "ben"), Evidence=[own, of_ben, talk])
    assert (holds("ann", "talk"), holds("ann", "pods")) == (2, 0), "the later attempt counts"
    say(Identity=same_person("ben", value="b"))

    assert store.erase("person:ben").records == ("person:ben",)
    assert held(store) == {("person:ann", "skill:pods"): 3}


def test_who_derives_while_somebody_is_erased_misses_nothing(
    store: Neo4jStore, say: Say, holds: Holds, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(Identity=same_person("ann", "ben"))
    assert holds("ben", "talk") == 0
    say(Evidence=[{**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}])
    erased = list[str]()

    def meanwhile(*given: Any) -> tuple[Ints, Ints]:
        if not erased:
            say(Identity=same_person("ann", value="b"))
            erased.extend(store.erase("person:ann").records)
        return learners_of(*given)

    monkeypatch.setattr(store, "catch_up", lambda: None)  # it would wait for who derives
    monkeypatch.setattr(deriver_module, "learners_of", meanwhile)
    holds("ben", "talk")
    assert erased == ["person:ann"]
    assert holds("ben", "talk") == 2


def test_an_id_that_is_left_in_what_is_derived_is_told(store: Neo4jStore, academy: None) -> None:
    store.server.repeatable("MATCH (l:Learner {id: 'person:ben'}) SET l._person = 'person:zoe'")
    assert texts_left(store.server.read, store.layout, ["person:zoe", "person:max"]) == ("person:zoe",)
