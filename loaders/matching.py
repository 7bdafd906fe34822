"""After a load: what words mean is brought up to what the load stated, so that it does not matter which came first."""

from __future__ import annotations

from collections.abc import Collection

from graph.settings import Settings
from graph.store import Busy, Store
from graph.words.match import DEPENDS_ON, match_words
from graph.words.state import WORDS
from loaders.errors import LoadError

NOT_MATCHED = "words-not-matched"
"""Flag of a load that waited in vain for another process that matches words; `skillgraph words match` does it."""


def match_after(store: Store, types: Collection[str], settings: Settings | None, *, moved: bool) -> bool:
    """Match words if the types that were read, or something removed or arrived, may bear on them; whether it was done.

    A load that changed nothing matches too: the one before may have been killed before it did.
    """
    if not moved and DEPENDS_ON.isdisjoint(types):
        return True
    try:
        match_words(store, settings or Settings.from_environment())
    except Busy:
        return False
    return True


def refuse_reserved(name: str) -> None:
    """Raise `LoadError` for a load under the name that states what words mean: its sweep would take that away."""
    if name == WORDS:
        raise LoadError(f"{WORDS!r} is the name that states what words mean: give the load another with --name")
