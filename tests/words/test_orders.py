"""What words mean depends on what is stated and decided, never on what came first or how often."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.digest import digest
from graph.open import open_store
from graph.store import Store
from loaders.load import load_rows
from tests.words.conftest import Words

Told = tuple[str, int, dict[str, list[dict[str, Any]]]]
"""Source name, snapshot instant, tables."""

TEXTS = ("Go", "go.", "Rust", "SQL")
SKILLS = ("voc:a", "voc:b", "own:c")
WORDS = ("ats-word:go", "ats-word:rust", "hris-word:go")
MEANT = ("all:a", "all:b")
SAID = ("lms-word:rust", "lms-word:go")


def _skill(draw: st.DrawFn, id: str) -> dict[str, Any]:
    names = draw(
        st.fixed_dictionaries({"label": st.sampled_from(TEXTS), "alt_labels": st.lists(st.sampled_from(TEXTS))})
    )
    return {"id": id, "status": draw(st.sampled_from(("active", "active", "retired"))), **names}


@st.composite
def loads(draw: st.DrawFn) -> list[Told]:
    """Loads of vocabularies and of words, each of its own version; matches of a source of its own among them."""
    told: list[Told] = []
    for version in range(1, draw(st.integers(2, 7))):
        id = draw(st.sampled_from((*SKILLS, *WORDS)))
        row = _skill(draw, id)
        if id in WORDS:
            row = {"id": id, "label": row["label"], "type": "word", "status": row["status"]}
        told.append((id.partition(":")[0], version, {"Skill": [row]}))
    match = {"from": draw(st.sampled_from(WORDS)), "to": draw(st.sampled_from(SKILLS))}
    return [*told, *([("matches", 1, {"EXACT_MATCH": [match]})] if draw(st.booleans()) else [])]


@contextmanager
def fresh(told: Sequence[Told]) -> Iterator[Store]:
    """A store of its own after these loads."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'store.db'}")
        for source, snapshot, tables in told:
            assert load_rows(store, source, tables, snapshot_at=snapshot).rejected == 0
        yield store
        store.close()


def decide(words: Words, word: str, how: str, skill: str) -> None:
    if how == "accept":
        words.accept(word, skill)
    else:
        words.reject(word, skill if how == "reject" else None)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_order_and_any_repeat_reach_one_digest(data: st.DataObject) -> None:
    told = data.draw(loads())
    shuffled = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=2))
    with fresh(told) as one, fresh([*shuffled, *repeats]) as other:
        assert digest(one) == digest(other)
        assert Words(one).meaning() == Words(other).meaning()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whatever_is_decided_and_then_forgotten_leaves_no_trace(data: st.DataObject) -> None:
    every = [("all", 1, {"Skill": [{"id": id, "label": "Go"} for id in MEANT]})]
    every.append(("lms", 1, {"Skill": [{"id": id, "label": "Rust", "type": "word"} for id in SAID]}))
    with fresh([*data.draw(loads()), *every]) as store:
        words, before = Words(store), digest(store)
        said = {row.word for row in words.rows() if any(each.by == "matches" for each in row.meanings)}
        asked = sorted({row.word for row in words.rows()} - said)
        for word in data.draw(st.lists(st.sampled_from(asked), max_size=4)) if asked else []:
            decide(
                words,
                word,
                data.draw(st.sampled_from(("accept", "reject", "none"))),
                data.draw(st.sampled_from(MEANT)),
            )
        for row in words.rows():
            if row.verdict:
                words.forget(row.word)
        assert digest(store) == before
