"""What is known of words in one state of a store: the words, what may be meant, what was decided, what is stated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from graph.kinds import LABELS, NODES, RETIRED
from graph.settings import Settings
from graph.steady import steady
from graph.store import Store
from graph.words.spelling import normalised
from ontology.ids import unescape_local

WORDS = "words"
"""The source that states what words mean, and the name of the loads that write it."""
WORD = "word"
"""The type of a Skill that is a word."""
DECISION = "WordDecision"
MATCH = "EXACT_MATCH"

_NOT_MEANT = frozenset({WORD, "group", "collection"})
"""Types of Skill that no word means by itself: what orders skills is none."""


class Word(NamedTuple):
    """A free skill name; `said` is how its source wrote it, `text` the same normalised."""

    id: str
    source: str
    said: str
    text: str
    retired: bool


class Name(NamedTuple):
    """One label of a skill: `kind` is its number in `graph.kinds.LABELS`, `place` that of its vocabulary."""

    kind: int
    place: int
    skill: str
    text: str  # as stated


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of a word; `owner` is the source that states it."""

    id: str
    owner: str
    word: str
    verdict: str
    skill: str | None
    rejected: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    """Everything that what words mean depends on; `mine` are the matches that `words` states, `others` those that
    sources state themselves, each word -> skills."""

    words: Mapping[str, Word]
    names: Sequence[Name]
    decisions: Mapping[str, Decision]  # by word
    mine: Mapping[str, frozenset[str]]
    others: Mapping[str, frozenset[str]]


def read_state(store: Store, settings: Settings) -> State:
    """All of one state of the store."""
    return steady(store, lambda _: state_now(store, settings))


def languages(settings: Settings) -> tuple[str, ...]:
    """The ends of the columns to look in: "" for the deployment's own language, `@de` for another."""
    chosen = settings.word_languages or (settings.language,)
    return tuple("" if tag == settings.language else f"@{tag}" for tag in chosen)


def state_now(store: Store, settings: Settings) -> State:
    """The same, to be called while the store's state is held."""
    tags = languages(settings)
    words: dict[str, Word] = {}
    names: list[Name] = []
    keys: dict[int, str] = {}
    for key, id, source, type_name, status, *labels in _skills(store, tags):
        if type_name == WORD:
            words[id] = _word(id, source, labels, retired=status == RETIRED)
            keys[key] = id
        elif status != RETIRED and type_name not in _NOT_MEANT:
            names += _names(id, source, labels, settings.vocabularies)
    if not words:
        return State({}, names, {}, {}, {})
    mine = _stated(store)
    return State(words, names, _decisions(store), mine, _others(store, keys, mine))


def _skills(store: Store, tags: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Every skill: key, id, source, type, status, and a column for each kind of label, each in every language."""
    columns = ["key", "id", "source", "type", "status", *(f"{name}{tag}" for name in LABELS for tag in tags)]
    for batch in store.scan("Skill", columns):
        yield from zip(*(batch.arrays[name].tolist() for name in columns), strict=True)


def _word(id: str, source: str, labels: Sequence[Any], *, retired: bool) -> Word:
    """Preferred labels come first; without any the id says what the word is."""
    said = next((label for label in labels if isinstance(label, str)), None) or unescape_local(id.partition(":")[2])
    return Word(id, source, said, normalised(said), retired)


def _names(id: str, source: str, labels: Sequence[Any], vocabularies: Sequence[str]) -> Iterator[Name]:
    """The labels of a skill; none when its vocabulary is not looked in."""
    if vocabularies and source not in vocabularies:
        return
    place = vocabularies.index(source) if vocabularies else 0
    kinds = [kind for kind in LABELS.values() for _ in range(len(labels) // len(LABELS))]
    for kind, stated in zip(kinds, labels, strict=True):
        for text in (stated,) if isinstance(stated, str) else stated or ():
            yield Name(kind, place, id, text)


def _stated(store: Store) -> dict[str, frozenset[str]]:
    return _together(pair for batch in store.owned(WORDS, MATCH) for pair in batch)


def _together(pairs: Iterable[tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for word, skill in pairs:
        found[word].add(skill)
    return {word: frozenset(skills) for word, skills in found.items()}


def _others(store: Store, words: Mapping[int, str], mine: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Matches, either way round, of words with skills that are no words, but for those that `words` states."""
    known = np.array(sorted(words), np.int64)
    pairs: list[tuple[int, int]] = []
    for batch in store.scan(MATCH, ["from", "to"]):
        start, end = batch.arrays["from"], batch.arrays["to"]
        from_word, to_word = np.isin(start, known), np.isin(end, known)
        pairs += zip(start[from_word & ~to_word].tolist(), end[from_word & ~to_word].tolist(), strict=True)
        pairs += zip(end[to_word & ~from_word].tolist(), start[to_word & ~from_word].tolist(), strict=True)
    skills = sorted({skill for _, skill in pairs})
    ends = dict(zip(skills, store.ids(NODES, skills), strict=True))
    named = ((words[word], ends[skill]) for word, skill in pairs)
    return _together((word, skill) for word, skill in named if skill not in mine.get(word, ()))


def _decisions(store: Store) -> dict[str, Decision]:
    columns = ["id", "source", "word", "verdict", "skill", "rejected"]
    found: dict[str, Decision] = {}
    for batch in store.scan(DECISION, columns):
        for id, source, word, verdict, skill, rejected in zip(
            *(batch.arrays[c].tolist() for c in columns), strict=True
        ):
            if word not in found or id < found[word].id:
                found[word] = Decision(id, source, word, verdict, skill, frozenset(rejected or ()))
    return found
