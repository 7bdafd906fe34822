"""Ids of evidence by key, kept for the answers that show the same people again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

_MOST: Final = 20_000  # some 4 MB


class EvidenceIds:
    """Kept with a base, for a key keeps its id. Whoever erases somebody has a new base built, so no id outlives its
    person here. When there would be too many, all are forgotten. Safe from several threads.
    """

    def __init__(self, most: int = _MOST) -> None:
        self.most = most
        self._kept: dict[int, str] = {}

    def of(self, keys: Iterable[int], read: Callable[[Sequence[int]], Sequence[str]]) -> Mapping[int, str]:
        """The id of each key. `read` gives those that are not known yet, all at once; "" is for none."""
        wanted, kept = set(keys), self._kept
        found = {key: id for key in wanted if (id := kept.get(key))}
        missing = sorted(wanted - found.keys())
        if missing:
            fresh = dict(zip(missing, read(missing), strict=True))
            found.update(fresh)
            self._keep({key: id for key, id in fresh.items() if id})
        return found

    def _keep(self, fresh: Mapping[int, str]) -> None:
        """What others may be reading now only grows: when it is full, it is left to them."""
        if len(self._kept) + len(fresh) > self.most:
            self._kept = {}
        self._kept.update(fresh)
