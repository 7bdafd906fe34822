"""Design section 4, rule by rule, on the tiny company: see tests/company/README.md."""

from __future__ import annotations

import pytest

from queries.question import Answer
from tests.queries.conftest import Ask, State, people, requirement, row_of


def test_ready_people_come_first_then_those_with_more_points(matches: Ask) -> None:
    answer = matches()
    assert [(row["person"], row["rank"], row["ready"], row["points"]) for row in answer.rows] == [
        ("person:ada", 1, True, 2940),
        ("person:cleo", 2, False, 2520),
        ("person:ben", 3, False, 2100),
        ("person:dan", 4, False, 1260),
    ]


def test_points_are_weights_times_420_for_each_requirement_met_and_a_share_of_it_below(matches: Ask) -> None:
    ben = row_of(matches(), "ben")
    linux, containers_1_of_2, communication = 3 * 420, 2 * 1 * 210, 1 * 420
    assert ben["points"] == linux + containers_1_of_2 + communication
    assert ben["of"] == (3 + 2 + 1 + 1) * 420
    assert ben["score"] == round(2100 / 2940, 6)


def test_more_than_needed_gives_no_more_points_but_is_shown(matches: Ask) -> None:
    incident = requirement(matches(), "ada", "incident")
    assert (incident["needed"], incident["held"], incident["is_met"]) == (1, 2, True)


def test_who_has_no_points_is_not_in_the_answer(matches: Ask) -> None:
    answer = matches()
    assert "eve" not in people(answer)
    assert answer.total == 4


def test_an_exact_match_counts_as_the_skill_both_ways(matches: Ask, asked: Ask) -> None:
    containers = requirement(matches(), "ada", "containers")
    assert (containers["held"], containers["through"]) == (2, "skill:k8s")
    other_way = asked("role-matches", profile='[{"skill": "skill:k8s", "level": 1}]')
    assert requirement(other_way, "ben", "k8s")["through"] == "skill:containers"


def test_a_skill_that_was_replaced_counts_for_its_replacement(matches: Ask) -> None:
    linux = requirement(matches(), "dan", "linux")
    assert (linux["held"], linux["through"]) == (2, "skill:unix")


def test_the_replacement_does_not_count_for_what_it_replaced(asked: Ask) -> None:
    answer = asked("role-matches", profile='[{"skill": "skill:unix", "level": 1}]')
    assert people(answer) == ["dan"]
    assert answer.notes == ("skill:unix is replaced by skill:linux: ask for that, to count evidence of either.",)


def test_narrower_skills_count_only_when_the_requirement_reaches_them(matches: Ask, asked: Ask) -> None:
    assert requirement(matches(), "ben", "linux")["through"] == "skill:shell"
    exact = asked("role-matches", profile='[{"skill": "skill:linux", "level": 1}]')
    assert "ben" not in people(exact)


def test_a_broader_skill_does_not_count_for_a_narrower_one(asked: Ask) -> None:
    answer = asked("role-matches", profile='[{"skill": "skill:shell", "level": 1, "reach": "narrower"}]')
    assert people(answer) == ["ben"]


def test_reach_goes_on_from_skill_to_skill(asked: Ask, state: State) -> None:
    """An exact match of a narrower skill of a replaced one: all are reached."""
    state({"EXACT_MATCH": [{"from": "skill:shell", "to": "skill:communication"}]})
    answer = asked("role-matches", profile='[{"skill": "skill:linux", "level": 1, "reach": "narrower"}]')
    assert requirement(answer, "ada", "linux")["held"] == 2
    assert "ben" in people(answer)
    reversed_answer = asked("role-matches", profile='[{"skill": "skill:communication", "level": 2}]')
    assert people(reversed_answer)[0] == "ben"


def test_what_was_only_taught_does_not_count_where_proof_must_be_shown(asked: Ask) -> None:
    taught = asked("role-matches", profile='[{"skill": "skill:linux", "level": 2}]')
    shown = asked("role-matches", profile='[{"skill": "skill:linux", "level": 2, "proof": "shown"}]')
    assert people(taught) == ["ada", "cleo", "dan"]
    assert people(shown) == ["cleo", "dan"]


def test_claims_count_only_when_asked_for_by_name(matches: Ask) -> None:
    assert requirement(matches(), "ben", "incident")["held"] == 0
    named = matches(evidence_kinds="self_rating")
    assert "ben" not in people(named), "incident response must be shown, and nothing else of Ben counts"


def test_a_claim_asked_for_by_name_is_shown_as_a_claim(asked: Ask) -> None:
    profile = '[{"skill": "skill:incident", "level": 3}]'
    assert "ben" not in people(asked("role-matches", profile=profile))
    named = asked("role-matches", profile=profile, evidence_kinds="self_rating,assessment")
    assert requirement(named, "ben", "incident")["class"] == "claimed"
    assert people(named) == ["ben", "ada", "cleo"]


def test_a_missed_must_makes_not_ready_whatever_the_points(matches: Ask) -> None:
    ben = row_of(matches(threshold="0"), "ben")
    assert not ben["ready"]
    assert not next(part for part in ben["requirements"] if part["kind"] == "must")["is_met"]


def test_a_required_credential_that_is_not_held_makes_not_ready(matches: Ask) -> None:
    cleo = row_of(matches(), "cleo")
    assert [part["is_met"] for part in cleo["requirements"] if part["kind"] != "preferred"] == [True, True, True]
    assert not cleo["ready"]
    assert cleo["credentials"] == [
        {"credential": "credential:permit", "label": "Data centre permit", "is_met": False, "evidence": []}
    ]


def test_a_credential_is_held_until_the_second_it_expires(matches: Ask) -> None:
    assert row_of(matches(as_of="2025-05-31T23:59:59Z"), "ada")["ready"]
    assert not row_of(matches(as_of="2025-06-01T00:00:00Z"), "ada")["ready"]


def test_evidence_counts_from_the_second_it_was_shown(matches: Ask) -> None:
    assert requirement(matches(as_of="2024-03-31T23:59:59Z"), "ada", "containers")["held"] == 0
    assert requirement(matches(as_of="2024-04-01T00:00:00Z"), "ada", "containers")["held"] == 2


@pytest.mark.parametrize(("threshold", "ready"), [("1", True), ("0.834", False), ("0.833", True)])
def test_the_threshold_is_compared_in_whole_thousandths_of_the_core(
    matches: Ask, state: State, threshold: str, ready: bool
) -> None:
    """With containers at 1 of 2, Ada has 2,100 of 2,520 core points: five sixths, 0.8333…"""
    if threshold != "1":
        state({"Evidence": [{**ADA_K8S, "level": 1}]})
    assert row_of(matches(threshold=threshold), "ada")["ready"] is ready


ADA_K8S = {
    "id": "evidence:ada-k8s",
    "learner": "person:ada",
    "kind": "work_sample",
    "skill": "skill:k8s",
    "shown_at": "2024-04-01",
}


def test_preferred_requirements_order_but_do_not_make_ready(asked: Ask) -> None:
    answer = asked("role-matches", profile='[{"skill": "skill:communication", "level": 1, "kind": "preferred"}]')
    assert people(answer) == ["ada", "ben"]
    assert not any(row["ready"] for row in answer.rows)
    assert "nobody can be ready" in answer.notes[0]


def test_kinds_of_evidence_choose_what_counts_but_not_for_credentials(matches: Ask) -> None:
    answer = matches(evidence_kinds=["completion", "assessment", "work_sample"])
    ada = row_of(answer, "ada")
    assert ada["ready"]
    assert requirement(answer, "ada", "communication")["held"] == 0, "the permit attested it"
    assert requirement(answer, "cleo", "linux")["held"] == 0, "an interview showed it"


def test_an_age_leaves_out_what_was_shown_longer_ago_but_not_for_credentials(matches: Ask) -> None:
    def held(age: str) -> int:
        level: int = requirement(matches(max_age=age), "ada", "linux")["held"]
        return level

    assert (held("P10M"), held("P9M")) == (2, 0), "Ada's course ended on 2024-03-01"
    assert row_of(matches(max_age="P9M", threshold="0.4"), "ada")["ready"], "her permit of 2024-06-01 still counts"


def test_the_age_is_reached_on_the_day_itself(matches: Ask) -> None:
    assert requirement(matches(max_age="P10M"), "ada", "linux")["held"] == 2
    late = matches(max_age="P10M", as_of="2025-01-01T00:00:01Z")
    assert requirement(late, "ada", "linux")["held"] == 0


def test_verified_only_leaves_out_what_is_unverified(matches: Ask) -> None:
    assert requirement(matches(), "ben", "containers")["held"] == 1
    assert requirement(matches(verified_only="true"), "ben", "containers")["held"] == 0


def test_verified_only_touches_required_credentials(matches: Ask, state: State) -> None:
    state({"Evidence": [{**ADA_PERMIT, "verification": "unverified"}]})
    assert row_of(matches(), "ada")["ready"]
    assert not row_of(matches(verified_only="true"), "ada")["ready"]


ADA_PERMIT = {
    "id": "evidence:ada-permit",
    "learner": "person:ada",
    "kind": "credential",
    "about": "credential:permit",
    "shown_at": "2024-06-01",
}


def test_every_row_explains_itself(matches: Ask) -> None:
    linux = requirement(matches(), "cleo", "linux")
    assert linux == {
        "skill": "skill:linux",
        "label": "Linux administration",
        "needed": 2,
        "held": 2,
        "weight": 3,
        "kind": "essential",
        "proof": "any",
        "is_met": True,
        "class": "shown",
        "through": "skill:linux",
        "evidence": ["evidence:cleo-interview"],
    }


def test_taught_and_shown_at_one_level_are_told_as_shown_on_both(matches: Ask, state: State) -> None:
    state({"Evidence": [{**ADA_PERMIT, "id": "evidence:ada-exam", "kind": "work_sample", "about": None,
                         "skill": "skill:linux", "level": 2}]})  # fmt: skip
    linux = requirement(matches(), "ada", "linux")
    assert (linux["class"], linux["evidence"]) == ("shown", ["evidence:ada-exam", "evidence:ada-linux"])


def test_what_is_missing_names_the_learning_objects_that_close_it(matches: Ask) -> None:
    assert row_of(matches(), "ben")["closed_by"] == [
        {
            "skill": "skill:incident",
            "learning_object": "course:containers",
            "label": "Containers in production",
            "level": 3,
        },
        {
            "skill": "skill:containers",
            "learning_object": "course:containers",
            "label": "Containers in production",
            "level": 2,
        },
    ]


def test_a_course_that_ends_in_no_assessment_closes_nothing_that_must_be_shown(asked: Ask) -> None:
    answer = asked("role-matches", profile=(
        '[{"skill": "skill:linux", "level": 2, "proof": "shown"}, {"skill": "skill:k8s", "level": 1}]'
    ))  # fmt: skip
    assert row_of(answer, "ada")["closed_by"] == []


def test_without_explanation_the_order_is_the_same(matches: Ask) -> None:
    short, long = matches(explain="false"), matches()
    assert people(short) == people(long)
    assert all(row["requirements"] == [] and row["closed_by"] == [] for row in short.rows)
    assert [row["met"] for row in short.rows] == [row["met"] for row in long.rows] == [4, 3, 2, 1]


def test_a_row_has_the_promised_fields_in_their_order(matches: Ask) -> None:
    answer: Answer = matches()
    assert list(answer.rows[0])[:11] == [
        "person", "label", "rank", "ready", "score", "points", "of", "met", "required", "requirements", "closed_by",
    ]  # fmt: skip
