"""Words as they are shown: who says them, how often they are spoken of, what they mean or might mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.settings import Settings
from graph.steady import steady
from graph.store import Store
from graph.viewer import OPERATOR
from graph.words.rule import ACCEPTED, NO_SKILL
from graph.words.spoken import Spoken, spoken_of
from graph.words.state import MATCH, State, Word, state_now
from graph.words.suggest import Suggestion, suggestions


@dataclass(frozen=True, slots=True)
class Meaning:
    """A skill that a word is matched to; `by` is "person", "rule", or the source that states it itself."""

    skill: str
    label: str
    by: str


@dataclass(frozen=True, slots=True)
class WordRow:
    """One word; `spoken_of` are rows by type, `verdict` what a person decided, "" when nobody did."""

    word: str
    source: str
    said: str
    spoken_of: Mapping[str, int]
    meanings: Sequence[Meaning]
    verdict: str
    suggestions: Sequence[Suggestion]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of words, those spoken of most first; `total` is how many there are."""

    total: int
    rows: Sequence[WordRow]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which words: of a source (None: any), `open_only` those that are neither matched nor decided to mean nothing."""

    open_only: bool = False
    source: str | None = None
    limit: int = 20
    skip: int = 0


def list_words(store: Store, settings: Settings, wanted: Wanted) -> Listing:
    """Suggestions are looked for where there is no match, and nobody decided that there is none."""
    return steady(store, lambda _: _listed(store, state_now(store, settings), wanted))


def word_row(store: Store, settings: Settings, word: str) -> WordRow | None:
    """One word by its id, a CURIE or an IRI; None when it is not there."""
    try:
        word = store.model.prefixes.curie(word)
    except ValueError:
        return None

    def read(_: int) -> WordRow | None:
        state = state_now(store, settings)
        found = state.words.get(word)
        return _rows(store, state, [found], spoken_of(store, [found.id]))[0] if found else None

    return steady(store, read)


def _listed(store: Store, state: State, wanted: Wanted) -> Listing:
    words = [word for word in state.words.values() if _is_wanted(state, word, wanted)]
    spoken = spoken_of(store, [word.id for word in words])
    words.sort(key=lambda word: (-spoken[word.id].total(), word.id))
    page = words[wanted.skip : wanted.skip + wanted.limit]
    return Listing(len(words), _rows(store, state, page, spoken))


def _rows(store: Store, state: State, page: Sequence[Word], spoken: Spoken) -> list[WordRow]:
    meanings = _meanings(store, state, page)
    suggested = suggestions(store, state, [word for word in page if not meanings[word.id]])
    return [
        WordRow(
            word.id,
            word.source,
            word.said,
            _counts(spoken[word.id]),
            meanings[word.id],
            state.decisions[word.id].verdict if word.id in state.decisions else "",
            suggested.get(word.id, []),
        )
        for word in page
    ]


def _is_wanted(state: State, word: Word, wanted: Wanted) -> bool:
    if wanted.source not in (None, word.source):
        return False
    decision = state.decisions.get(word.id)
    is_settled = state.mine.get(word.id) or state.others.get(word.id) or (decision and decision.verdict == NO_SKILL)
    return not (wanted.open_only and is_settled)


def _counts(spoken: Counter[str]) -> dict[str, int]:
    return dict(sorted(spoken.items(), key=lambda each: (-each[1], each[0])))


def _meanings(store: Store, state: State, words: Sequence[Word]) -> dict[str, list[Meaning]]:
    """The matches of each word, and who states them."""
    ids = [word.id for word in words]
    out, back = (store.expand(ids, OPERATOR, [MATCH], incoming) for incoming in (False, True))
    stated = [(edge.start, edge.end, edge.sources) for edge in out] + [
        (edge.end, edge.start, edge.sources) for edge in back
    ]
    skills = store.many([skill for _, skill, _ in stated], OPERATOR)
    found: dict[str, list[Meaning]] = {id: [] for id in ids}
    for word, skill, sources in sorted(stated):
        if skill not in state.words:
            label = str(skills[skill].properties.get("label") or skill)
            found[word].append(Meaning(skill, label, _by(state, word, skill, sources)))
    return found


def _by(state: State, word: str, skill: str, sources: Sequence[str]) -> str:
    decision = state.decisions.get(word)
    if decision is not None and (decision.verdict, decision.skill) == (ACCEPTED, skill):
        return "person"
    return "rule" if skill in state.mine.get(word, ()) else sources[0]
