"""Labels are found whatever their case, accents, order of words, language, and with a slip of the finger."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.store import Store
from graph.viewer import OPERATOR
from tests.store.writing import Row, gone, put, rows

SKILLS: list[Row] = [
    {
        "id": "s:ml",
        "label": "machine learning",
        "label@de": "maschinelles Lernen",
        "alt_labels": ("statistical learning",),
    },
    {"id": "s:k8s", "label": "container orchestration", "alt_labels": ("Kubernetes", "K8s")},
    {"id": "s:crepe", "label": "prepare crêpes", "hidden_labels": ("make crepes",)},
    {"id": "s:cpp", "label": "C++"},
    {"id": "s:cs", "label": "C#"},
    {"id": "s:c", "label": "C"},
    {"id": "s:db", "label": "database design"},
    {"id": "s:street", "label": "Straße bauen", "label@fr": "construire une rue"},
    {"id": "s:learn", "label": "learning strategies"},
    {"id": "s:data", "label": "数据 分析"},
]


@pytest.fixture
def shelf(store: Store) -> Store:
    put(store, rows("Skill", *SKILLS), rows("Role", {"id": "r:ml", "label": "machine learning engineer"}))
    return store


def found(store: Store, text: str, **options: object) -> list[str]:
    return [hit.id for hit in store.search(text, OPERATOR, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("machine learning", "s:ml"),
        ("LEARNING machine", "s:ml"),
        ("Maschinelles", "s:ml"),
        ("stat learn", "s:ml"),
        ("kubernetes", "s:k8s"),
        ("k8s", "s:k8s"),
        ("kubernets", "s:k8s"),
        ("kuberentes", "s:k8s"),
        ("orchestraton containr", "s:k8s"),
        ("crepes", "s:crepe"),
        ("CRÊPES prepare", "s:crepe"),
        ("c++", "s:cpp"),
        ("C#", "s:cs"),
        ("c", "s:c"),
        ("data base design", "s:db"),
        ("machinelearning", "s:ml"),
        ("strasse", "s:street"),
        ("construire rue", "s:street"),
        ("数据", "s:data"),
        ("kuber", "s:k8s"),
        ("kubarnet", "s:k8s"),
    ],
)
def test_it_is_found_first(shelf: Store, text: str, first: str) -> None:
    assert found(shelf, text)[:1] == [first]


def test_the_exact_preferred_label_comes_first(shelf: Store) -> None:
    hits = shelf.search("machine learning", OPERATOR)
    assert [hit.id for hit in hits[:2]] == ["s:ml", "r:ml"]
    assert hits[0].score > hits[1].score


def test_a_hit_tells_which_label_was_found_and_in_which_language(shelf: Store) -> None:
    (hit,) = shelf.search("maschinelles lernen", OPERATOR)
    assert (hit.label, hit.matched, hit.language) == ("machine learning", "maschinelles Lernen", "de")
    (hit,) = shelf.search("maschinelles lernen", OPERATOR, language="de")
    assert hit.label == "maschinelles Lernen"


def test_it_is_narrowed_by_type_and_language(shelf: Store) -> None:
    assert found(shelf, "machine learning", types=["Role"]) == ["r:ml"]
    assert found(shelf, "maschinelles", language="en") == []
    assert found(shelf, "machine", language="en", limit=1) == ["s:ml"]


@pytest.mark.parametrize(
    "text", ["", " ", "!", '"', "a OR b", 'x" NEAR(y', "folded:a", "-a", "^", "*", "\0", "x" * 5000]
)
def test_no_text_is_taken_for_search_syntax(shelf: Store, text: str) -> None:
    assert set(found(shelf, text)) < everything(shelf)


def everything(shelf: Store) -> set[str]:
    kinds = [kind.name for kind in shelf.model.nodes.values() if kind.storage == "nodes" and not kind.system]
    return {node.id for kind in kinds for node in shelf.page(kind, OPERATOR, limit=1000)}


def test_words_of_the_search_language_are_only_words(shelf: Store) -> None:
    put(shelf, rows("Skill", {"id": "s:or", "label": "operations or maintenance"}))

    assert found(shelf, "operations OR maintenance") == ["s:or"]
    assert found(shelf, "machine NOT learning", types=["Role"]) == []


def test_labels_follow_their_nodes(shelf: Store) -> None:
    put(shelf, rows("Skill", {"id": "s:ml", "label": "deep networks"}, version=2))
    put(shelf, gone("Skill", {"id": "s:cpp"}))

    assert "s:ml" not in found(shelf, "machine learning")
    assert found(shelf, "networks") == ["s:ml"]
    assert "s:cpp" not in found(shelf, "c++")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text_can_be_searched_for(shelf: Store, text: str) -> None:
    assert set(found(shelf, text)) <= everything(shelf)
