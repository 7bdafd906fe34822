"""What the rule matches by itself, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graph.digest import digest
from graph.settings import Settings
from graph.store import Batch, Receipt, Store
from graph.words import match
from graph.words.match import match_words
from graph.words.state import WORDS as WORDS_NAME
from loaders.errors import LoadError
from tests.loads.tables import Loader
from tests.words.conftest import VOCABULARY, WORDS, Words


def test_a_word_means_the_skill_that_has_it_as_a_label(words: Words) -> None:
    assert words.meaning() == {"kubernetes": "voc:k8s by rule", "c~2b~2b": "voc:cpp by rule"}


def test_a_label_of_two_skills_is_a_suggestion_and_no_match(words: Words) -> None:
    row = words.row("ats-word:giving~20talks")
    assert not row.meanings
    assert [(each.skill, each.matched, each.score) for each in row.suggestions] == [
        ("voc:present", "giving talks", 1.0),
        ("voc:talk", "giving talks", 1.0),
    ]


def test_a_word_that_looks_like_a_label_is_a_suggestion(words: Words) -> None:
    (best,) = words.row("ats-word:linux").suggestions
    assert (best.skill, best.label) == ("voc:linux", "Linux administration")
    assert 0.5 < best.score < 1


def test_a_group_is_never_meant(words: Words) -> None:
    row = words.row("ats-word:soft~20skills")
    assert (list(row.meanings), list(row.suggestions)) == ([], [])


def test_the_vocabulary_may_come_after_the_words(store: Store, load: Loader) -> None:
    load("ats", Skill=WORDS)
    assert Words(store).meaning() == {}
    load("voc", Skill=VOCABULARY)
    assert Words(store).meaning() == {"kubernetes": "voc:k8s by rule", "c~2b~2b": "voc:cpp by rule"}


def test_a_preferred_label_counts_before_an_alternative_and_that_before_a_hidden_one(
    store: Store, load: Loader
) -> None:
    skills = """
        id,label,alt_labels,hidden_labels
        voc:one,Go,,
        voc:two,Golang,Go,
        voc:three,Baduk,,Go|Golang
        """
    load("voc", Skill=skills)
    load("ats", Skill="id,label,type\nats-word:go,go,word\nats-word:golang,golang,word\n")
    assert Words(store).meaning() == {"go": "voc:one by rule", "golang": "voc:two by rule"}


@pytest.mark.parametrize(
    ("order", "meant"), [("own,other", "own:sql"), ("other,own", "other:sql"), ("other", "other:sql")]
)
def test_vocabularies_stand_in_the_order_of_the_setting(
    monkeypatch: pytest.MonkeyPatch, store: Store, load: Loader, order: str, meant: str
) -> None:
    load("own", Skill="id,label\nown:sql,SQL\n")
    load("other", Skill="id,label\nother:sql,sql\n")
    load("ats", Skill="id,label,type\nats-word:sql,SQL,word\n")
    assert Words(store).meaning() == {}
    monkeypatch.setenv("SKILLGRAPH_VOCABULARIES", order)
    match_words(store, Settings.from_environment())
    assert Words(store).meaning() == {"sql": f"{meant} by rule"}


def test_labels_are_looked_at_in_the_languages_of_the_setting(words: Words, load: Loader) -> None:
    load("hris", Skill="id,label,type\nhris-word:containerverwaltung,containerverwaltung,word\n")
    assert "containerverwaltung" not in words.meaning()
    match_words(words.store, replace(words.settings, word_languages=("en", "de")))
    assert words.meaning()["containerverwaltung"] == "voc:k8s by rule"
    match_words(words.store, replace(words.settings, word_languages=("de",)))
    assert words.meaning() == {"containerverwaltung": "voc:k8s by rule"}


def test_a_retired_skill_is_not_meant(words: Words, load: Loader) -> None:
    load("voc", Skill=VOCABULARY.replace("container orchestration", "containers").replace("K8s|kubernetes", ""))
    assert "kubernetes" not in words.meaning()
    retired = "id,label,type,status\nold:kubernetes,Kubernetes,skill,retired\n"
    load("old", Skill=retired)
    assert "kubernetes" not in words.meaning()
    load("old", Skill=retired.replace("retired", "active"))
    assert words.meaning()["kubernetes"] == "old:kubernetes by rule"


def test_what_the_source_itself_matches_is_left_alone(words: Words, load: Loader) -> None:
    own = "from,to\nvoc:c,ats-word:c~2b~2b\n"
    load("ats-matches", EXACT_MATCH=own)
    assert words.meaning()["c~2b~2b"] == "voc:c by ats-matches"
    load("ats-matches", {"allow_shrink": True}, EXACT_MATCH="from,to\n")
    assert words.meaning()["c~2b~2b"] == "voc:cpp by rule"


def test_a_word_that_its_source_drops_goes_with_its_match(words: Words, load: Loader) -> None:
    without = "\n".join(line for line in WORDS.splitlines() if "kubernetes" not in line)
    load("ats", {"allow_shrink": True}, Skill=without)
    assert load.there("ats-word:kubernetes") == [False]
    load("ats", Skill=WORDS)
    assert words.meaning()["kubernetes"] == "voc:k8s by rule"


def test_a_dropped_word_that_evidence_speaks_of_keeps_its_match(words: Words, load: Loader) -> None:
    load("people", Learner="id,label,kind\nperson:ada,Ada,internal\n")
    evidence = "id,learner,kind,skill,level,shown_at\nev:1,person:ada,interview,ats-word:kubernetes,2,2024-05-01\n"
    load("scores", Evidence=evidence)
    without = "\n".join(line for line in WORDS.splitlines() if "kubernetes" not in line)
    load("ats", {"allow_shrink": True}, Skill=without)
    assert words.meaning()["kubernetes"] == "voc:k8s by rule"
    assert dict(words.row("ats-word:kubernetes").spoken_of) == {"Evidence": 1}


def test_matching_again_changes_nothing(words: Words, load: Loader) -> None:
    number, before = words.store.number(), digest(words.store)
    load("ats", Skill=WORDS)
    match_words(words.store, words.settings)
    assert (words.store.number(), digest(words.store)) == (number, before)


def test_a_dry_run_matches_nothing(store: Store, load: Loader) -> None:
    load("voc", Skill=VOCABULARY)
    number = store.number()
    load("ats", {"dry_run": True}, Skill=WORDS)
    assert store.number() == number


def test_every_load_accounts_for_its_own_rows_only(words: Words) -> None:
    records = {record.name: record for record in words.store.ledger.loads()}
    assert (records["ats"].read, records["ats"].written) == (5, 5)
    assert (records["words"].written, records["words"].state) == (2, "done")


def test_no_load_takes_the_name_that_states_what_words_mean(load: Loader) -> None:
    with pytest.raises(LoadError, match="give the load another with --name"):
        load("words", Skill=WORDS)


def test_a_match_that_was_interrupted_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, store: Store, load: Loader
) -> None:
    load("ats", Skill=WORDS)
    write, batches = store.write, iter((True, True, False))

    def failing(batch: Batch) -> Receipt:
        if not next(batches):
            raise KeyboardInterrupt
        return write(batch)

    for name in ("_FIRST", "_FEWEST", "_MOST"):
        monkeypatch.setattr(match, name, 1)
    monkeypatch.setattr(store, "write", failing)
    with pytest.raises(KeyboardInterrupt):
        load("voc", Skill=VOCABULARY)
    monkeypatch.setattr(store, "write", write)
    assert Words(store).meaning() == {"c~2b~2b": "voc:cpp by rule"}
    assert [(record.name, record.state) for record in store.ledger.loads()][:2] == [
        ("words", "interrupted"),
        ("voc", "interrupted"),
    ]
    load("voc", Skill=VOCABULARY)
    assert Words(store).meaning() == {"kubernetes": "voc:k8s by rule", "c~2b~2b": "voc:cpp by rule"}


def test_a_load_that_waits_in_vain_for_another_that_matches_says_so(
    monkeypatch: pytest.MonkeyPatch, words: Words, load: Loader
) -> None:
    monkeypatch.setattr(match, "PATIENCE", 0.0)
    with words.store.hold(WORDS_NAME):
        record = load("hris", Skill="id,label,type\nhris-word:c,C,word\n")
    assert record.flags == {"words-not-matched": 1}
    load("hris", Skill="id,label,type\nhris-word:c,C,word\n")
    assert words.meaning()["c"] == "voc:c by rule"
