"""Every question has a twin, every twin says what it takes, and no user's text enters one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import queries
from graph.viewer import OPERATOR
from ontology.model import Model
from queries.person_gap import Gap
from queries.question import Question, QuestionError, catalogue
from queries.twin import ask_twin, text_of
from tests.twins.companies import QUESTIONS

FOLDER = Path(queries.__file__).parent
FILES = sorted(FOLDER.glob("**/*.cypher"))


def test_every_question_has_a_twin() -> None:
    missing = [question.name for question in catalogue().values() if not question.twin.is_file()]
    assert not missing, f"write queries/NAME.cypher for {', '.join(missing)}"


def test_every_twin_is_a_questions() -> None:
    assert {path.stem for path in FOLDER.glob("*.cypher")} == set(catalogue())


def test_generated_companies_are_asked_every_question() -> None:
    assert set(QUESTIONS) == set(catalogue())


def test_every_question_has_an_example_that_the_demo_is_asked() -> None:
    assert all(question.examples for question in catalogue().values())


def test_every_part_is_used() -> None:
    used = {name for path in FILES for name in re.findall(r"// part: (\w+)", path.read_text("utf-8"))}
    assert used == {path.stem for path in FOLDER.glob("parts/*.cypher")}


@pytest.mark.parametrize("question", catalogue().values(), ids=lambda question: question.name)
def test_a_twin_says_what_it_takes(question: Question[Any]) -> None:
    head = question.twin.read_text("utf-8").partition("\n\n")[0]
    said = {name for names in re.findall(r"^//   ([a-z_, ]+?)  ", head, re.MULTILINE) for name in names.split(", ")}
    assert said == set(re.findall(r"\$ask\.([a-z_]+)", text_of(question.twin)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_twin_takes_nothing_but_what_is_asked_and_is_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    assert set(re.findall(r"\$(\w+)", text)) <= {"ask"}
    assert text.startswith("// ")
    assert max(map(len, text.splitlines())) <= 120


class Listener:
    """Stands where a server would, to hear the text that would be sent."""

    def __init__(self, model: Model, *rows: dict[str, Any]) -> None:
        self.model = model
        self.texts: list[str] = []
        self.rows = list(rows)

    def run_cypher(self, text: str, parameters: Mapping[str, Any]) -> tuple[int, list[list[Any]]]:
        assert list(parameters) == ["ask"]
        self.texts.append(text)
        return 1, [[{"faults": [], "rows": self.rows, "total": len(self.rows), "notes": []}]]


HOSTILE = "x' OR 1=1 // ` $ask } RETURN 1"


@pytest.mark.parametrize(
    ("question", "raw"),
    [
        ("role-matches", {"role": HOSTILE, "location": HOSTILE, "people": [HOSTILE], "applied_to": HOSTILE}),
        ("role-matches", {"profile": [{"skill": HOSTILE, "level": 1}]}),
        ("role-profile", {"role": HOSTILE}),
        ("person-gap", {"person": HOSTILE, "role": HOSTILE}),
        ("person-roles", {"person": HOSTILE}),
        ("person-skills", {"person": HOSTILE}),
        ("skill-sources", {"skill": HOSTILE}),
    ],
)
def test_the_text_is_the_same_whatever_is_asked(model: Model, question: str, raw: dict[str, Any]) -> None:
    listener = Listener(model)
    ask_twin(listener, OPERATOR, question, raw, text=False, language=HOSTILE)
    assert listener.texts == [text_of(catalogue()[question].twin)]


def test_pages_are_the_indexs_only(model: Model) -> None:
    with pytest.raises(QuestionError, match="only the index has pages"):
        ask_twin(Listener(model), OPERATOR, "role-matches", {"role": "role:a", "cursor": "x"}, text=False)


@pytest.mark.parametrize("broken", [None, "", {}])
def test_what_is_declared_as_a_list_is_one(model: Model, broken: object) -> None:
    row = {**dict.fromkeys(Gap.names()), "evidence": [], "closed_by": broken}
    with pytest.raises(TypeError, match="for closed_by, which is declared as a list"):
        ask_twin(Listener(model, row), OPERATOR, "person-gap", {"person": "p:a", "role": "r:a"})


def test_a_row_in_a_row_has_the_declared_fields(model: Model) -> None:
    row = {**dict.fromkeys(Gap.names()), "evidence": [], "closed_by": [{"learning_object": "c:a"}]}
    with pytest.raises(TypeError, match="for a Step, which declares"):
        ask_twin(Listener(model, row), OPERATOR, "person-gap", {"person": "p:a", "role": "r:a"})
