"""The index is kept fresh by change records, on every engine: no more is derived again than has to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.index import IndexKeeper
from graph.index.keeper import Counters
from graph.store import Store
from tests.index.conftest import Held, Say, evidence
from tests.store.conftest import ENGINES


@pytest.fixture(params=ENGINES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SKILLGRAPH_HOME", str(tmp_path))
    return ENGINES[request.param](tmp_path)


def derived(keeper: IndexKeeper) -> tuple[int, int]:
    """How often everyone was derived, and how many records were derived anew by deltas, when brought up to date."""
    before = Counters(**{name: getattr(keeper.counters, name) for name in Counters.__dataclass_fields__})
    keeper.current()
    return keeper.counters.built - before.built, keeper.counters.derived_records - before.derived_records


def test_nothing_new_takes_nothing(academy_keeper: IndexKeeper) -> None:
    assert derived(academy_keeper) == (1, 0)
    index = academy_keeper.current()
    assert academy_keeper.last == "none"
    assert academy_keeper.current() is index


def test_new_evidence_derives_nobody_again(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:pods", level="1")])
    academy_keeper.current()
    say(Evidence=[evidence("2", "interview", skill="skill:talk", level="2")])
    assert derived(academy_keeper) == (0, 0)
    assert academy_keeper.last == "delta"
    assert academy_keeper.counters.added_evidence == 1
    assert (held("ann", "pods"), held("ann", "talk")) == (1, 2)


def test_ratings_within_new_evidence_derive_nobody_again(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    academy_keeper.current()
    given = {"id": "rating:1", "evidence": "evidence:1", "rater": "one", "skill": "skill:talk", "level": "2"}
    say(Evidence=[evidence("1", "interview")])
    say(Rating=[given])
    assert derived(academy_keeper) == (0, 0)
    assert held("ann", "talk") == 2
    say(Rating=[{**given, "id": "rating:2", "rater": "two", "level": "1"}])
    assert derived(academy_keeper) == (0, 1), "of evidence that was known already"
    assert held("ann", "talk") == 1


def test_changed_evidence_derives_its_person_only(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    academy_keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2", withdrawn_at="2024-07-01")])
    assert derived(academy_keeper) == (0, 1)
    assert held("ann", "talk") == 0


def test_evidence_told_twice_between_two_looks_counts_as_it_was_told_last(
    say: Say, held: Held, academy_keeper: IndexKeeper
) -> None:
    academy_keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    say(Evidence=[{**evidence("1", "interview", skill="skill:talk", level="1"), "learner": "person:ben"}])
    assert derived(academy_keeper) == (0, 0)
    assert (held("ann", "talk"), held("ben", "talk")) == (0, 1)


def test_evidence_that_was_new_once_and_moves_leaves_the_one_and_reaches_the_other(
    say: Say, held: Held, academy_keeper: IndexKeeper
) -> None:
    academy_keeper.current()
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    assert held("ann", "talk") == 2
    say(Evidence=[{**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}])
    assert derived(academy_keeper) == (0, 2)
    assert (held("ann", "talk"), held("ben", "talk")) == (0, 2)


def test_an_attempt_of_which_the_latest_counts_derives_its_person_again(
    say: Say, held: Held, academy_keeper: IndexKeeper
) -> None:
    say(Evidence=[evidence("1", "assessment", about="lab:latest", score="0.95")])
    academy_keeper.current()
    new = {**evidence("3", "interview", skill="skill:talk", level="1"), "learner": "person:ben"}
    say(Evidence=[evidence("2", "assessment", "2024-08-01", about="lab:latest", score="0.5"), new])
    assert derived(academy_keeper) == (0, 1), "Ann, not Ben"
    assert academy_keeper.counters.added_evidence == 1
    assert (held("ann", "linux"), held("ann", "linux", "2024-07-01"), held("ben", "talk")) == (1, 3, 1)


def test_a_new_person_comes_with_their_evidence(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    academy_keeper.current()
    of_cay = {**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:cay"}
    of_ann = evidence("2", "interview", skill="skill:talk", level="1")
    say(Learner=[{"id": "person:cay", "label": "Cay"}], Evidence=[of_cay, of_ann])
    assert derived(academy_keeper) == (0, 1)
    assert (held("cay", "talk"), held("ann", "talk")) == (2, 1)


@pytest.mark.parametrize(
    "rule",
    [
        {"TEACHES": [{"from": "course:pods", "to": "skill:pods", "level": "3"}]},
        {"LearningObject": [{"id": "course:pods", "label": "pods", "validity": "P2Y"}]},
        {"Assessment": [{"id": "lab:best", "label": "lab", "attempts": "latest"}]},
        {"MEASURES": [{"from": "lab:best", "to": "skill:pods", "cut_scores": "1:0.4"}]},
    ],
)
def test_a_changed_rule_derives_again_whom_it_is_about(
    say: Say, academy_keeper: IndexKeeper, rule: dict[str, list[dict[str, str]]]
) -> None:
    other = {**evidence("3", "interview", skill="skill:pods", level="1"), "learner": "person:ben"}
    attempt = evidence("2", "assessment", about="lab:best", score="0.45")
    say(Evidence=[evidence("1", "completion", about="course:pods"), attempt, other])
    academy_keeper.current()
    say(**rule)
    assert derived(academy_keeper) == (0, 1), "Ann's, not Ben's"


@pytest.mark.parametrize(
    "change",
    [
        {"TEACHES": [{"from": "course:pods", "to": "skill:pods", "level": "2"}]},
        {"LearningObject": [{"id": "course:pods", "label": "pods, told anew", "validity": "P1Y"}]},
        {"Assessment": [{"id": "lab:best", "label": "lab", "attempts": "latest"}]},
        {"Skill": [{"id": "skill:pods", "label": "containers"}]},
        {
            "Role": [{"id": "role:one", "label": "one"}],
            "REQUIRES": [{"from": "role:one", "to": "skill:pods", "level": "2"}],
        },
        {"BROADER": [{"from": "skill:pods", "to": "skill:linux"}]},
    ],
)
def test_what_is_no_changed_rule_for_any_evidence_derives_nobody(
    say: Say, academy_keeper: IndexKeeper, change: dict[str, list[dict[str, str]]]
) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods")])
    academy_keeper.current()
    say(**change)
    assert derived(academy_keeper) == (0, 0)
    assert academy_keeper.current().number == academy_keeper.store.number()


def test_a_scale_that_changes_derives_everyone(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="70", scale="scale:percent")])
    assert held("ann", "talk") == 2
    say(
        source="skillgraph",
        Level=[{"id": "level:percent-70", "label": "70 %", "scale": "scale:percent", "rank": "2", "lower_bound": "75"}],
    )
    assert held("ann", "talk") == 1
    assert academy_keeper.counters.built == 2


def test_a_criterion_that_changes_derives_whom_it_judged(say: Say, held: Held, academy_keeper: IndexKeeper) -> None:
    given = {"id": "rating:1", "evidence": "evidence:1", "rater": "one", "criterion": "criterion:clear", "points": "2"}
    say(Evidence=[evidence("1", "interview")], Rating=[given])
    assert held("ann", "talk") == 1
    say(CriterionLevel=[{"id": "clear:very", "label": "very", "points": "2", "level": "3"}])
    assert held("ann", "talk") == 3
    assert academy_keeper.counters.built == 1


def test_a_rating_that_moves_leaves_the_one_and_reaches_the_other(say: Say, held: Held) -> None:
    panels = [evidence("1", "interview"), {**evidence("2", "interview"), "learner": "person:ben"}]
    given = {"id": "rating:1", "evidence": "evidence:1", "rater": "one", "skill": "skill:talk", "level": "2"}
    say(Evidence=panels, Rating=[given])
    assert (held("ann", "talk"), held("ben", "talk")) == (2, 0)
    say(Rating=[{**given, "evidence": "evidence:2"}])
    assert (held("ann", "talk"), held("ben", "talk")) == (0, 2)


def test_reach_follows_the_vocabulary(say: Say, academy_keeper: IndexKeeper) -> None:
    index = academy_keeper.current()
    assert index.reach("skill:linux", narrower=True) == ("skill:linux",)
    say(
        BROADER=[{"from": "skill:pods", "to": "skill:linux"}, {"from": "skill:helm", "to": "skill:pods"}],
        EXACT_MATCH=[{"from": "skill:linux", "to": "skill:talk"}],
    )
    index = academy_keeper.current()
    assert index.reach("skill:linux", narrower=False) == ("skill:linux", "skill:talk")
    assert index.reach("skill:talk", narrower=True) == ("skill:helm", "skill:linux", "skill:pods", "skill:talk")
    say(Skill=[{"id": "skill:helm", "label": "helm", "replaced_by": "skill:talk"}])
    assert academy_keeper.current().reach("skill:talk", narrower=False) == ("skill:helm", "skill:linux", "skill:talk")
    say(EXACT_MATCH=[{"from": "skill:linux", "to": "skill:talk"}], removed=True)
    assert academy_keeper.current().reach("skill:linux", narrower=False) == ("skill:linux",)


def test_protected_attributes_change_nothing(academy: Store, say: Say, academy_keeper: IndexKeeper) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    index = academy_keeper.current()
    row = {"id": "protected:1", "learner": "person:ann", "attribute": "gender", "value": "f"}
    say(Protected=[row])
    assert derived(academy_keeper) == (0, 0)
    after = academy_keeper.current()
    assert after.number == academy.number()
    assert after.snapshot.layers is index.snapshot.layers
    assert after.people is index.people
