"""What words mean: a person's decision, else what their source says, else the rule. A pure function of the state.

The rule: a word means the one skill that has it as a label, exactly but for `normalised`. Of several, a preferred label
counts before an alternative and that before a hidden one, then the order of vocabularies; while there are still
several, the word means none of them by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from graph.words.spelling import normalised
from graph.words.state import Decision, Name, State, Word

ACCEPTED, REJECTED, NO_SKILL = "accepted", "rejected", "no_skill"
"""Verdicts, as the ontology names them."""


def meant(state: State, spoken: Collection[str] = ()) -> dict[str, str]:
    """word -> skill: all that the source `words` is to state.

    `spoken` are those retired words that something still speaks of; of other retired ones nothing is stated, so that
    they go as they would have gone without a match.
    """
    found = {word: each.skill for word, each in state.decisions.items() if each.verdict == ACCEPTED and each.skill}
    open_words = [
        word
        for word in state.words.values()
        if is_left_to_rule(word, state) and (not word.retired or word.id in spoken)
    ]
    named = by_text(state.names, {word.text for word in open_words})
    for word in open_words:
        if word.text in named and (skill := the_one(named[word.text], state.decisions.get(word.id))):
            found[word.id] = skill
    return found


def is_left_to_rule(word: Word, state: State) -> bool:
    """Whether neither a person nor its source says what the word means."""
    decision = state.decisions.get(word.id)
    return word.id not in state.others and (decision is None or decision.verdict == REJECTED)


def by_text(names: Iterable[Name], wanted: Collection[str]) -> Mapping[str, list[Name]]:
    """The names that are one of the wanted texts when normalised."""
    found: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        text = normalised(name.text)
        if text in wanted:
            found[text].append(name)
    return found


def the_one(names: Sequence[Name], decision: Decision | None) -> str | None:
    """The skill that the best of the names belong to, if it is one; what was rejected is as if not there."""
    rejected = decision.rejected if decision else frozenset()
    left = [name for name in names if name.skill not in rejected]
    if not left:
        return None
    best = min((name.kind, name.place) for name in left)
    skills = {name.skill for name in left if (name.kind, name.place) == best}
    return skills.pop() if len(skills) == 1 else None
