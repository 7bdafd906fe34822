"""Asking a question by name: the one way in for the command line and for HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from graph.errors import Moved
from graph.index import Index, IndexKeeper
from graph.steady import ROUNDS
from graph.store import Store
from graph.viewer import Viewer
from queries.memory import Memory
from queries.parse import parse
from queries.question import Answer, Asking, Forbidden, P, Question, UnknownQuestion, catalogue

T = TypeVar("T")


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
    remembered: Callable[[int], Memory] = lambda _: Memory(),
) -> Answer:
    """Answer a question whose parameters are parsed already, at one instant and one change number.

    `remembered` gives what may be taken over from answers of a change number to this viewer in this language.
    """
    instant = int(time.time()) if now is None else now

    def give(index: Index) -> tuple[Answer, Memory]:
        asking = Asking(store, index, viewer, instant, language, memory=remembered(index.number))
        return question.answer(asking, parameters), asking.memory

    given, memory = of_one_state(store, keeper, give)
    memory.keep()
    question.check(given.rows)
    return given


def of_one_state(store: Store, keeper: IndexKeeper, give: Callable[[Index], T]) -> T:
    """What is given of the index while this thread reads the store as it is at the index's change number.

    The store is asked first: while nothing is written, that is all it is asked for.
    """
    for _ in range(ROUNDS):
        try:
            with store.snapshot() as number:
                index = keeper.at(number)
                if index is not None:
                    return give(index)
        except Moved:
            continue
        keeper.current()
    with keeper.still() as index:
        return give(index)
