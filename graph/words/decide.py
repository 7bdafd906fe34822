"""What people decide of words: kept in the graph as a node a word, obeyed before any rule, and taken back at will."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from graph.canonical import content_hash
from graph.settings import Settings
from graph.store import Batch, Block, Node, Outcome, Store
from graph.viewer import OPERATOR
from graph.words.match import PATIENCE, Turn, alone, differing, match_blocks, recorded, still_spoken
from graph.words.rule import ACCEPTED, NO_SKILL, REJECTED, meant
from graph.words.state import DECISION, WORD, WORDS, Decision, State, read_state
from ontology.ids import make_curie

_SPACE = "word-decision"
_LOOK = "`skillgraph words` lists them"


class BadDecision(ValueError):
    """A decision that can't be taken; `field` is "word" or "skill", whichever was given wrongly, `fix` what to do."""

    def __init__(self, field: Literal["word", "skill"], value: str, reason: str, fix: str) -> None:
        super().__init__(f"{reason}: {fix}")
        self.field, self.value, self.fix = field, value, fix


class NoSuchWord(BadDecision):
    """Nothing is there that could be decided on."""


def accept(store: Store, settings: Settings, word: str, skill: str, *, patience: float = PATIENCE) -> None:
    """The word means this skill, whatever was decided or matched before.

    Raises `BadDecision`, and `Busy` when another process matches words for longer than `patience` seconds.
    """
    word, skill = _word(store, word), _skill(store, skill)

    def decided(before: Decision, state: State) -> Decision:
        if state.others.get(word, frozenset()) - {skill}:
            raise _said_by_source(word)
        return replace(before, verdict=ACCEPTED, skill=skill, rejected=before.rejected - {skill})

    _decide(store, settings, word, decided, patience)


def reject(
    store: Store, settings: Settings, word: str, skill: str | None = None, *, patience: float = PATIENCE
) -> None:
    """The word does not mean this skill; without one, nothing that a vocabulary has.

    A match with it is undone, and it is not suggested again. Raises `BadDecision`, `Busy`.
    """
    word, skill = _word(store, word), skill and _skill(store, skill)

    def decided(before: Decision, state: State) -> Decision:
        said = state.others.get(word, frozenset())
        if said and skill in (None, *said):
            raise _said_by_source(word)
        if skill is None:
            return replace(before, verdict=NO_SKILL, skill=None)
        rejected = before.rejected | {skill}
        if before.skill == skill:
            return replace(before, verdict=REJECTED, skill=None, rejected=rejected)
        return replace(before, rejected=rejected)

    _decide(store, settings, word, decided, patience)


def forget(store: Store, settings: Settings, word: str, *, patience: float = PATIENCE) -> None:
    """Take back what was decided of the word and all that it caused; the rule says again what it means.

    Also of a word that its source does not call one any longer. Raises `BadDecision` when nothing was decided, `Busy`.
    """
    node = _node(store, "word", word)
    word = node.id if node else word

    def decided(_before: Decision, state: State) -> None:
        if word not in state.decisions:
            raise BadDecision("word", word, f"nothing was decided of {word}", _LOOK)

    _decide(store, settings, word, decided, patience)


def source_of(store: Store, word: str) -> str:
    """The source that states the word. Raises `NoSuchWord`."""
    return store.many([id := _word(store, word)], OPERATOR)[id].source


def decision_id(word: str) -> str:
    """The id of what is decided of a word.

    >>> decision_id("ats-word:c~23")
    'word-decision:ats-word~3ac~7e23'
    """
    try:
        return make_curie(_SPACE, word)
    except ValueError:  # too long when it is escaped twice
        return make_curie(_SPACE, hashlib.sha256(word.encode()).hexdigest())


Decided = Callable[[Decision, State], Decision | None]
"""What is decided after what was (REJECTED with nothing rejected: nothing was)."""


def _decide(store: Store, settings: Settings, word: str, decided: Decided, patience: float) -> None:
    """Write the decision, or its removal, together with what it changes about the word."""
    with alone(store, patience):
        state = read_state(store, settings)
        before = state.decisions.get(word) or Decision(decision_id(word), WORDS, word, REJECTED, None, frozenset())
        now = decided(before, state)
        decisions = {id: each for id, each in state.decisions.items() if id != word} | ({word: now} if now else {})
        wanted = meant(replace(state, decisions=decisions), still_spoken(store, filter(None, [state.words.get(word)])))
        turns = [turn for turn in differing(state, wanted) if turn.word == word]
        if turns or now != state.decisions.get(word):
            with recorded(store, turns) as record:
                version = record.snapshot_at
                blocks = [_block(before.id, now, version), *_stated_with(before, now, version)]
                _write(store, before.owner, blocks, Batch(WORDS, record.id, match_blocks(turns, version)))


def _stated_with(before: Decision, now: Decision | None, version: int) -> list[Block]:
    """The match that another source states beside the decision, as in tables that were exported: it goes with it."""
    skill = None if now is None else now.skill
    if before.owner == WORDS or before.skill in (None, skill):
        return []
    return match_blocks([Turn(before.word, str(before.skill), stated=False)], version)


def _block(id: str, now: Decision | None, version: int) -> Block:
    """A decision as it is written; None: as it is taken back."""
    if now is None:
        return Block(DECISION, {"id": [id]}, [version], [0], removed=True)
    stated: dict[str, Any] = {
        "word": now.word,
        "verdict": now.verdict,
        "skill": now.skill,
        "rejected": tuple(sorted(now.rejected)) or None,
        "decided_at": int(time.time()),
    }
    columns = {"id": [id], **{name: [value] for name, value in stated.items()}}
    return Block(DECISION, columns, [version], [content_hash(stated)])


def _write(store: Store, owner: str, blocks: Sequence[Block], matches: Batch) -> None:
    """In one transaction, unless another source states the decision: then it comes first, for the rule to obey."""
    if owner == WORDS:
        receipt = store.write(replace(matches, blocks=[*blocks, *matches.blocks]))
    else:
        receipt = store.write(Batch(owner, matches.load, blocks))
    outcome = Outcome(int(receipt.outcomes[0][0]))
    if outcome not in _TAKEN:
        word = blocks[0].columns.get("word", blocks[0].columns["id"])[0]
        raise BadDecision("word", word, f"it was not written ({outcome.name.lower()})", "look again, then decide")
    if owner != WORDS and matches.blocks:
        store.write(matches)


_TAKEN = frozenset({Outcome.ADDED, Outcome.CHANGED, Outcome.REMOVED, Outcome.UNCHANGED, Outcome.CONFLICT_TAKEN})


def _said_by_source(word: str) -> BadDecision:
    reason = f"rows of a source match {word} themselves"
    return BadDecision("word", word, reason, "take the EXACT_MATCH out there")


def _word(store: Store, text: str) -> str:
    """The id of a word that is there."""
    node = _node(store, "word", text)
    if node is None or node.type != "Skill":
        raise NoSuchWord("word", text, f"there is no word {text!r}", _LOOK)
    if node.properties.get("type") != WORD:
        raise NoSuchWord("word", text, f"{node.id} is a skill of a vocabulary, not a word", _LOOK)
    return node.id


def _skill(store: Store, text: str) -> str:
    """The id of a skill that is there and no word."""
    node = _node(store, "skill", text)
    if node is None or node.type != "Skill":
        fix = "look for a misspelt id, or load its vocabulary first"
        raise BadDecision("skill", text, f"there is no skill {text!r}", fix)
    if node.properties.get("type") == WORD:
        raise BadDecision("skill", text, f"{node.id} is itself a word", "name the skill of a vocabulary that both mean")
    return node.id


def _node(store: Store, field: Literal["word", "skill"], text: str) -> Node | None:
    try:
        id = store.model.prefixes.curie(text)
    except ValueError as error:
        reason, _, fix = str(error).partition(": ")
        raise (NoSuchWord if field == "word" else BadDecision)(field, text, reason, fix) from error
    return store.many([id], OPERATOR).get(id)
