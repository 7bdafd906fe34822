"""Words mean the same in every store: matched, decided, forgotten, swept and spoken of alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.digest import digest
from graph.store import Store
from tests.loads.tables import Loader
from tests.store.conftest import engine, store_url
from tests.words.conftest import VOCABULARY, WORDS, Words

__all__ = ["engine", "store_url"]

LINUX, K8S = "ats-word:linux", "ats-word:kubernetes"
EVIDENCE = "id,learner,kind,skill,level,shown_at\nev:1,person:ada,interview,ats-word:linux,2,2024-05-01\n"
RULE = {"kubernetes": "voc:k8s by rule", "c~2b~2b": "voc:cpp by rule"}


@pytest.fixture
def words(store: Store, tmp_path: Path) -> Words:
    load = Loader(store, tmp_path / "more")
    load("ats", Skill=WORDS)
    load("voc", Skill=VOCABULARY)
    load("people", Learner="id,label,kind\nperson:ada,Ada,internal\n")
    load("scores", Evidence=EVIDENCE)
    return Words(store)


def test_a_decision_and_what_it_caused_come_and_go(words: Words) -> None:
    before = digest(words.store)
    assert words.meaning() == RULE
    words.accept(LINUX, "voc:linux")
    words.reject(K8S, "voc:k8s")
    assert words.meaning() == {"linux": "voc:linux by person", "c~2b~2b": "voc:cpp by rule"}
    assert [row.word for row in words.rows(open_only=True)] == [
        "ats-word:giving~20talks",
        "ats-word:kubernetes",
        "ats-word:soft~20skills",
    ]
    words.forget(LINUX)
    words.forget(K8S)
    assert (digest(words.store), words.meaning()) == (before, RULE)


def test_suggestions_and_counts(words: Words) -> None:
    first = words.rows()[0]
    assert (first.word, dict(first.spoken_of)) == (LINUX, {"Evidence": 1})
    assert first.suggestions[0].skill == "voc:linux"


def test_what_is_swept_and_comes_again(words: Words, tmp_path: Path) -> None:
    load = Loader(words.store, tmp_path / "again")
    words.accept(LINUX, "voc:linux")
    load("ats", {"allow_shrink": True}, Skill="id,label,type\nats-word:other,other,word\n")
    load("voc", {"allow_shrink": True}, Skill="id,label,type\nvoc:other,other,skill\n")
    assert words.meaning() == {"linux": "voc:linux by person", "other": "voc:other by rule"}
    assert load.there(LINUX, K8S, "voc:linux", "voc:k8s") == [True, False, True, False]
    load("ats", {"allow_shrink": True}, Skill=WORDS)
    load("voc", {"allow_shrink": True}, Skill=VOCABULARY)
    assert words.meaning() == RULE | {"linux": "voc:linux by person"}
