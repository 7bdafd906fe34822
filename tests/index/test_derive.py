"""Evidence becomes held skills (design section 3), rule by rule."""

from __future__ import annotations

import pytest

from tests.index.conftest import Held, Say, evidence


def test_a_stated_skill_and_level_counts_whatever_the_kind(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    assert held("ann", "talk") == 2
    assert held("ben", "talk") == 0


def test_what_is_held_begins_when_it_was_shown(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "interview", "2024-06-01", skill="skill:talk", level="2")])
    assert held("ann", "talk", "2024-05-31T23:59:59Z") == 0
    assert held("ann", "talk", "2024-06-01T00:00:00Z") == 2


def test_a_completion_supports_what_is_taught_until_its_validity_ends(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "completion", "2024-02-29", about="course:pods")])
    assert held("ann", "pods", "2025-02-27T23:59:59Z") == 2
    assert held("ann", "pods", "2025-02-28") == 0, "a year after 29 February is 28 February"


def test_its_own_expiry_comes_before_validity_and_includes_that_day(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods", expires_at="2024-06-30")])
    assert held("ann", "pods", "2024-06-30T23:59:59Z") == 2
    assert held("ann", "pods", "2024-07-01") == 0


@pytest.mark.parametrize("outcome", ["failed", "waived"])
def test_a_failed_or_waived_completion_supports_nothing(say: Say, held: Held, outcome: str) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods", outcome=outcome, skill="skill:talk", level="1")])
    assert held("ann", "pods") == 0
    assert held("ann", "talk") == 0


@pytest.mark.parametrize(("score", "level"), [("0.499999", 0), ("0.5", 1), ("0.699999", 1), ("0.7", 2), ("1", 3)])
def test_an_assessment_supports_the_highest_level_cut_at_or_below_the_score(
    say: Say, held: Held, score: str, level: int
) -> None:
    say(Evidence=[evidence("1", "assessment", about="lab:best", score=score)])
    assert held("ann", "pods") == level


def test_of_best_attempts_the_highest_counts(say: Say, held: Held) -> None:
    attempts = [("1", "2024-06-01", "0.9"), ("2", "2024-07-01", "0.5")]
    say(Evidence=[evidence(id, "assessment", day, about="lab:best", score=score) for id, day, score in attempts])
    assert held("ann", "pods") == 3


def test_of_latest_attempts_a_later_one_ends_the_earlier_even_if_it_failed(say: Say, held: Held) -> None:
    attempts = [("1", "2024-06-01", "0.9"), ("2", "2024-07-01", "0.1")]
    say(Evidence=[evidence(id, "assessment", day, about="lab:latest", score=score) for id, day, score in attempts])
    assert held("ann", "linux", "2024-06-30") == 3
    assert held("ann", "linux", "2024-07-01") == 0


def test_two_attempts_at_one_instant_both_count(say: Say, held: Held) -> None:
    scores = [("1", "0.9"), ("2", "0.5")]
    say(Evidence=[evidence(id, "assessment", about="lab:latest", score=score) for id, score in scores])
    assert held("ann", "linux") == 3


def test_a_withdrawn_attempt_is_no_attempt(say: Say, held: Held) -> None:
    later = evidence("2", "assessment", "2024-07-01", about="lab:latest", score="0.1", withdrawn_at="2024-08-01")
    say(Evidence=[evidence("1", "assessment", about="lab:latest", score="0.9"), later])
    assert held("ann", "linux", "2024-07-15") == 3


def test_attempts_of_two_records_of_one_person_are_one_series(say: Say, held: Held) -> None:
    rows = [
        {"id": f"identity:{name}", "learner": f"person:{name}", "system": "email", "value": "a"}
        for name in ("ann", "ben")
    ]
    other = {**evidence("2", "assessment", "2024-07-01", about="lab:latest", score="0.5"), "learner": "person:ben"}
    say(Identity=rows, Evidence=[evidence("1", "assessment", about="lab:latest", score="0.9"), other])
    assert held("ann", "linux", "2024-06-30") == 3
    assert held("ann", "linux", "2024-07-01") == held("ben", "linux", "2024-07-01") == 1


def test_a_credential_supports_what_it_attests(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "credential", about="permit:crane", expires_at="2024-12-31")])
    assert held("ann", "linux", "2024-12-31") == 3
    assert held("ann", "linux", "2025-01-01") == 0


@pytest.mark.parametrize(
    "cell", [{"verification": "broken"}, {"verification": "revoked"}, {"withdrawn_at": "2030-01-01"}]
)
def test_withdrawn_broken_and_revoked_evidence_supports_nothing_at_any_instant(
    say: Say, held: Held, cell: dict[str, str]
) -> None:
    say(Evidence=[evidence("1", "credential", about="permit:crane", **cell)])
    assert held("ann", "linux", "2024-07-01") == 0


@pytest.mark.parametrize("verification", ["verified", "unverified", "expired"])
def test_other_verifications_leave_support_to_its_dates(say: Say, held: Held, verification: str) -> None:
    say(Evidence=[evidence("1", "credential", about="permit:crane", verification=verification)])
    assert held("ann", "linux") == 3


def test_a_rule_counts_that_was_in_force_when_the_evidence_was_shown(say: Say, held: Held) -> None:
    say(TEACHES=[{"from": "course:pods", "to": "skill:pods", "level": "3", "since": "2024-06-02"}])
    say(Evidence=[evidence("before", "completion", "2024-06-01", about="course:pods")])
    assert held("ann", "pods") == 0
    say(Evidence=[evidence("after", "completion", "2024-06-02", about="course:pods")])
    assert held("ann", "pods") == 3


def test_rules_add_up(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "completion", about="course:pods", skill="skill:helm", level="1")])
    assert (held("ann", "pods"), held("ann", "helm")) == (2, 1)


def rating(id: str, rater: str, **cells: str) -> dict[str, str]:
    return {"id": f"rating:{id}", "evidence": "evidence:panel", "rater": rater, **cells}


def test_ratings_give_the_lower_median_of_each_rater_then_over_raters(say: Say, held: Held) -> None:
    given = [("one", "3"), ("one", "1"), ("two", "3"), ("two", "3"), ("three", "2")]
    ratings = [rating(str(place), rater, skill="skill:helm", level=level) for place, (rater, level) in enumerate(given)]
    say(Evidence=[evidence("panel", "interview")], Rating=ratings)
    assert held("ann", "helm") == 2, "1, 3 and 2: the median is 2, where the highest would be 3"


def test_ratings_by_points_go_by_their_criterion(say: Say, held: Held) -> None:
    ratings = [
        rating(str(points), f"rater:{points}", criterion="criterion:clear", points=points)
        for points in ("1", "3.9", "4")
    ]
    say(Evidence=[evidence("panel", "interview")], Rating=ratings)
    assert held("ann", "talk") == 1


def test_points_below_every_level_count_as_nothing_in_the_median(say: Say, held: Held) -> None:
    ratings = [
        rating(points, f"rater:{points}", criterion="criterion:clear", points=points) for points in ("0", "0.5", "4")
    ]
    say(Evidence=[evidence("panel", "interview")], Rating=ratings)
    assert held("ann", "talk") == 0


def test_a_ratings_own_skill_and_level_come_before_its_criterion(say: Say, held: Held) -> None:
    own = rating("1", "one", criterion="criterion:clear", points="4", skill="skill:helm", level="2")
    say(Evidence=[evidence("panel", "interview")], Rating=[own])
    assert (held("ann", "helm"), held("ann", "talk")) == (2, 0)


def test_levels_of_another_scale_are_read_on_the_home_scale(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="79.9", scale="scale:percent")])
    assert held("ann", "talk") == 2
    say(Evidence=[evidence("2", "interview", skill="skill:helm", level="49.9", scale="scale:percent")])
    assert held("ann", "helm") == 0


def test_a_newer_version_of_evidence_replaces_the_older_and_may_be_about_someone_else(say: Say, held: Held) -> None:
    say(Evidence=[evidence("1", "interview", skill="skill:talk", level="2")])
    assert held("ann", "talk") == 2
    say(Evidence=[{**evidence("1", "interview", skill="skill:talk", level="1"), "learner": "person:ben"}])
    assert (held("ann", "talk"), held("ben", "talk")) == (0, 1)
