"""The questions about one person: gap, skills, roles; and where a skill comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from queries.question import Answer
from tests.queries.conftest import Ask, State

ROLE = "role:cloud-engineer"


def by_skill(answer: Answer) -> Mapping[str, Mapping[str, Any]]:
    return {row["skill"] or row["credential"]: row for row in answer.rows}


def test_a_gap_has_every_requirement_in_the_profiles_order(asked: Ask) -> None:
    answer = asked("person-gap", person="person:ben", role=ROLE)
    assert [(row["skill"] or row["credential"], row["is_met"]) for row in answer.rows] == [
        ("skill:incident", False),
        ("skill:linux", True),
        ("skill:containers", False),
        ("skill:communication", True),
        ("credential:permit", True),
    ]
    assert answer.notes == ("Not ready: 2100 of 2940 points.",)


def test_a_gap_tells_what_is_held_and_on_which_evidence(asked: Ask) -> None:
    gap = by_skill(asked("person-gap", person="person:ben", role=ROLE))
    linux = gap["skill:linux"]
    assert (linux["needed"], linux["held"], linux["class"], linux["through"]) == (2, 2, "shown", "skill:shell")
    assert linux["evidence"] == ["evidence:ben-shell"]
    assert gap["credential:permit"]["evidence"] == ["evidence:ben-permit"]


def test_a_gap_agrees_with_the_match(asked: Ask) -> None:
    for row in asked("role-matches", role=ROLE).rows:
        gap = asked("person-gap", person=row["person"], role=ROLE)
        shared = (
            "skill",
            "label",
            "needed",
            "held",
            "weight",
            "kind",
            "proof",
            "is_met",
            "class",
            "through",
            "evidence",
        )
        assert [{key: part[key] for key in shared} for part in gap.rows[:-1]] == row["requirements"]
        assert gap.notes[-1] == f"{'Ready' if row['ready'] else 'Not ready'}: {row['points']} of {row['of']} points."


def steps(answer: Answer, skill: str) -> list[tuple[str, int | None, bool]]:
    return [(one["learning_object"], one["level"], one["closes"]) for one in by_skill(answer)[skill]["closed_by"]]


def test_what_closes_a_gap_comes_after_its_prerequisites(asked: Ask) -> None:
    answer = asked("person-gap", person="person:ben", role=ROLE)
    assert steps(answer, "skill:containers") == [
        ("course:linux-basics", None, False),
        ("course:linux", None, False),
        ("course:containers", 2, True),
    ]


def test_completed_prerequisites_are_left_out(asked: Ask, state: State) -> None:
    answer = asked("person-gap", person="person:ada", role=ROLE, as_of="2024-03-15")
    assert steps(answer, "skill:containers") == [("course:containers", 2, True)]


def test_waived_prerequisites_are_left_out(asked: Ask) -> None:
    answer = asked("person-gap", person="recruit:cleo", role=ROLE, as_of="2024-07-15")
    assert steps(answer, "skill:containers") == [("course:containers", 2, True)]


def test_a_waiver_teaches_nothing(asked: Ask) -> None:
    gap = by_skill(asked("person-gap", person="person:cleo", role=ROLE, as_of="2024-07-15"))
    assert gap["skill:linux"]["held"] == 0


def test_failed_withdrawn_and_later_completions_fulfil_no_prerequisite(asked: Ask, state: State) -> None:
    base = {"learner": "person:eve", "kind": "completion", "about": "course:linux", "shown_at": "2024-01-01"}
    state(
        {
            "Evidence": [
                {**base, "id": "evidence:failed", "outcome": "failed"},
                {**base, "id": "evidence:withdrawn", "withdrawn_at": "2024-02-01"},
                {**base, "id": "evidence:broken", "verification": "broken"},
                {**base, "id": "evidence:later", "shown_at": "2025-06-01"},
                {**base, "id": "evidence:expired", "expires_at": "2024-06-01"},
            ]
        }
    )
    answer = asked("person-gap", person="person:eve", role=ROLE)
    assert ("course:linux", None, False) in steps(answer, "skill:containers")


@pytest.mark.parametrize("expires_at", [None, "9999-12-31"])
def test_a_completion_without_an_end_of_its_own_fulfils_as_long_as_it_supports(
    asked: Ask, state: State, expires_at: str | None
) -> None:
    """9999-12-31 states no end, so the course's validity applies, to the skill as to the prerequisite."""
    done = {"id": "evidence:done", "learner": "person:eve", "kind": "completion", "about": "course:linux",
            "shown_at": "2024-01-01", "expires_at": expires_at}  # fmt: skip
    state({"LearningObject": [{"id": "course:linux", "label": "Linux", "validity": "P6M"}], "Evidence": [done]})
    for as_of, holds in (("2024-06-30", True), ("2024-07-01", False)):
        answer = asked("person-gap", person="person:eve", role=ROLE, as_of=as_of)
        assert (by_skill(answer)["skill:linux"]["held"] > 0, needs_linux(answer)) == (holds, not holds), as_of


def needs_linux(answer: Answer) -> bool:
    return any(step == "course:linux" for step, _, _ in steps(answer, "skill:containers"))


def test_a_gap_that_must_be_shown_is_closed_by_what_ends_in_its_assessment(asked: Ask) -> None:
    answer = asked("person-gap", person="person:ben", role=ROLE)
    assert steps(answer, "skill:incident")[-1] == ("course:containers", 3, True)


def test_alternatives_are_all_told_and_nothing_twice(asked: Ask, state: State) -> None:
    state(
        {
            "LearningObject": [{"id": "course:bootcamp", "label": "Bootcamp"}],
            "TEACHES": [{"from": "course:bootcamp", "to": "skill:containers", "level": 3}],
            "PREREQUISITE": [{"from": "course:bootcamp", "to": "course:linux-basics"}],
        }
    )
    assert steps(asked("person-gap", person="person:eve", role=ROLE), "skill:containers") == [
        ("course:linux-basics", None, False),
        ("course:linux", None, False),
        ("course:containers", 2, True),
        ("course:bootcamp", 3, True),
    ]


def test_retired_learning_objects_close_nothing(asked: Ask, state: State) -> None:
    state({"LearningObject": [{"id": "course:containers", "label": "Containers", "status": "retired"}]})
    assert steps(asked("person-gap", person="person:ben", role=ROLE), "skill:containers") == []


def test_skills_held_say_level_class_time_and_evidence(asked: Ask) -> None:
    answer = asked("person-skills", person="person:ada")
    assert [(row["skill"], row["level"], row["class"], row["since"], row["until"]) for row in answer.rows] == [
        ("skill:incident", 2, "shown", "2024-05-01T00:00:00Z", None),
        ("skill:k8s", 2, "shown", "2024-04-01T00:00:00Z", None),
        ("skill:linux", 2, "taught", "2024-03-01T00:00:00Z", None),
        ("skill:communication", 1, "shown", "2024-06-01T00:00:00Z", "2025-06-01T00:00:00Z"),
    ]
    assert by_skill(answer)["skill:linux"]["evidence"] == ["evidence:ada-linux"]


def test_any_record_of_a_person_tells_all_their_skills(asked: Ask) -> None:
    assert asked("person-skills", person="recruit:cleo").rows == asked("person-skills", person="person:cleo").rows
    assert by_skill(asked("person-skills", person="recruit:cleo"))["skill:linux"]["evidence"] == [
        "evidence:cleo-interview"
    ]


def test_what_is_only_claimed_is_no_skill_held_unless_asked_for(asked: Ask) -> None:
    assert "skill:incident" not in by_skill(asked("person-skills", person="person:ben"))
    named = asked("person-skills", person="person:ben", evidence_kinds="self_rating")
    assert by_skill(named)["skill:incident"]["class"] == "claimed"


def test_who_holds_nothing_has_no_rows(asked: Ask) -> None:
    assert asked("person-skills", person="person:eve").rows == []
    assert asked("person-roles", person="person:eve").rows == []


def test_roles_are_ranked_ready_first_then_by_share_of_their_points(asked: Ask, state: State) -> None:
    state(
        {
            "Role": [{"id": "role:operator", "label": "operator"}, {"id": "role:clerk"}, {"id": "role:pilot"},
                     {"id": "role:old", "status": "retired"}],
            "REQUIRES": [
                {"from": "role:operator", "to": "skill:containers", "level": 1},
                {"from": "role:clerk", "to": "skill:communication", "level": 2},
                {"from": "role:pilot", "to": "skill:shell", "level": 1},
                {"from": "role:old", "to": "skill:linux", "level": 1},
            ],
        }
    )  # fmt: skip
    answer = asked("person-roles", person="person:ada")
    assert [(row["role"], row["rank"], row["ready"], row["points"], row["of"]) for row in answer.rows] == [
        (ROLE, 1, True, 2940, 2940),
        ("role:operator", 1, True, 420, 420),
        ("role:clerk", 3, False, 210, 420),
    ]
    limited = asked("person-roles", person="person:ada", limit="1")
    assert (limited.total, limited.cut_ties, len(limited.rows)) == (3, 1, 1)


def test_a_role_tells_what_is_missing_for_it(asked: Ask) -> None:
    (cleo,) = asked("person-roles", person="person:cleo").rows
    assert cleo["missing_credentials"] == ["credential:permit"]
    assert [(one["skill"], one["needed"], one["held"]) for one in cleo["missing"]] == [("skill:communication", 1, 0)]


def test_roles_agree_with_the_match(asked: Ask) -> None:
    for row in asked("role-matches", role=ROLE).rows:
        (fit,) = asked("person-roles", person=row["person"]).rows
        assert [fit[key] for key in ("ready", "score", "points", "of", "met", "required")] == [
            row[key] for key in ("ready", "score", "points", "of", "met", "required")
        ]


def sources(answer: Answer) -> list[tuple[str, str, str, int]]:
    return [(row["id"], row["relation"], row["skill"], row["level"]) for row in answer.rows]


def test_a_skill_comes_from_what_teaches_measures_or_attests_it(asked: Ask) -> None:
    assert sources(asked("skill-sources", skill="skill:linux")) == [
        ("course:linux-basics", "teaches", "skill:linux", 1),
        ("course:linux", "teaches", "skill:linux", 2),
    ]
    assert sources(asked("skill-sources", skill="skill:communication")) == [
        ("credential:permit", "attests", "skill:communication", 1)
    ]


def test_sources_of_an_exact_match_are_sources_of_the_skill(asked: Ask) -> None:
    assert sources(asked("skill-sources", skill="skill:containers")) == [
        ("course:containers", "teaches", "skill:k8s", 2)
    ]


def test_an_assessment_tells_its_cut_scores(asked: Ask) -> None:
    (drill,) = asked("skill-sources", skill="skill:incident").rows
    assert drill["cut_scores"] == [{"level": 1, "score": 0.5}, {"level": 2, "score": 0.7}, {"level": 3, "score": 0.9}]


def test_sources_can_be_narrowed_to_a_level(asked: Ask) -> None:
    assert sources(asked("skill-sources", skill="skill:linux", level="2")) == [
        ("course:linux", "teaches", "skill:linux", 2)
    ]
