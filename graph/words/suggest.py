"""What a word that has no match might mean: labels that look like it, and those that a search for it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph.folding import fold
from graph.store import Hit, Store
from graph.viewer import OPERATOR
from graph.words.rule import NO_SKILL
from graph.words.state import Name, State, Word

BEST = 5
"""Suggestions for a word."""
_LOOKED_AT = 20  # labels that look alike
_HITS = 100  # of a search, which finds other words too
_LEAST = 50  # hundredths: what is less alike is no suggestion
_LONGEST = 200  # characters of a word that are compared


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A skill that a word may mean; `matched` is the label that looks like it, `score` 0 to 1, higher is better."""

    skill: str
    label: str
    matched: str
    score: float


def suggestions(store: Store, state: State, words: Sequence[Word]) -> dict[str, list[Suggestion]]:
    """The best for each word, best first; nothing that was rejected, and nothing for a word without a skill."""
    asked = [word for word in words if not _is_closed(state, word)]
    alike = _alike(state.names, asked)
    known = {name.skill for name in state.names}
    found: dict[str, dict[str, tuple[float, str]]] = {}
    for word in asked:
        hits = store.search(word.said, OPERATOR, ["Skill"], None, _HITS)
        found[word.id] = _joined(alike[word.id], [hit for hit in hits if hit.id in known], _rejected(state, word))
    labels = _labels(store, [skill for best in found.values() for skill in best])
    return {
        word: [Suggestion(skill, labels[skill], text, round(score, 4)) for skill, (score, text) in best.items()]
        for word, best in found.items()
    }


def _is_closed(state: State, word: Word) -> bool:
    decision = state.decisions.get(word.id)
    return decision is not None and decision.verdict == NO_SKILL


def _rejected(state: State, word: Word) -> frozenset[str]:
    decision = state.decisions.get(word.id)
    return decision.rejected if decision else frozenset()


def _alike(names: Sequence[Name], words: Sequence[Word]) -> dict[str, list[tuple[float, Name]]]:
    """Of every label how alike it is to each word, whatever the order of its words; the best of them."""
    from rapidfuzz import fuzz, process  # only suggestions pay for loading it

    if not names or not words:
        return {word.id: [] for word in words}
    labels = [_ordered(name.text) for name in names]
    scores = process.cdist(
        [_ordered(word.said) for word in words], labels, scorer=fuzz.ratio, score_cutoff=_LEAST, dtype=np.uint8
    )
    found = {}
    for word, row in zip(words, scores, strict=True):
        best = np.argsort(-row.astype(np.int16), kind="stable")[:_LOOKED_AT]
        found[word.id] = [(int(row[at]) / 100, names[at]) for at in best.tolist() if row[at]]
    return found


def _ordered(text: str) -> str:
    return " ".join(sorted(fold(text[:_LONGEST]).split()))


def _joined(
    alike: Sequence[tuple[float, Name]], hits: Sequence[Hit], rejected: frozenset[str]
) -> dict[str, tuple[float, str]]:
    """skill -> score and label, the best first; a skill found both ways has the better score."""
    every = [(score, name.skill, name.text) for score, name in alike]
    every += [(min(hit.score, 1.0), hit.id, hit.matched) for hit in hits]
    best: dict[str, tuple[float, str]] = {}
    for score, skill, text in sorted(every, key=lambda each: (-each[0], each[1], each[2])):
        if skill not in rejected:
            best.setdefault(skill, (score, text))
    return dict(list(best.items())[:BEST])


def _labels(store: Store, skills: Sequence[str]) -> Mapping[str, str]:
    """The preferred label of each skill, else its id."""
    nodes = store.many(list(dict.fromkeys(skills)), OPERATOR)
    return {id: str(node.properties.get("label") or id) for id, node in nodes.items()}
