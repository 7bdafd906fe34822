"""Searching labels: words in any order, beginnings of words, and mistyped words mended by the words there are.

What the user typed is folded to plain words, and these reach FTS5 quoted, in a bound parameter: its syntax has no say.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from graph.folding import fold
from graph.sqlite.layout import NodeKind
from graph.store import Hit

_MOST_WORDS = 12
_LONGEST_WORD = 60
_LONGEST_TEXT = 1000
_CANDIDATES = 400  # best labels that are looked at more closely
_FEW = 3  # with fewer nodes found, typos are thought of
_MENDINGS = 6  # vocabulary words tried for one mistyped word
_PREFERRED = 1
_KIND_BONUS = {1: 0.03, 2: 0.02, 3: 0.0}


@dataclass
class Vocabulary:
    """The words of the labels, kept between searches until something is written."""

    words: dict[str, tuple[int, list[str]]] = field(default_factory=dict)  # table -> state, words

    def of(self, db: sqlite3.Connection, table: str, state: int) -> list[str]:
        """All words of a label table in the state that `state` counts."""
        known = self.words.get(table)
        if known is None or known[0] != state:
            known = self.words[table] = (state, [word for (word,) in db.execute(f"SELECT term FROM {table}_terms")])
        return known[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, folded; `penalty` is taken from scores when the words were mended."""

    text: str
    words: Sequence[str]
    language: str | None
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """One label that was found."""

    node: int
    type: int
    language: str
    text: str
    score: float


class Searcher:
    """Searches of one state of the store, for one viewer."""

    def __init__(self, sight: Sight, vocabulary: Vocabulary, state: int) -> None:
        self.db = sight.db
        self.layout = sight.layout
        self.sight = sight
        self.vocabulary = vocabulary
        self.state = state

    def search(self, text: str, types: Sequence[str], language: str | None, limit: int) -> list[Hit]:
        """The best label of each node found, best first."""
        words = [word[:_LONGEST_WORD] for word in fold(text[:_LONGEST_TEXT]).split()[:_MOST_WORDS]]
        if not words or limit < 1:
            return []
        asked = Asked(" ".join(words), words, language)
        best: dict[int, Found] = {}
        for table, kinds in self._tables(types).items():
            found = list(self._find(asked, table, kinds))
            if len({each.node for each in found}) < _FEW:
                found += self._mended(asked, table, kinds)
            for each in found:
                if each.node not in best or best[each.node].score < each.score:
                    best[each.node] = each
        ranked = sorted(best.values(), key=lambda each: (-each.score, len(each.text), each.text, each.node))
        return list(islice(self._hits(ranked, language), limit))

    def _tables(self, types: Sequence[str]) -> dict[str, list[int]]:
        """Label tables and the type numbers to look for in them; personal labels only for whom they are shown."""
        tables: dict[str, list[int]] = {}
        for name in types or self.layout.nodes:
            kind = self.layout.node_kind(name)
            if kind.labels and self.sight.sees_type(kind) and self._shows_labels(kind):
                tables.setdefault(kind.labels_table, []).append(kind.number)
        return tables

    def _shows_labels(self, kind: NodeKind) -> bool:
        personal = (kind.properties[name].personal for name in kind.labels)
        return all(self.sight.viewer.may(each.visible_to) for each in personal if each)

    def _find(self, asked: Asked, table: str, kinds: Sequence[int]) -> Iterator[Found]:
        """Labels that hold every word, or one that begins so; what begins as the text does is looked at for sure."""
        yield from self._matching(asked, table, kinds, f'^ "{asked.text}"')
        yield from self._matching(asked, table, kinds, _all_of(asked.words))

    def _mended(self, asked: Asked, table: str, kinds: Sequence[int]) -> Iterator[Found]:
        """As if the words had been typed rightly: what that means is asked of the words there are."""
        known = self.vocabulary.of(self.db, table, self.state)
        choices = [list(dict.fromkeys(_likely(word, known))) for word in asked.words]
        if all(choices):
            some = (" OR ".join(f'"{word}"' for word in likely) for likely in choices)
            match = " AND ".join(f"({each})" for each in some)
            yield from self._matching(replace(asked, penalty=0.05), table, kinds, match)
        for words in _regrouped(asked.words, set(known)):
            again = replace(asked, words=words, text=" ".join(words), penalty=0.05)
            yield from self._matching(again, table, kinds, _all_of(words))

    def _matching(self, asked: Asked, table: str, kinds: Sequence[int], match: str) -> Iterator[Found]:
        """The shortest labels that FTS5 finds."""
        query = (
            f"SELECT l.node, n.type, l.kind, l.language, l.text, l.folded FROM {table}_words w "
            f"CROSS JOIN {table} l ON l.key = w.rowid CROSS JOIN node n ON n.key = l.node WHERE w.folded MATCH ?1 "
            "AND n.type IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR l.language = ?3) "
            "AND (?5 IS NULL OR n.type NOT IN (SELECT value FROM json_each(?6)) "
            "OR l.node IN (SELECT value FROM json_each(?5))) "
            "ORDER BY length(l.folded), l.kind, l.key LIMIT ?4"
        )
        tag, people = self._tag(asked.language), sorted(self.layout.people)
        parameters = (match, json.dumps(list(kinds)), tag, _CANDIDATES, self._among(kinds), json.dumps(people))
        for node, kind, place, tag, text, folded in self.db.execute(query, parameters):
            yield Found(node, kind, tag, text, _score(asked.text, folded, place) - asked.penalty)

    def _among(self, kinds: Sequence[int]) -> str | None:
        """The people that may be found; None for all, and for what is no person."""
        if self.sight.everyone or not self.layout.people.intersection(kinds):
            return None
        return json.dumps(sorted(self.sight.seen))

    def _tag(self, language: str | None) -> str | None:
        """Labels in the deployment's own language have no tag."""
        return "" if language == self.sight.settings.language else language

    def _hits(self, ranked: Iterable[Found], language: str | None) -> Iterator[Hit]:
        """Nodes with the label they are shown under."""
        for found in ranked:
            name = self.layout.names[found.type]
            label = self._label(self.layout.node_kind(name).labels_table, found, language)
            shown = found.language or self.sight.settings.language
            (id,) = self.db.execute("SELECT id FROM node WHERE key = ?", (found.node,)).fetchone()
            yield Hit(id, name, label, found.text, shown, round(found.score, 4))

    def _label(self, table: str, found: Found, language: str | None) -> str:
        query = (
            f"SELECT text FROM {table} WHERE node = ? AND kind = {_PREFERRED} ORDER BY language <> ?, language LIMIT 1"
        )
        row = self.db.execute(query, (found.node, self._tag(language) or "")).fetchone()
        return str(row[0]) if row else found.text


def _all_of(words: Sequence[str]) -> str:
    """In FTS5's syntax: every word, or one that begins so, in any order."""
    return " AND ".join(f'"{word}"*' for word in words)


def _score(wanted: str, folded: str, kind: int) -> float:
    """0 to 1.03: how alike the texts are whatever the order of words; exact ones and preferred labels come first."""
    from rapidfuzz import fuzz  # only searches pay for loading it

    alike = max(fuzz.token_sort_ratio(wanted, folded), 0.9 * fuzz.token_set_ratio(wanted, folded)) / 100
    return (1.0 if wanted == folded else 0.97 * alike) + _KIND_BONUS[kind]


def _likely(word: str, known: Sequence[str]) -> Iterator[str]:
    """Known words that `word` may have been meant for: itself, beginnings, and those one or two slips away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    alike = process.extract(word, known, scorer=OSA.distance, score_cutoff=slips, limit=_MENDINGS)
    yield from (term for term, _, _ in alike)
    longer = [term for term in known if len(term) > len(word)] if len(word) >= 4 else []
    if any(term.startswith(word) for term in longer):
        yield from islice((term for term in longer if term.startswith(word)), _MENDINGS)
    elif len(word) >= 6:
        begun = process.extract(
            word, [term[: len(word)] for term in longer], scorer=OSA.distance, score_cutoff=1, limit=_MENDINGS
        )
        yield from (longer[place] for _, _, place in begun)


def _regrouped(words: Sequence[str], known: set[str]) -> Iterator[list[str]]:
    """The words with one space left out, or one put in, where that makes known words."""
    for place, (left, right) in enumerate(pairwise(words)):
        if left + right in known:
            yield [*words[:place], left + right, *words[place + 2 :]]
    for place, word in enumerate(words):
        for cut in range(2, len(word) - 1):
            if word[:cut] in known and word[cut:] in known:
                yield [*words[:place], word[:cut], word[cut:], *words[place + 1 :]]
