"""Stating what words mean: EXACT_MATCH edges from words to skills, of a source of their own, brought up to the state.

Who takes such an edge away takes with it all that it caused: what counts through it is derived, never kept.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from graph.canonical import content_hash
from graph.ledger import LoadRecord
from graph.settings import Settings
from graph.store import Batch, Block, Busy, Store
from graph.words.rule import meant
from graph.words.spoken import spoken_of
from graph.words.state import DECISION, MATCH, WORDS, State, Word, read_state

DEPENDS_ON = frozenset({"Skill", MATCH, DECISION})
"""The types that what words mean depends on."""

PATIENCE = 60.0
"""Seconds that a load or a command waits for another process that matches words."""
_PAUSE = 0.05
_FIRST, _FEWEST, _MOST = 1_000, 500, 20_000  # matches a batch
_AIM = 0.15  # seconds for which a batch should shut other writers out


@dataclass(frozen=True, slots=True)
class Turn:
    """One match, (word, skill), that is to be stated, or else taken back."""

    word: str
    skill: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """How many matches were stated, and how many taken back."""

    stated: int
    undone: int


@contextmanager
def alone(store: Store, patience: float) -> Iterator[None]:
    """Only one at a time says what words mean, each after its own writes: so the last one sees all.

    Waits up to `patience` seconds for another, then raises `Busy`.
    """
    until = time.monotonic() + patience
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(store.hold(WORDS))
                break
            except Busy:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)
        yield


def match_words(store: Store, settings: Settings) -> Matched:
    """Match every word anew and write what differs from what is stated. Raises `Busy`."""
    with alone(store, PATIENCE):
        state = read_state(store, settings)
        turns = differing(state, meant(state, still_spoken(store, state.words.values())))
        if turns:
            with recorded(store, turns) as record:
                _write(store, record, turns)
    stated = sum(turn.stated for turn in turns)
    return Matched(stated, len(turns) - stated)


def _write(store: Store, record: LoadRecord, turns: Sequence[Turn]) -> None:
    """In batches; the size of the next is set by how long the last locked the store."""
    size, done = _FIRST, 0
    while done < len(turns):
        blocks = match_blocks(turns[done : done + size], record.snapshot_at)
        locked = store.write(Batch(WORDS, record.id, blocks)).locked
        done += size
        size = int(min(max(size * _AIM / locked, _FEWEST), size * 2, _MOST)) if locked else size


def differing(state: State, wanted: Mapping[str, str]) -> list[Turn]:
    """What is to be done for `words` to state no more and no less than what is wanted, word by word."""
    mine = {(word, skill) for word, skills in state.mine.items() for skill in skills}
    now = set(wanted.items())
    turns = [Turn(*pair, stated=pair in now) for pair in mine ^ now]
    return sorted(turns, key=lambda turn: (turn.word, turn.stated, turn.skill))


def still_spoken(store: Store, words: Iterable[Word]) -> set[str]:
    """The retired ones that something still speaks of."""
    retired = [word.id for word in words if word.retired]
    return {word for word, counts in spoken_of(store, retired).items() if counts} if retired else set()


@contextmanager
def recorded(store: Store, turns: Sequence[Turn]) -> Iterator[LoadRecord]:
    """A load in the ledger; its snapshot, later than that of any before, is the version of what it writes."""
    ledger, begun = store.ledger, time.monotonic()
    record = ledger.load(ledger.start(WORDS, WORDS, None, complete=False))
    assert record is not None
    yield record
    stated = sum(turn.stated for turn in turns)
    counts = replace(record, read=stated, written=stated, removed=len(turns) - stated)
    seconds = time.monotonic() - begun
    ledger.finish(replace(counts, state="done", finished_at=int(time.time()), seconds=seconds))


def match_blocks(turns: Sequence[Turn], version: int) -> list[Block]:
    """Turns as blocks of one batch; matches have no properties."""
    nothing = content_hash({})
    blocks = []
    for stated in (False, True):
        some = [turn for turn in turns if turn.stated == stated]
        if some:
            columns = {"from": [turn.word for turn in some], "to": [turn.skill for turn in some]}
            blocks.append(Block(MATCH, columns, [version] * len(some), [nothing] * len(some), removed=not stated))
    return blocks
