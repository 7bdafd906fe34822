"""`skillgraph words` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Skillgraph, skillgraph
from tests.loads.tables import write
from tests.words.conftest import VOCABULARY, WORDS

__all__ = ["skillgraph"]


@pytest.fixture
def words(skillgraph: Skillgraph, tmp_path: Path) -> Skillgraph:
    skillgraph("load", "tables", write(tmp_path / "voc", Skill=VOCABULARY), "--name", "voc")
    skillgraph("load", "tables", write(tmp_path / "ats", Skill=WORDS), "--name", "ats")
    return skillgraph


def test_the_list_says_what_words_mean_and_what_they_may_mean(words: Skillgraph) -> None:
    shown = words("words").out
    assert "container orchestration  voc:k8s  (by rule)" in shown
    assert "Linux administration  voc:linux" in shown
    assert "ats-word:kubernetes" not in words("words", "--open").out


def test_the_list_as_json(words: Skillgraph) -> None:
    found = words("words", "--json", "--limit", "2", "--skip", "2").json()
    assert found["total"] == 5
    assert [row["word"] for row in found["words"]] == ["ats-word:kubernetes", "ats-word:linux"]
    assert found["words"][0] == {
        "word": "ats-word:kubernetes",
        "source": "ats",
        "said": "Kubernetes",
        "spoken_of": {},
        "meanings": [{"skill": "voc:k8s", "label": "container orchestration", "by": "rule"}],
        "verdict": "",
        "suggestions": [],
    }
    assert set(found["words"][1]["suggestions"][0]) == {"skill", "label", "matched", "score"}


def test_a_word_is_accepted_rejected_and_forgotten(words: Skillgraph) -> None:
    assert "(by person)" in words("words", "accept", "ats-word:linux", "voc:linux").out
    assert words("words", "reject", "ats-word:linux", "--json").json()["verdict"] == "no_skill"
    assert words("words", "forget", "ats-word:linux", "--json").json()["verdict"] == ""
    assert words("words", "match", "--json").json() == {"stated": 0, "undone": 0}


def test_what_cannot_be_decided_is_failed_work(words: Skillgraph) -> None:
    done = words("words", "accept", "ats-word:linux", "voc:nothing", check=False)
    assert (done.code, done.out) == (1, "")
    assert "no skill 'voc:nothing'" in done.err


def test_a_store_without_words_says_so(skillgraph: Skillgraph, tmp_path: Path) -> None:
    skillgraph("load", "tables", write(tmp_path / "voc", Skill=VOCABULARY))
    assert skillgraph("words").err == "no words\n"


@pytest.mark.parametrize("option", [("--store", "sqlite:other.db"), ("--json",), ("--limit", "20"), ("--open",)])
def test_options_before_what_is_to_be_done_are_refused_and_nothing_is_done(
    words: Skillgraph, option: tuple[str, ...]
) -> None:
    done = words("words", *option, "accept", "ats-word:linux", "voc:linux", check=False)
    assert (done.code, done.out) == (2, "")
    assert "give --store and --json after the subcommand" in done.err
    assert "ats-word:linux" in words("words", "--open").out


def test_a_decision_is_written_into_the_store_that_is_named_after_it(words: Skillgraph, tmp_path: Path) -> None:
    other = f"sqlite:{tmp_path / 'other.db'}"
    words("load", "tables", tmp_path / "voc", "--name", "voc", "--store", other)
    words("load", "tables", tmp_path / "ats", "--name", "ats", "--store", other)
    words("words", "accept", "ats-word:linux", "voc:linux", "--store", other)
    assert "ats-word:linux" not in words("words", "--open", "--store", other).out
    assert "ats-word:linux" in words("words", "--open").out
