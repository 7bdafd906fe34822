"""Whatever changes what somebody holds is noticed, and reaches those whom it concerns."""

from __future__ import annotations

from graph.neo4j.derived import Deriver
from graph.neo4j.engine import Neo4jStore
from graph.settings import Settings
from tests.companies import Load
from tests.derived.conftest import Holds, Say, evidence, same_person
from tests.index.telling import tell


def test_evidence_is_held_and_withdrawn(say: Say, holds: Holds) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    assert (holds("ann", "pods"), holds("ben", "pods")) == (2, 0)
    say(Evidence=[evidence("1", "completion", about="course:pods", withdrawn_at="2024-07-01")])
    assert holds("ann", "pods") == 0


def test_what_is_only_claimed_is_not_held(store: Neo4jStore, say: Say, holds: Holds) -> None:
    say(Evidence=[evidence("1", "self_rating", skill="skill:talk", level="3")])
    assert holds("ann", "talk") == 0
    assert store.server.read("MATCH ()-[s:SUPPORTS]->() RETURN s.level") == [[3_000_000]], "but who asks may count it"


def test_a_rule_that_changes_reaches_old_evidence(say: Say, holds: Holds) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    assert holds("ann", "pods") == 2
    say(TEACHES=[{"from": "course:pods", "to": "skill:pods", "level": "3"}])
    assert holds("ann", "pods") == 3
    say(TEACHES=[{"from": "course:pods", "to": "skill:pods"}], removed=True)
    assert holds("ann", "pods") == 0


def test_a_rule_that_a_backup_brought_back_is_in_force_again(store: Neo4jStore, say: Say, holds: Holds) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    assert holds("ann", "pods") == 2
    before = store.number()
    say(TEACHES=[{"from": "course:pods", "to": "skill:pods", "level": "3"}])
    assert holds("ann", "pods") == 3
    store.server.repeatable("MATCH ()-[t:TEACHES]->() SET t.level = 2000000")
    store.server.repeatable("MATCH (c:_Change|_ChangeItem) WHERE coalesce(c.change, c.number) > $n DELETE c", n=before)
    store.server.repeatable("MATCH (s:_Store) SET s.number = $n, s.derived = $n", n=before)

    say(Evidence=[{**evidence("2", "completion", about="course:pods"), "learner": "person:ben"}])
    assert holds("ben", "pods") == 2


def test_a_validity_that_changes_reaches_old_evidence(say: Say, holds: Holds) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    assert holds("ann", "pods") == 2
    say(LearningObject=[{"id": "course:pods", "label": "pods", "validity": "P1M"}])
    assert holds("ann", "pods") == 0


def test_a_criterion_that_changes_reaches_whom_it_judged(say: Say, holds: Holds) -> None:
    rating = {"id": "rating:1", "evidence": "evidence:1", "rater": "one", "criterion": "criterion:clear", "points": "4"}
    say(Evidence=[evidence("1", "interview")], Rating=[rating])
    assert holds("ann", "talk") == 3
    say(CriterionLevel=[{"id": "clear:very", "label": "very", "points": "4", "level": "1"}])
    assert holds("ann", "talk") == 1


def test_a_rating_that_moves_leaves_the_one_and_reaches_the_other(say: Say, holds: Holds) -> None:
    panels = [evidence("1", "interview"), {**evidence("2", "interview"), "learner": "person:ben"}]
    rating = {"id": "rating:1", "evidence": "evidence:1", "rater": "one", "skill": "skill:talk", "level": "2"}
    say(Evidence=panels, Rating=[rating])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (2, 0)
    say(Rating=[{**rating, "evidence": "evidence:2"}])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (0, 2)


def test_evidence_that_moves_leaves_the_one_and_reaches_the_other(say: Say, holds: Holds) -> None:
    row = evidence("1", "interview", skill="skill:talk", level="2")
    say(Evidence=[row])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (2, 0)
    say(Evidence=[{**row, "learner": "person:ben"}])
    assert (holds("ann", "talk"), holds("ben", "talk")) == (0, 2)


def test_a_later_attempt_ends_an_earlier_one_and_gives_it_back_when_it_moves(say: Say, holds: Holds) -> None:
    later = evidence("2", "assessment", "2024-07-01", about="lab:pods", score="0.1")
    say(Evidence=[evidence("1", "assessment", about="lab:pods", score="0.9")])
    assert holds("ann", "pods") == 3
    say(Evidence=[later])
    assert holds("ann", "pods") == 0
    say(Evidence=[{**later, "learner": "person:ben"}])
    assert holds("ann", "pods") == 3


def test_joined_records_hold_together_and_parted_ones_each_their_own(store: Neo4jStore, say: Say, holds: Holds) -> None:
    other = {**evidence("2", "completion", about="course:pods"), "learner": "person:ben"}
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="1"), other])
    assert (holds("ann", "talk"), holds("ann", "pods"), holds("ben", "pods")) == (1, 0, 2)
    say(Identity=same_person("ann", "ben"))
    assert (holds("ann", "talk"), holds("ann", "pods"), holds("ben", "pods")) == (1, 2, 0)
    assert store.server.read("MATCH (l:Learner) RETURN DISTINCT l._person") == [["person:ann"]]
    say(Identity=same_person("ben"), removed=True)
    assert (holds("ann", "talk"), holds("ann", "pods"), holds("ben", "pods")) == (1, 0, 2)


def test_joining_makes_two_series_of_attempts_one(say: Say, holds: Holds) -> None:
    other = {**evidence("2", "assessment", "2024-07-01", about="lab:pods", score="0.1"), "learner": "person:ben"}
    say(Evidence=[evidence("1", "assessment", about="lab:pods", score="0.9"), other])
    assert holds("ann", "pods") == 3
    say(Identity=same_person("ann", "ben"))
    assert holds("ann", "pods") == 0
    say(Identity=same_person("ben", value="b"))
    assert holds("ann", "pods") == 3


def test_a_source_order_that_changes_gives_persons_other_ids(store: Neo4jStore, say: Say, holds: Holds) -> None:
    tell(store, Load("lms", 90, {"Learner": [{"id": "person:zoe", "label": "Zoe", "version": "90"}]}))
    say(Identity=same_person("ann", "zoe"), Evidence=[evidence("1", "interview", skill="skill:talk", level="1")])
    assert (holds("ann", "talk"), holds("zoe", "talk")) == (1, 0)
    store.settings = Settings(source_order=("lms",))
    assert (holds("ann", "talk"), holds("zoe", "talk")) == (0, 1)


def test_nothing_new_writes_nothing(store: Neo4jStore, say: Say, holds: Holds, deriver: Deriver) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    assert holds("ann", "pods") == 2
    before = store.server.read("MATCH (s:_Store) RETURN s.derivations, s.number, s.derived")
    deriver.catch_up()
    assert store.server.read("MATCH (s:_Store) RETURN s.derivations, s.number, s.derived") == before
    assert before[0][1] == before[0][2] == store.number(), "what is derived makes no change record"
