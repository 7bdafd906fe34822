"""Asking a question by name: the one way in for the command line and for HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from graph.index import Index, IndexKeeper
from graph.store import Store
from graph.viewer import Viewer
from queries.parse import parse
from queries.question import Answer, Asking, Forbidden, P, Question, UnknownQuestion, catalogue

_ROUNDS = 5  # of finding the store as the index is, while it is being written to


def ask(  # noqa: PLR0917 - the one way in: what is asked, of what, by whom, when
    store: Store,
    keeper: IndexKeeper,
    viewer: Viewer,
    name: str,
    raw: Mapping[str, object],
    now: int | None = None,
    *,
    text: bool = True,
    language: str = "",
) -> Answer:
    """Answer a question.

    `raw` holds text values, or with `text=False` JSON's own. Raises `UnknownQuestion`, `Forbidden` and
    `QuestionError` (an `UnknownId` for what is not there or may not be seen).
    """
    question = find(name)
    return answer(store, keeper, viewer, question, parse(permitted(question, viewer), raw, text=text), now, language)


def find(name: str) -> Question[Any]:
    """The question of that name; raises `UnknownQuestion` with the nearest names."""
    known = catalogue()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UnknownQuestion(f"There is no question {name[:80]!r}. {guess}The questions are {', '.join(known)}.")


def permitted(question: Question[P], viewer: Viewer) -> Question[P]:
    """The question itself when the viewer may ask it; raises `Forbidden`."""
    if not viewer.may(question.scope):
        raise Forbidden(question.scope)
    return question


def answer(  # noqa: PLR0917 - the same, parsed
    store: Store,
    keeper: IndexKeeper,
    viewer: Viewer,
    question: Question[P],
    parameters: P,
    now: int | None = None,
    language: str = "",
) -> Answer:
    """Answer a question whose parameters are parsed already, at one instant and one change number."""
    instant = int(time.time()) if now is None else now
    with _one_state(store, keeper) as index:
        given = question.answer(Asking(store, index, viewer, instant, language), parameters)
    question.check(given.rows)
    return given


@contextmanager
def _one_state(store: Store, keeper: IndexKeeper) -> Iterator[Index]:
    """The index, while this thread reads the store as it was at the index's change number."""
    for _ in range(_ROUNDS):
        index = keeper.current()
        with store.snapshot() as number:
            if number == index.number:
                yield index
                return
    with store.snapshot():
        yield keeper.current()  # brought to this very state; not the first choice, as others wait for the keeper
