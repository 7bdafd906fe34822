"""A new base when much lies over the old one: built beside the answers, taken over between two of them.

Of several processes that serve one store, one builds; the others find the new version in the folder.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from graph.index.delta import Erased
from graph.index.files import is_past, verify, version_of
from graph.index.following import Follower
from graph.index.keeper import IndexKeeper
from graph.index.regroup import TooMuch
from graph.index.saved import BUILDING, build_and_save, load_saved
from graph.index.verifying import discarded, read_through
from graph.store import Busy

_ROUNDS = 3  # of catching up before answers wait for the last


class Unsaved(OSError):
    """There was no room for a new version, or no right to write one."""


class Damaged(ValueError):
    """The saved index was not as it was written; it was thrown away and built anew."""


class Compaction:
    """What a process does for its keeper's index beside answering; for one thread."""

    def __init__(self, keeper: IndexKeeper, directory: Path) -> None:
        """`directory` is the keeper's."""
        self.keeper, self.directory = keeper, directory
        self._seen: str | None = None  # a version that was looked at, and is of no use
        self._verified: str | None = None  # the version that was read through last
        self._damaged: str | None = None  # a version that may still be in the folder

    def look(self) -> None:
        """Take over a version that another process has saved, make one when that is worth its while, or read through
        what was opened.

        Raises `Damaged`, `Unsaved`, and what building raises; looking again later may help.
        """
        if self._damaged and discarded(self.keeper.store, self.directory, self._damaged):
            self._damaged = None
        if self._is_there_another() or (self.keeper.outgrown and self._build()):
            self._take_over()
        elif not self._is_verified():
            self._verify()

    def _is_there_another(self) -> bool:
        """Whether the version that counts is not the one that answers come from."""
        version = version_of(self.directory)
        return self.keeper.base_number is not None and version not in (None, self.keeper.version, self._seen)

    def _build(self) -> bool:
        """Save a new version, unless somebody has done so; False: somebody else is at it."""
        keeper = self.keeper
        with ExitStack() as held:
            try:
                held.enter_context(keeper.store.hold(BUILDING))
            except Busy:
                return False
            if not self._is_there_another() and self._saved() is None:
                raise Unsaved
        return True

    def _saved(self) -> str | None:
        return build_and_save(self.keeper.store, self.keeper.settings, self.directory).version

    def _is_verified(self) -> bool:
        """Whether the version that answers come from was read through, or is in memory only."""
        return self.keeper.version in (None, self._verified)

    def _verify(self) -> None:
        """Read through the version that answers come from, and replace it if it is damaged.

        Nor is it believed any longer once another process has thrown it away: for what reason is not known.
        """
        version = self.keeper.version
        if version is None:
            return
        verdict = read_through(self.keeper, self.directory, version)
        if verdict == "damaged":
            self._seen = self._damaged = version
            raise Damaged
        if verdict == "well":
            self._verified = version
        elif not (self.directory / "current").exists() and self._build():
            self._take_over()

    def _take_over(self) -> None:
        """Bring the saved version up to the store's number while the old one answers; then change over.

        One of the same number is of use too where the old one was not read through: it may be there in its place.
        What is damaged is removed, and what was built before somebody was erased.
        """
        keeper, version = self.keeper, version_of(self.directory)
        saved = load_saved(keeper.store, keeper.settings, self.directory)
        if saved is None or saved.version is None:
            self._judge(version)
            return
        self._seen = saved.version
        older = keeper.base_number is None or saved.snapshot.number < keeper.base_number
        if older or (saved.snapshot.number == keeper.base_number and self._is_verified()):
            return
        follower = Follower(saved.snapshot, keeper.store, keeper.settings)
        try:
            for _ in range(_ROUNDS):
                follower.step()
            keeper.adopt(follower, saved.version)
        except Erased:
            discarded(keeper.store, self.directory, saved.version)
        except TooMuch:
            return  # the next answer waits for a build

    def _judge(self, version: str | None) -> None:
        """What to do about a version that this process can't open: remove it only if nobody can."""
        if version is None:
            return
        store, verdict = self.keeper.store, verify(self.directory, version)
        if verdict == "damaged" or is_past(store, self.directory, version):
            discarded(store, self.directory, version)
        elif verdict == "well":
            self._seen = version  # it is for a process with other settings
