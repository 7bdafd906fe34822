"""Searching labels: words in any order, beginnings of words, and mistyped words mended by the words there are.

An engine finds labels that hold words; which words are looked for, and how labels are ranked, is the same for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Literal, Protocol

from graph.folding import fold
from graph.kinds import NodeKind
from graph.sight import Sight
from graph.store import Hit

CANDIDATES = 400  # best labels that are looked at more closely
PREFERRED = 1  # in `graph.kinds.LABELS`

_MOST_WORDS = 12
_LONGEST_WORD = 60
_LONGEST_TEXT = 1000
_FEW = 3  # with fewer nodes found, typos are thought of
_MENDINGS = 6  # vocabulary words tried for one mistyped word
_PENALTY = 0.05  # for what is found by mended words only
_KIND_BONUS = {1: 0.03, 2: 0.02, 3: 0.0}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a folded label must hold: of each of `words` one at least.

    `match` says how: "whole" words, in any order; "begun" words, that is words beginning so, in any order; or as
    "first" words of the label, whole and in this order.
    """

    words: Sequence[Sequence[str]]
    match: Literal["whole", "begun", "first"]


@dataclass(frozen=True, slots=True)
class Among:
    """Where to look: one of the two places for labels, types, a language tag ("" is the deployment's own language,
    None any), and the people that may be found (None: all)."""

    personal: bool
    kinds: Sequence[NodeKind]
    language: str | None
    people: Collection[int] | None


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a node as the engine gives it; `kind` is its number in `graph.kinds.LABELS`."""

    node: int
    type: str
    kind: int
    language: str
    text: str
    folded: str


class Labels(Protocol):
    """What searching asks of an engine, all of one state."""

    def matching(self, pattern: Pattern, among: Among) -> Iterable[Label]:
        """The labels that match, of which there may be many: then the `CANDIDATES` shortest by their folded text."""
        ...

    def words(self, personal: bool, near: Sequence[str], exact: Collection[str]) -> Sequence[str]:
        """Words of labels in ascending order: at least those that look or begin like one of `near`, and `exact`."""
        ...

    def head(self, found: Label, language: str) -> tuple[str, str]:
        """The id of a node, and its preferred label in a language if it has one, else any of its preferred ones, else
        the empty text."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, folded; `penalty` is taken from scores when the words were mended."""

    words: Sequence[str]
    penalty: float = 0.0

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Found:
    """One label that was found, and how well it fits."""

    label: Label
    score: float


class Searcher:
    """Searches of one state of the store, for one viewer."""

    def __init__(self, labels: Labels, sight: Sight) -> None:
        self.labels = labels
        self.sight = sight

    def search(self, text: str, types: Sequence[str], language: str | None, limit: int) -> list[Hit]:
        """The best label of each node found, best first."""
        words = [word[:_LONGEST_WORD] for word in fold(text[:_LONGEST_TEXT]).split()[:_MOST_WORDS]]
        if not words or limit < 1:
            return []
        best: dict[int, Found] = {}
        for among in self._places(types, language):
            for each in self._found(Asked(words), among):
                known = best.get(each.label.node)
                if known is None or known.score < each.score:
                    best[each.label.node] = each
        ranked = sorted(best.values(), key=_rank)
        return [self._hit(each, language) for each in islice(ranked, limit)]

    def _places(self, types: Sequence[str], language: str | None) -> Iterator[Among]:
        """Where to look; among personal labels only for whom they are shown."""
        kinds = [self.sight.layout.node_kind(name) for name in types or self.sight.layout.nodes]
        visible = [kind for kind in kinds if kind.labels and self.sight.sees_type(kind) and self._shows_labels(kind)]
        tag = "" if language == self.sight.settings.language else language
        for personal in (False, True):
            chosen = [kind for kind in visible if kind.labels_personal == personal]
            if chosen:
                yield Among(personal, chosen, tag, self._people(chosen))

    def _shows_labels(self, kind: NodeKind) -> bool:
        personal = (kind.properties[name].personal for name in kind.labels)
        return all(self.sight.viewer.may(each.visible_to) for each in personal if each)

    def _people(self, kinds: Sequence[NodeKind]) -> Collection[int] | None:
        if self.sight.everyone or self.sight.layout.people.isdisjoint(kind.number for kind in kinds):
            return None
        return self.sight.seen

    def _found(self, asked: Asked, among: Among) -> list[Found]:
        """Labels that hold every word, or one that begins so; what begins as the text does is looked at for sure."""
        found = self._matching(asked, Pattern([[word] for word in asked.words], "first"), among)
        found += self._matching(asked, _begun(asked.words), among)
        if len({each.label.node for each in found}) < _FEW:
            found += self._mended(replace(asked, penalty=_PENALTY), among)
        return found

    def _mended(self, asked: Asked, among: Among) -> Iterator[Found]:
        """As if the words had been typed rightly: what that means is asked of the words there are."""
        regrouped = list(_regrouped(asked.words))
        exact = {word for _, needed in regrouped for word in needed}
        known = self.labels.words(among.personal, asked.words, exact)
        choices = [list(dict.fromkeys(_likely(word, known))) for word in asked.words]
        if all(choices):
            yield from self._matching(asked, Pattern(choices, "whole"), among)
        there = exact.intersection(known)
        for words, needed in regrouped:
            if there.issuperset(needed):
                yield from self._matching(replace(asked, words=words), _begun(words), among)

    def _matching(self, asked: Asked, pattern: Pattern, among: Among) -> list[Found]:
        text = asked.text
        return [
            Found(label, _score(text, label.folded, label.kind) - asked.penalty)
            for label in self.labels.matching(pattern, among)
        ]

    def _hit(self, found: Found, language: str | None) -> Hit:
        """A node with the label it is shown under."""
        label, own = found.label, self.sight.settings.language
        id, shown = self.labels.head(label, "" if language in (None, own) else str(language))
        return Hit(id, label.type, shown or label.text, label.text, label.language or own, round(found.score, 4))


def _rank(found: Found) -> tuple[float, int, str, int]:
    return -found.score, len(found.label.text), found.label.text, found.label.node


def _begun(words: Sequence[str]) -> Pattern:
    return Pattern([[word] for word in words], "begun")


def _score(wanted: str, folded: str, kind: int) -> float:
    """0 to 1.03: how alike the texts are whatever the order of words; exact ones and preferred labels come first."""
    from rapidfuzz import fuzz  # only searches pay for loading it

    alike = max(fuzz.token_sort_ratio(wanted, folded), 0.9 * fuzz.token_set_ratio(wanted, folded)) / 100
    return (1.0 if wanted == folded else 0.97 * alike) + _KIND_BONUS[kind]


def slips(word: str) -> int:
    """How many slips of the finger are forgiven in a word."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def is_completed(word: str) -> bool:
    """Whether a word is long enough to be taken for the beginning of a longer one."""
    return len(word) >= 4


def is_nearly_completed(word: str) -> bool:
    """Whether that longer word may begin with one slip."""
    return len(word) >= 6


def _likely(word: str, known: Sequence[str]) -> Iterator[str]:
    """Known words that `word` may have been meant for: itself, beginnings, and those one or two slips away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    alike = process.extract(word, known, scorer=OSA.distance, score_cutoff=slips(word), limit=_MENDINGS)
    yield from (term for term, _, _ in alike)
    longer = [term for term in known if len(term) > len(word)] if is_completed(word) else []
    if any(term.startswith(word) for term in longer):
        yield from islice((term for term in longer if term.startswith(word)), _MENDINGS)
    elif is_nearly_completed(word):
        begun = process.extract(
            word, [term[: len(word)] for term in longer], scorer=OSA.distance, score_cutoff=1, limit=_MENDINGS
        )
        yield from (longer[place] for _, _, place in begun)


def _regrouped(words: Sequence[str]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """The words with one space left out, or one put in, and the words that must be known for that to make sense."""
    for place, (left, right) in enumerate(pairwise(words)):
        yield [*words[:place], left + right, *words[place + 2 :]], (left + right,)
    for place, word in enumerate(words):
        for cut in range(2, len(word) - 1):
            yield [*words[:place], word[:cut], word[cut:], *words[place + 1 :]], (word[:cut], word[cut:])
