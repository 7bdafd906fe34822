"""What a person decides of words: obeyed, kept through reloads, and taken back with all that it caused."""

from __future__ import annotations

import pytest

from graph.digest import digest
from graph.viewer import OPERATOR
from graph.words.decide import BadDecision
from graph.words.match import match_words
from tests.loads.tables import Loader
from tests.words.conftest import VOCABULARY, WORDS, Words

LINUX, K8S, TALKS = "ats-word:linux", "ats-word:kubernetes", "ats-word:giving~20talks"


def test_an_accepted_suggestion_is_a_match(words: Words) -> None:
    words.accept(LINUX, "voc:linux")
    assert words.meaning()["linux"] == "voc:linux by person"
    assert words.row(LINUX).verdict == "accepted"


def test_a_person_overrules_the_rule_for_good(words: Words, load: Loader) -> None:
    words.accept(K8S, "voc:linux")
    load("voc", Skill=VOCABULARY.replace("public speaking", "speaking"))
    match_words(words.store, words.settings)
    assert words.meaning()["kubernetes"] == "voc:linux by person"


def test_a_rejected_match_is_undone_and_stays_undone(words: Words, load: Loader) -> None:
    words.reject(K8S, "voc:k8s")
    load("ats", Skill=WORDS.replace("Linux", "LINUX"))
    load("voc", Skill=VOCABULARY.replace("public speaking", "speaking"))
    row = words.row(K8S)
    assert not row.meanings
    assert "voc:k8s" not in {each.skill for each in row.suggestions}


def test_rejecting_one_of_two_leaves_the_other(words: Words) -> None:
    words.reject(TALKS, "voc:present")
    assert words.meaning()["giving~20talks"] == "voc:talk by rule"


def test_a_word_may_mean_no_skill_at_all(words: Words) -> None:
    words.reject(LINUX)
    assert LINUX not in {row.word for row in words.rows(open_only=True)}
    assert (words.row(LINUX).verdict, list(words.row(LINUX).suggestions)) == ("no_skill", [])


def test_open_words_are_those_that_nothing_is_known_of(words: Words) -> None:
    words.accept(LINUX, "voc:linux")
    assert [row.word for row in words.rows(open_only=True)] == [TALKS, "ats-word:soft~20skills"]


def test_accepting_after_rejecting_and_the_other_way_round(words: Words) -> None:
    words.reject(LINUX, "voc:linux")
    words.accept(LINUX, "voc:linux")
    assert words.meaning()["linux"] == "voc:linux by person"
    words.accept(LINUX, "voc:c")
    assert words.meaning()["linux"] == "voc:c by person"
    words.reject(LINUX, "voc:k8s")
    assert words.meaning()["linux"] == "voc:c by person"
    words.reject(LINUX, "voc:c")
    assert "linux" not in words.meaning()


@pytest.mark.parametrize("decide", ["accept", "reject", "none"])
def test_forgetting_a_decision_leaves_the_graph_as_it_was(words: Words, decide: str) -> None:
    before = digest(words.store)
    for word in (K8S, LINUX):
        if decide == "accept":
            words.accept(word, "voc:talk")
        else:
            words.reject(word, "voc:k8s" if decide == "reject" else None)
        assert digest(words.store) != before
        words.forget(word)
        assert digest(words.store) == before


def test_a_decision_outlives_the_word_and_the_skill_in_their_sources(words: Words, load: Loader) -> None:
    words.accept(LINUX, "voc:linux")
    load("ats", {"allow_shrink": True}, Skill="id,label,type\nats-word:other,other,word\n")
    load("voc", {"allow_shrink": True}, Skill="id,label,type\nvoc:other,another,skill\n")
    assert words.meaning() == {"linux": "voc:linux by person"}
    load("ats", {"allow_shrink": True}, Skill=WORDS)
    load("voc", {"allow_shrink": True}, Skill=VOCABULARY)
    assert words.meaning()["linux"] == "voc:linux by person"


def test_a_dropped_word_goes_when_its_decision_is_forgotten(words: Words, load: Loader) -> None:
    words.accept(LINUX, "voc:linux")
    load("ats", {"allow_shrink": True}, Skill="id,label,type\nats-word:other,other,word\n")
    assert load.there(LINUX) == [True]
    words.forget(LINUX)
    assert load.there(LINUX) == [False]


def test_a_decision_is_of_one_sources_word(words: Words, load: Loader) -> None:
    load("hris", Skill="id,label,type\nhris-word:linux,Linux,word\n")
    words.accept(LINUX, "voc:linux")
    assert not words.row("hris-word:linux").meanings


def test_the_same_decision_again_changes_nothing(words: Words) -> None:
    words.accept(LINUX, "voc:linux")
    number = words.store.number()
    words.accept(LINUX, "voc:linux")
    assert words.store.number() == number


@pytest.mark.parametrize(
    ("word", "skill", "said"),
    [
        ("ats-word:nothing", "voc:c", "no word 'ats-word:nothing'"),
        ("voc:c", "voc:c", "voc:c is a skill of a vocabulary"),
        (LINUX, "voc:nothing", "no skill 'voc:nothing'"),
        (LINUX, K8S, "is itself a word"),
        ("not an id", "voc:c", "is no id"),
    ],
)
def test_what_cannot_be_decided_is_said(words: Words, word: str, skill: str, said: str) -> None:
    number = words.store.number()
    for decide in (words.accept, words.reject):
        with pytest.raises(BadDecision, match=said):
            decide(word, skill)
    assert words.store.number() == number


def test_nothing_to_forget_is_said(words: Words) -> None:
    with pytest.raises(BadDecision, match="nothing was decided"):
        words.forget(LINUX)


def test_what_a_source_states_itself_cannot_be_rejected(words: Words, load: Loader) -> None:
    load("ats-matches", EXACT_MATCH="from,to\nats-word:linux,voc:linux\n")
    with pytest.raises(BadDecision, match="take the EXACT_MATCH out"):
        words.reject(LINUX, "voc:linux")


def test_a_word_that_its_source_matches_itself_means_nothing_else(words: Words, load: Loader) -> None:
    load("ats-matches", EXACT_MATCH="from,to\nats-word:linux,voc:linux\n")
    with pytest.raises(BadDecision, match="take the EXACT_MATCH out"):
        words.accept(LINUX, "voc:c")
    words.accept(LINUX, "voc:linux")
    load("ats-matches", {"allow_shrink": True}, EXACT_MATCH="from,to\n")
    assert words.meaning()["linux"] == "voc:linux by person"


def test_what_is_a_word_no_longer_can_still_be_forgotten(words: Words, load: Loader) -> None:
    words.accept(LINUX, "voc:linux")
    load("ats", Skill=WORDS.replace("Linux,word", "Linux,skill"))
    words.forget(LINUX)
    assert not list(words.store.expand([LINUX], OPERATOR))
