"""Reading all of the saved index that a process answers from; opening it looks at a part only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from graph.errors import StoreError
from graph.index.files import Verdict, discard, verify
from graph.index.keeper import IndexKeeper
from graph.index.saved import BUILDING
from graph.store import Busy, Store


def verified(keeper: IndexKeeper) -> Verdict:
    """What is to be said of the version that answers come from; after "damaged" they come from another.

    For a process that does not serve, and asks with compiled loops: call it once, before the first question. One that
    serves has `graph.index.compaction`. What is in memory only is well; unknown: see `graph.index.files.verify`.
    """
    keeper.current()
    directory, version = keeper.directory, keeper.version
    return "well" if directory is None or version is None else read_through(keeper, directory, version)


def read_through(keeper: IndexKeeper, directory: Path, version: str) -> Verdict:
    """The same of the version that the keeper has open."""
    verdict = verify(directory, version)
    if verdict == "damaged":
        keeper.distrust(version)
        discarded(keeper.store, directory, version)
        keeper.current()
    return verdict


def discarded(store: Store, directory: Path, version: str) -> bool:
    """Remove a version; False: another process is writing the next, which removes it too, or nobody may write here."""
    with suppress(Busy, StoreError), store.hold(BUILDING):
        discard(directory, version)
        return True
    return False
