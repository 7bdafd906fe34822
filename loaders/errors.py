"""What stops a load, each with the place, the bad value and the fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LoadError(ValueError):
    """Something that cannot be loaded as it stands; the store was not touched.

    Trying again does not help before the named fix.
    """

    def __init__(self, reason: str, *, file: str = "", row: int | None = None, value: str = "") -> None:
        place = f"{file}, row {row}: " if file and row is not None else f"{file}: " if file else ""
        super().__init__(place + reason)
        self.reason, self.file, self.row, self.value = reason, file, row, value


class MappingError(LoadError):
    """A source declaration or a --map file that does not fit the model."""


class LoadStopped(LoadError):
    """More rows were rejected than the load allows; nothing was written, the rejects are listed."""


class StaleSnapshot(LoadError):
    """The snapshot is older than the source's last complete one."""


class WouldShrink(LoadError):
    """The snapshot would remove more of what the source stated than is likely meant."""


def nearest(given: str, known: Iterable[str]) -> str:
    """A clause naming the nearest known word, empty when none is near.

    >>> nearest("titel", ["title", "code"])
    "; did you mean 'title'?"
    """
    words = list(known)
    folded = {word.casefold(): word for word in words}
    near = difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
