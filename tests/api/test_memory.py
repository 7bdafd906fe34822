"""What answers take over from one another is never older than the store, and never another viewer's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from api.moments import RuleMoments
from graph.store import Store
from graph.viewer import Viewer
from loaders.load import load_rows
from queries.memory import Memory, Sort
from queries.profile import stated
from queries.question import Asking
from tests.api.conftest import DAY, Served

MATCHES = f"/v1/role-matches?role=role:cloud-engineer&as_of={DAY}"
GAP = f"/v1/person-gap?person=person:dan&role=role:cloud-engineer&as_of={DAY}"
WORK = {"learner": "person:eve", "kind": "work_sample", "skill": "skill:linux", "level": 2, "shown_at": "2024-12-01"}
WORDS: Sort[str, str] = Sort("words", most=2)

Tell = Callable[[dict[str, list[dict[str, Any]]]], None]


@pytest.fixture
def tell(served: Served) -> Tell:
    """Tells the store more, as whoever told it the rest."""

    def told(tables: dict[str, list[dict[str, Any]]]) -> None:
        record = load_rows(served.store, "tables", tables)
        assert record.written, record

    return told


@pytest.fixture
def reads(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of the store's reads of rules and nodes were called."""
    called: list[str] = []
    for name in ("expand", "many"):
        whole = getattr(served.store, name)
        monkeypatch.setattr(served.store, name, _noting(called, name, whole))
    return called


def _noting(called: list[str], name: str, whole: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*arguments: Any, **options: Any) -> Any:
        called.append(name)
        return whole(*arguments, **options)

    return noted


def needed(answer: dict[str, Any]) -> dict[str, int]:
    return {part["skill"]: part["needed"] for part in answer["rows"][0]["requirements"]}


def test_evidence_that_arrives_makes_nobody_read_the_rules_again(served: Served, reads: list[str]) -> None:
    with served.client(served.key("match")) as client, served.client() as writer:
        first = client.get(MATCHES).json()
        assert writer.post("/v1/evidence", json=[{**WORK, "id": "lms:1"}]).json()["written"] == 1
        reads.clear()
        second = client.get(MATCHES).json()
    assert second["version"] > first["version"]
    assert "person:eve" in {row["person"] for row in second["rows"]} - {row["person"] for row in first["rows"]}
    assert reads == []


def test_a_requirement_that_changes_is_in_the_next_answer(writer: httpx.Client, tell: Tell) -> None:
    before = needed(writer.get(MATCHES).json())
    tell({"REQUIRES": [{"from": "role:cloud-engineer", "to": "skill:shell", "level": 3}]})
    assert needed(writer.get(MATCHES).json()) == {**before, "skill:shell": 3}


def test_a_label_that_changes_is_in_the_next_answer(writer: httpx.Client, tell: Tell) -> None:
    def labels() -> set[str]:
        return {part["label"] for part in writer.get(MATCHES).json()["rows"][0]["requirements"]}

    before = labels()
    tell({"Skill": [{"id": "skill:linux", "label": "Penguins"}]})
    assert labels() - before == {"Penguins"}


def test_what_closes_a_requirement_is_in_the_next_answer(writer: httpx.Client, tell: Tell) -> None:
    before = writer.get(GAP).json()["rows"]
    tell(
        {
            "LearningObject": [{"id": "course:new", "label": "New", "type": "course"}],
            "TEACHES": [{"from": "course:new", "to": part["skill"], "level": 3} for part in before if part["skill"]],
        }
    )
    closing = {step["learning_object"] for part in writer.get(GAP).json()["rows"] for step in part["closed_by"]}
    assert "course:new" in closing


def test_what_closes_a_requirement_is_remembered_for_the_reach_it_has(writer: httpx.Client, tell: Tell) -> None:
    """The same skill, level and proof: once alone, once with narrower skills, of which there come to be more."""
    reaches = {"role:exact": "exact", "role:wide": "narrower"}
    tell(
        {
            "Role": [{"id": role, "label": role, "type": "job"} for role in reaches],
            "REQUIRES": [
                {"from": role, "to": "skill:linux", "level": 3, "reach": reach} for role, reach in reaches.items()
            ],
            "Skill": [{"id": "skill:zsh", "label": "zsh"}],
            "LearningObject": [{"id": "course:zsh", "label": "Zsh", "type": "course"}],
            "TEACHES": [{"from": "course:zsh", "to": "skill:zsh", "level": 3}],
        }
    )

    def closing(role: str) -> set[str]:
        answer = writer.get(GAP.replace("role:cloud-engineer", role)).json()
        return {step["learning_object"] for part in answer["rows"] for step in part["closed_by"]}

    before = {role: closing(role) for role in reaches}
    tell({"BROADER": [{"from": "skill:zsh", "to": "skill:linux"}]})
    after = {role: closing(role) for role in reaches}
    assert after == {"role:exact": before["role:exact"], "role:wide": before["role:wide"] | {"course:zsh"}}


def test_each_side_of_a_rules_date_has_its_own_profile(writer: httpx.Client, tell: Tell) -> None:
    dated = {"level": 3, "since": "2025-03-03", "until": "2025-03-05"}
    tell({"REQUIRES": [{"from": "role:cloud-engineer", "to": "skill:shell", **dated}]})
    asked = [f"2025-03-0{day}" for day in (2, 3, 5, 6, 2, 4)]
    found = [needed(writer.get(MATCHES.replace(DAY, day)).json()).get("skill:shell") for day in asked]
    assert found == [None, 3, 3, None, None, 3]


def test_a_threshold_of_ones_own_is_nobody_elses(served: Served) -> None:
    index, viewer = served.service.index(), Viewer(frozenset({"match"}))
    asking = Asking(served.store, index, viewer, 0, memory=Memory())
    found = [stated(asking, "role", "role:cloud-engineer", 0, threshold).threshold for threshold in (None, 1, None, 2)]
    assert found == [found[0], 1, found[0], 2]


def test_viewers_who_see_other_things_share_nothing(company: Store) -> None:
    number = company.number()
    rules = RuleMoments(company.model).at(company, number)
    viewers = [
        Viewer(frozenset({"match"})),
        Viewer(frozenset({"match", "people"})),
        Viewer(frozenset({"match"}), frozenset({"unit:platform"})),
    ]
    shelves = [rules.memory(number, viewer, language).kept for viewer in viewers for language in ("", "de")]
    assert len({id(each) for each in shelves}) == len(shelves)
    again = rules.memory(number, Viewer(frozenset({"match"}), key="another"), "").kept
    assert again is shelves[0]


def test_many_sorts_of_viewers_in_turn_are_all_remembered(company: Store) -> None:
    number = company.number()
    rules = RuleMoments(company.model).at(company, number)
    viewers = [Viewer(frozenset({"match"}), frozenset({f"unit:{each}"})) for each in range(30)]
    first, second = ([rules.memory(number, each, "").kept for each in viewers] for _ in range(2))
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_languages_that_a_client_invents_push_nobody_out(company: Store) -> None:
    number, viewer = company.number(), Viewer(frozenset({"match"}))
    rules = RuleMoments(company.model).at(company, number)
    kept = [rules.memory(number, viewer, language).kept for language in ("", "de", "pt-br", "zh-hant-tw")]
    for each in range(1_000):
        rules.memory(number, viewer, f"x{each}-{each}")
    again = [rules.memory(number, viewer, language).kept for language in ("", "de", "pt-br", "zh-hant-tw")]
    assert all(one is other for one, other in zip(kept, again, strict=True))


def test_what_is_remembered_for_all_viewers_together_has_an_end(
    company: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.moments._MOST", 5)
    number = company.number()
    rules = RuleMoments(company.model).at(company, number)
    first, *others = ("en", "de", "fr", "it", "nl")
    begun = _remember_two_words(rules, number, first)
    for language in others:
        _remember_two_words(rules, number, language)
    assert rules.memory(number, Viewer(frozenset({"match"})), "nl").kept[WORDS]
    assert rules.memory(number, Viewer(frozenset({"match"})), first).kept is not begun.kept


def _remember_two_words(rules: RuleMoments, number: int, language: str) -> Memory:
    memory = rules.memory(number, Viewer(frozenset({"match"})), language)
    for word in ("a", "b"):
        memory.one(WORDS, word, word.upper)
    memory.keep()
    return memory


def test_an_answer_of_another_state_begins_with_nothing(company: Store, tell_company: Tell) -> None:
    """One that reads an older state, while the rules are known as they are now, and one that reads a newer."""
    viewer, before = Viewer(frozenset({"match"})), company.number()
    rules = RuleMoments(company.model).at(company, before)
    kept = rules.memory(before, viewer, "").kept
    tell_company({"Skill": [{"id": "skill:linux", "label": "Penguins"}]})
    now = company.number()
    assert rules.memory(now, viewer, "").kept is not kept
    rules.at(company, now)
    assert rules.memory(before, viewer, "").kept is not kept
    assert rules.memory(now, viewer, "").kept is rules.memory(now, viewer, "").kept


@pytest.fixture
def tell_company(company: Store) -> Tell:
    def told(tables: dict[str, list[dict[str, Any]]]) -> None:
        assert load_rows(company, "tables", tables).written

    return told


def test_what_was_made_in_a_state_that_did_not_stand_is_seen_by_nobody() -> None:
    first = Memory()
    assert first.one(WORDS, "a", lambda: "unkept") == "unkept"
    second = Memory(first.kept)
    assert second.one(WORDS, "a", lambda: "kept") == "kept"
    second.keep()
    assert Memory(first.kept).one(WORDS, "a", lambda: "never made") == "kept"


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    kept = Memory().kept
    for word in "abcdefg":
        memory = Memory(kept)
        memory.one(WORDS, word, word.upper)
        memory.keep()
        assert len(kept[WORDS]) <= WORDS.most


def test_only_what_is_missing_is_made() -> None:
    kept, asked = Memory().kept, list[str]()

    def louder(missing: Sequence[str]) -> list[str]:
        asked.extend(missing)
        return [word.upper() for word in missing]

    for words in (["a"], ["b", "a", "b"]):
        memory = Memory(kept)
        assert memory.all(WORDS, words, louder) == [word.upper() for word in words]
        memory.keep()
    assert asked == ["a", "b"]
