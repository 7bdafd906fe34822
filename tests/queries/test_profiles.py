"""What a role, or an opening, requires at an instant."""

from __future__ import annotations

import pytest

from queries.question import Answer, QuestionError
from tests.queries.conftest import Ask, State, people, row_of

OPENING = "requisition:berlin"


def required(answer: Answer) -> list[tuple[str, int | None]]:
    return [(row["skill"] or row["credential"], row["level"]) for row in answer.rows]


def test_musts_come_first_then_the_heavier_and_credentials_last(asked: Ask) -> None:
    assert required(asked("role-profile", role="role:cloud-engineer")) == [
        ("skill:incident", 1),
        ("skill:linux", 2),
        ("skill:containers", 2),
        ("skill:communication", 1),
        ("credential:permit", None),
    ]


def test_a_requirement_says_all_it_is(asked: Ask) -> None:
    linux = asked("role-profile", role="role:cloud-engineer").rows[1]
    assert linux == {
        "skill": "skill:linux", "credential": None, "label": "Linux administration", "level": 2, "weight": 3,
        "kind": "essential", "reach": "narrower", "proof": "any", "rationale": None,
    }  # fmt: skip


def test_an_opening_has_its_roles_profile_and_its_own_threshold(asked: Ask, matches: Ask) -> None:
    assert required(asked("role-profile", role=OPENING)) == required(asked("role-profile", role="role:cloud-engineer"))
    notes = asked("role-profile", role=OPENING).notes
    assert notes == ("Ready is who reaches 0.95 of the points of must and essential requirements.",)


def test_the_questions_threshold_overrides_the_openings_and_that_the_roles(matches: Ask, state: State) -> None:
    """With containers at 1 of 2, Ada has 0.833 of the core."""
    state({"Evidence": [{"id": "evidence:ada-k8s", "learner": "person:ada", "kind": "work_sample",
                         "skill": "skill:k8s", "level": 1, "shown_at": "2024-04-01"}]})  # fmt: skip
    assert row_of(matches(), "ada")["ready"], "0.8 of the role"
    assert not row_of(matches(role=OPENING), "ada")["ready"], "0.95 of the opening"
    assert row_of(matches(role=OPENING, threshold="0.8"), "ada")["ready"]
    assert not row_of(matches(threshold="0.9"), "ada")["ready"]


@pytest.mark.parametrize(("threshold", "ready"), [("0.833", True), ("0.834", False)])
def test_a_roles_threshold_is_compared_in_whole_thousandths(
    matches: Ask, state: State, threshold: str, ready: bool
) -> None:
    """With containers at 1 of 2, Ada has five sixths of the core: 0.8333…"""
    state(
        {
            "Evidence": [
                {"id": "evidence:ada-k8s", "learner": "person:ada", "kind": "work_sample", "skill": "skill:k8s",
                 "level": 1, "shown_at": "2024-04-01"}
            ],
            "Role": [{"id": "role:cloud-engineer", "label": "cloud engineer", "threshold": threshold}],
        }
    )  # fmt: skip
    assert row_of(matches(), "ada")["ready"] is ready


def test_an_openings_own_requirements_replace_the_whole_profile(asked: Ask, matches: Ask, state: State) -> None:
    state({"REQUIRES": [{"from": OPENING, "to": "skill:shell", "level": 1}]})
    assert required(asked("role-profile", role=OPENING)) == [("skill:shell", 1), ("credential:permit", None)]
    assert people(matches(role=OPENING)) == ["ben"]
    assert len(asked("role-profile", role="role:cloud-engineer").rows) == 5


def test_the_requirement_in_force_at_the_instant_counts(asked: Ask, state: State) -> None:
    state({"REQUIRES": [{"from": "role:cloud-engineer", "to": "skill:shell", "level": 1,
                         "since": "2024-01-01", "until": "2024-12-31"}]})  # fmt: skip

    def asks_for_shell(day: str) -> bool:
        return ("skill:shell", 1) in required(asked("role-profile", role="role:cloud-engineer", as_of=day))

    assert [asks_for_shell(day) for day in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_level_of_another_scale_is_resolved_to_the_home_scale(asked: Ask, state: State) -> None:
    state(
        {
            "Scale": [{"id": "scale:five", "label": "one to five"}],
            "Level": [{"id": f"level:five-{n}", "scale": "scale:five", "rank": n} for n in (1, 2, 3, 4, 5)],
            "CORRESPONDS_TO": [
                {"from": f"level:five-{n}", "to": f"level:{home}"}
                for n, home in ((2, "foundation"), (3, "practitioner"), (4, "practitioner"), (5, "advanced"))
            ],
        }
    )
    state({"REQUIRES": [{"from": OPENING, "to": "skill:shell", "level": 4, "scale": "scale:five"}]})
    assert required(asked("role-profile", role=OPENING))[0] == ("skill:shell", 2)


def test_an_opening_for_several_roles_is_not_guessed_at(matches: Ask, state: State) -> None:
    state({"Role": [{"id": "role:other"}], "FOR_ROLE": [{"from": OPENING, "to": "role:other"}]})
    with pytest.raises(QuestionError, match="an opening for several roles"):
        matches(role=OPENING)


def test_an_opening_may_require_a_credential_of_its_own(asked: Ask, state: State) -> None:
    state(
        {
            "Credential": [{"id": "credential:clearance", "label": "Clearance"}],
            "REQUIRES_CREDENTIAL": [{"from": OPENING, "to": "credential:clearance"}],
        }
    )
    assert required(asked("role-profile", role=OPENING))[-2:] == [
        ("credential:clearance", None),
        ("credential:permit", None),
    ]


def test_a_role_without_a_profile_ranks_nobody_and_says_so(matches: Ask, state: State) -> None:
    state({"Role": [{"id": "role:dreamer", "label": "dreamer"}]})
    answer = matches(role="role:dreamer")
    assert (answer.rows, answer.total) == ([], 0)
    assert answer.notes == ("Nothing is required at this instant: nobody is in the answer.",)


def test_a_json_profile_has_the_defaults_of_the_model(asked: Ask) -> None:
    answer = asked("role-matches", profile='[{"skill": "skill:linux", "level": 2}]')
    ada = row_of(answer, "ada")
    assert ada["of"] == 420
    assert ada["requirements"][0]["kind"] == "essential"
    assert ada["requirements"][0]["proof"] == "any"
