"""Labels by the words they hold, out of the full-text indexes.

What the user typed is folded to plain words. They reach Lucene's parser escaped, in a bound parameter: its syntax has
no say. The indexes only narrow down the nodes; whether a label matches is then asked of the label itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from graph.folding import fold
from graph.kinds import LABELS
from graph.neo4j.cypher import Layout, parts
from graph.neo4j.names import type_of
from graph.neo4j.schema import SEARCH, SEARCH_PERSON
from graph.neo4j.states import Reading
from graph.search import CANDIDATES, PREFERRED, Among, Label, Pattern, is_completed, is_nearly_completed, slips

_CLAUSES = 500  # Lucene takes 1024 in one query
_MOST_NODES = 20_000  # that are looked through for words
_IN_LANGUAGE = 5  # times as many candidates where some are of other languages

_folded = lru_cache(20_000)(fold)

# A label is `' word word '`: a whole word stands between spaces, the beginning of one after a space.
_MATCHING = (
    "CALL db.index.fulltext.queryNodes($index, $lucene) YIELD node AS n "
    "WHERE any(label IN labels(n) WHERE label IN $types) "
    "AND ($people IS NULL OR none(label IN labels(n) WHERE label IN $records) OR n._key IN $people) "
    "UNWIND n.{0} AS folded WITH n, folded, ' ' + folded + ' ' AS text "
    "WHERE all(words IN $words WHERE any(word IN words WHERE text CONTAINS word)) AND text STARTS WITH $start "
    "WITH n, min(size(folded)) AS length, collect(folded) AS matched ORDER BY length, n._key LIMIT $limit "
    "RETURN collect(n._key), collect(n.id), collect(labels(n)), collect(matched), "
    "collect([name IN keys(n) WHERE split(name, '@')[0] IN $properties | [name, n[name]]])"
)
_WORDS = (
    "CALL db.index.fulltext.queryNodes($index, $lucene, {{limit: $limit}}) YIELD node AS n "
    "UNWIND n.{0} AS folded UNWIND split(folded, ' ') AS word RETURN collect(DISTINCT word)"
)


class Neo4jLabels:
    """See `graph.search.Labels`."""

    def __init__(self, reading: Reading, layout: Layout) -> None:
        self._reading = reading
        self._layout = layout
        self._heads: dict[int, tuple[str, dict[str, str]]] = {}

    def matching(self, pattern: Pattern, among: Among) -> Iterable[Label]:
        found = self._reading.columns(
            _MATCHING.format(_property(among.personal)),
            index=_index(among.personal),
            lucene=_lucene(pattern),
            types=[kind.name for kind in among.kinds],
            people=None if among.people is None else sorted(among.people),
            records=[self._layout.names[number] for number in sorted(self._layout.people)],
            words=_texts(pattern),
            start=f" {' '.join(word for (word,) in pattern.words)} " if pattern.match == "first" else "",
            properties=list(LABELS),
            limit=CANDIDATES * (1 if among.language is None else _IN_LANGUAGE),
        )
        labels = [label for row in zip(*found, strict=True) for label in self._labels(among, row)]
        return sorted(labels, key=lambda label: (len(label.folded), label.kind, label.node))[:CANDIDATES]

    def _labels(self, among: Among, row: Sequence[Any]) -> Iterator[Label]:
        """The labels of a node that matched, as they are stated."""
        node, id, labels, matched, stated = row
        type_name, heads = type_of(self._layout, labels), dict[str, str]()
        for name, value in stated:
            base, _, tag = name.partition("@")
            kind = LABELS[base]
            for text in (value,) if isinstance(value, str) else value:
                if kind == PREFERRED:
                    heads[tag] = text
                if among.language in (None, tag) and _folded(text) in matched:
                    yield Label(node, type_name, kind, tag, text, _folded(text))
        self._heads[node] = id, heads

    def words(self, personal: bool, near: Sequence[str], exact: Collection[str]) -> Sequence[str]:
        wanted = [clause for word in near for clause in _near(word)] + [_escaped(word) for word in sorted(exact)]
        query, found = _WORDS.format(_property(personal)), set[str]()
        for some in parts(list(dict.fromkeys(wanted)), _CLAUSES):
            lucene = " OR ".join(some)
            found.update(self._reading.columns(query, index=_index(personal), lucene=lucene, limit=_MOST_NODES)[0])
        return sorted(found)

    def head(self, found: Label, language: str) -> tuple[str, str]:
        id, heads = self._heads[found.node]
        return id, heads.get(language) or next((heads[tag] for tag in sorted(heads)), "")


def _index(personal: bool) -> str:
    return SEARCH_PERSON if personal else SEARCH


def _property(personal: bool) -> str:
    return "_search_person" if personal else "_search"


def _texts(pattern: Pattern) -> list[list[str]]:
    """What the text of a label must contain: of each one at least."""
    end = "" if pattern.match == "begun" else " "
    return [[f" {word}{end}" for word in words] for words in pattern.words]


def _lucene(pattern: Pattern) -> str:
    """What finds every node that has such a label."""
    end = "*" if pattern.match == "begun" else ""
    return " AND ".join("(" + " OR ".join(_escaped(word) + end for word in words) + ")" for words in pattern.words)


def _near(word: str) -> Iterator[str]:
    """What finds the words that `graph.search` takes `word` for: with slips, longer ones, longer ones with a slip."""
    yield _escaped(word)
    if slips(word):
        yield f"{_escaped(word)}~{slips(word)}"
    if is_completed(word):
        yield f"{_escaped(word)}*"
    if is_nearly_completed(word):
        for place in range(len(word)):
            yield f"{_escaped(word[:place])}?{_escaped(word[place + 1 :])}*"
            if place and word[place - 1] != word[place]:
                yield f"{_escaped(word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :])}*"


def _escaped(word: str) -> str:
    """A word without meaning to Lucene's parser; words are folded, so operators like OR are none."""
    return "".join(each if each.isalnum() else f"\\{each}" for each in word)
