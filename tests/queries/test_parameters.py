"""Parameters: how they are written, and that each bad one is told with its field, value and fix."""

from __future__ import annotations

from typing import Any

import pytest

from graph.index import IndexKeeper
from graph.store import Store
from graph.viewer import OPERATOR
from ontology.values import format_instant
from queries.ask import ask
from queries.question import QuestionError, UnknownId, UnknownQuestion, catalogue
from tests.queries.conftest import DAY, NOW, Ask, people

LINUX = {"skill": "skill:linux", "level": 2}


def test_the_questions_are_found_by_discovery() -> None:
    assert list(catalogue()) == [
        "person-gap", "person-roles", "person-skills", "role-matches", "role-profile", "skill-sources",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["person-gap", "person-roles", "person-skills", "role-matches", "role-profile", "skill-sources"]
)
def test_every_parameter_and_every_field_of_a_row_is_described(name: str) -> None:
    question = catalogue()[name]
    assert question.description
    for model in (question.parameters, question.row):
        for field, info in model.model_fields.items():
            assert info.description, f"{name} {field}"


def test_every_row_is_what_its_model_declares(asked: Ask) -> None:
    for name, given in {
        "role-matches": {"role": "role:cloud-engineer"},
        "role-profile": {"role": "role:cloud-engineer"},
        "person-gap": {"role": "role:cloud-engineer", "person": "person:ben"},
        "person-roles": {"person": "person:ben"},
        "person-skills": {"person": "person:ben"},
        "skill-sources": {"skill": "skill:incident"},
    }.items():
        rows = asked(name, **given).rows
        assert rows, name
        for row in rows:
            catalogue()[name].row.model_validate(row, strict=True)


def test_a_row_with_other_fields_than_declared_is_our_own_fault() -> None:
    question = catalogue()["skill-sources"]
    names = question.row.names()
    question.check([dict.fromkeys(names)])
    for wrong in (names[:-1], names[::-1], (*names, "more")):
        with pytest.raises(TypeError, match="its Row declares"):
            question.check([dict.fromkeys(wrong)])


def test_a_twin_lies_beside_its_question() -> None:
    assert catalogue()["role-matches"].twin.name == "role-matches.cypher"
    assert catalogue()["role-matches"].twin.parent.name == "queries"


def test_the_schema_of_a_row_has_its_json_names() -> None:
    part = catalogue()["role-matches"].row.model_json_schema()["$defs"]["RequirementHeld"]
    assert "class" in part["properties"]
    assert catalogue()["person-skills"].row.names()[3] == "class"


def test_an_unknown_question_names_the_nearest(asked: Ask) -> None:
    with pytest.raises(UnknownQuestion, match="Did you mean role-matches"):
        asked("role-match")


def test_an_unknown_parameter_names_the_nearest(matches: Ask) -> None:
    with pytest.raises(QuestionError, match="did you mean 'org_unit'") as error:
        matches(orgunit="unit:platform")
    assert error.value.field == "orgunit"


@pytest.mark.parametrize(
    ("bad", "fix"),
    [
        ({"threshold": "1.2"}, "from 0 to 1"),
        ({"threshold": "0.1234"}, "three decimals"),
        ({"threshold": "-0.1"}, "from 0 to 1"),
        ({"threshold": "most"}, "a number like 0.8"),
        ({"as_of": "2025-02-30"}, "does not exist"),
        ({"as_of": "yesterday"}, "write 2025-03-01"),
        ({"as_of": "9999-12-31"}, "leave as_of out"),
        ({"as_of": "1969-12-31"}, "1970"),
        ({"limit": "0"}, "greater than or equal to 1"),
        ({"limit": "1001"}, "less than or equal to 1000"),
        ({"limit": "ten"}, "whole number"),
        ({"limit": ["1", "2"]}, "more than once"),
        ({"kind": "inside"}, "'internal' or 'external'"),
        ({"evidence_kinds": "hearsay"}, "'completion'"),
        ({"max_age": "2 years"}, "P2Y"),
        ({"verified_only": "yes"}, "true or false"),
        ({"role": ""}, "at least 1 character"),
        ({"cohort": ","}, "at least 1 item"),
        ({"profile": "[]"}, "at least 1 item"),
        ({"profile": "{"}, "no JSON"),
        ({"profile": "{}"}, "a JSON list"),
        ({"profile": "[" * 100_000}, "no JSON"),
    ],
)
def test_a_bad_value_is_told_with_its_field_and_the_fix(matches: Ask, bad: dict[str, Any], fix: str) -> None:
    with pytest.raises(QuestionError) as error:
        matches(**bad)
    assert error.value.field.partition(".")[0] == next(iter(bad))
    assert fix in error.value.fix


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"as_of": "2025-02-30"}, "as_of: '2025-02-30': that date does not exist; the last day of 2025-02 is 28"),
        ({"as_of": "soon"}, "as_of: 'soon': is no instant: write 2025-03-01 or 2025-03-01T09:30:00Z"),
        ({"profile": "[]"}, "profile: []: give at least 1 item, or leave it out"),
        ({"cohort": ["a:b"] * 1001}, "give at most 1000 items"),
        ({"role": ""}, "role: '': write at least 1 character"),
        ({"evidence_kinds": "completion,hearsay"}, "evidence_kinds: 'hearsay': must be 'completion',"),
    ],
)
def test_what_is_wrong_is_said_once_in_our_words(matches: Ask, bad: dict[str, Any], told: str) -> None:
    with pytest.raises(QuestionError) as error:
        matches(**bad)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("profile", "field", "fix"),
    [
        ([{**LINUX, "level": 9}], "profile.0.level", "1 foundation, 2 practitioner, 3 advanced"),
        ([{**LINUX, "level": 4}], "profile.0.level", "1 foundation, 2 practitioner, 3 advanced"),
        ([{**LINUX, "level": 0}], "profile.0.level", "greater than or equal to 1"),
        ([{**LINUX, "weight": 0}], "profile.0.weight", "greater than or equal to 1"),
        ([{**LINUX, "weight": 1.5}], "profile.0.weight", "valid integer"),
        ([{**LINUX, "kind": "vital"}], "profile.0.kind", "'must'"),
        ([{**LINUX, "colour": "red"}], "profile.0.colour", "not permitted"),
        ([{"level": 1}], "profile.0.skill", "is required"),
        ([{"skill": "skill:linux"}], "profile.0.level", "is required"),
        ([LINUX, LINUX], "profile.1.skill", "twice"),
        ([LINUX, {"skill": "skill:cobol", "level": 1}], "profile.1.skill", "no skill of that id"),
        ([{"skill": "role:cloud-engineer", "level": 1}], "profile.0.skill", "no skill of that id"),
        ([], "profile", "at least 1 item"),
    ],
)
def test_a_bad_profile_is_told_by_place(
    company: Store, keeper: IndexKeeper, profile: list[dict[str, Any]], field: str, fix: str
) -> None:
    with pytest.raises(QuestionError) as error:
        ask(company, keeper, OPERATOR, "role-matches", {"profile": profile}, NOW, text=False)
    assert error.value.field == field
    assert fix in error.value.fix


@pytest.mark.parametrize(
    "given", [{}, {"role": "role:cloud-engineer", "profile": '[{"skill": "skill:k8s", "level": 1}]'}]
)
def test_either_a_role_or_a_profile_is_given(asked: Ask, given: dict[str, str]) -> None:
    with pytest.raises(QuestionError, match=r"^role: .*give either a role") as error:
        asked("role-matches", **given)
    assert "None" not in str(error.value)


def test_in_json_a_number_is_a_number(company: Store, keeper: IndexKeeper) -> None:
    given = {"role": "role:cloud-engineer", "limit": 2, "threshold": 0.875, "cohort": ["cohort:spring"]}
    assert people(ask(company, keeper, OPERATOR, "role-matches", given, NOW, text=False)) == ["ada", "ben"]
    for quoted in ({"limit": "2"}, {"threshold": "0.5"}, {"cohort": "cohort:spring"}, {"explain": "true"}):
        with pytest.raises(QuestionError):
            ask(company, keeper, OPERATOR, "role-matches", {**given, **quoted}, NOW, text=False)


def test_a_json_null_is_a_parameter_left_out(company: Store, keeper: IndexKeeper) -> None:
    given = {"role": "role:cloud-engineer", "threshold": None, "as_of": None}
    assert ask(company, keeper, OPERATOR, "role-matches", given, NOW, text=False).total == 4


def test_an_id_may_be_a_full_iri(company: Store, matches: Ask) -> None:
    expand = company.model.prefixes.expand
    assert people(matches(role=expand("role:cloud-engineer"), people=expand("recruit:cleo"))) == ["cleo"]


@pytest.mark.parametrize("role", ["role:astronaut", "skill:linux", "person:ada", "not an id", "http://", "a:b:c d"])
def test_a_role_that_is_not_there_is_told(matches: Ask, role: str) -> None:
    with pytest.raises(UnknownId, match="no role or requisition of that id") as error:
        matches(role=role)
    assert (error.value.field, error.value.value) == ("role", role)


def test_without_an_instant_it_is_now(matches: Ask) -> None:
    assert matches().as_of == NOW
    assert matches(as_of="2024-06-01").as_of < NOW


def test_a_plain_date_is_its_first_moment(matches: Ask) -> None:
    assert format_instant(matches(as_of=DAY).as_of) == "2025-01-01T00:00:00Z"


def test_the_answer_as_a_document_has_the_promised_keys(matches: Ask) -> None:
    document = matches(limit="2").document("role-matches", {"role": "role:cloud-engineer", "limit": "2"})
    assert list(document) == [
        "question", "parameters", "as_of", "version", "rows", "next", "total", "cut_ties", "notes",
    ]  # fmt: skip
    assert (document["as_of"], document["total"], len(document["rows"])) == ("2025-01-01T00:00:00Z", 4, 2)
