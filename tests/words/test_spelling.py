"""When two spellings are one word, and the ids of words."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graph.words.decide
import graph.words.spelling
import loaders.words
from loaders.words import normalised, word_id
from ontology.ids import is_curie


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kubernetes", "  kubernetes. "),
        ("machine learning", "Machine\u00a0 Learning"),
        ("Straße", "STRASSE"),
        ("ﬁnance", "Finance"),
        ("e\u0301tude", "étude"),
        ("Excel", "“Excel”"),
        ("Python", "#python"),
        ("soft\u00adware", "software"),
    ],
)
def test_spellings_of_one_word(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("C", "C++"), ("C", "C#"), ("C++", "C#"), ("NET", ".NET"), ("node js", "node.js"), ("café", "cafe")],
)
def test_words_that_stay_apart(one: str, other: str) -> None:
    assert word_id("ats-word", one) != word_id("ats-word", other)


@pytest.mark.parametrize("text", ["", " \t", "\u200b"])
def test_nothing_is_no_word(text: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        word_id("ats-word", text)


def test_punctuation_alone_is_a_word_all_the_same() -> None:
    assert normalised(" ... ") == "..."


@given(st.text())
def test_a_normalised_word_is_its_own_normalised_form(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_word_has_an_id(text: str) -> None:
    if normalised(text):
        assert is_curie(word_id("ats-word", text))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=200, max_size=300))
def test_long_words_that_differ_at_the_end_have_ids_of_their_own(text: str) -> None:
    assert word_id("ats-word", f"日{text}a") != word_id("ats-word", f"日{text}b")


def test_the_examples_of_the_docstrings() -> None:
    for module in (graph.words.spelling, graph.words.decide, loaders.words):
        assert doctest.testmod(module).failed == 0
