"""All instants at which anything starts or ends, small enough to keep at any size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.values import OPEN

_BITS = 64  # windows of a word
_ROOM = 1 << 20  # bytes that always may be used
_BYTES_A_FACT = 0.25
_ENTRY = 12  # bytes of a word and its place


@dataclass(frozen=True, slots=True)
class Moments:
    """Windows of so many seconds, a bit each in words of 64; `places` says which words there are, ascending.

    In a window that is marked any second may be a moment: where windows are longer than a second, some are told that
    are none, and none is missed.
    """

    seconds: int
    places: NDArray[np.uint32]
    words: NDArray[np.uint64]

    @classmethod
    def of(cls, columns: Iterable[NDArray[np.uint32]], facts: int) -> Moments:
        """Of columns of instants; the windows are as short as fits into a quarter of a byte a fact."""
        found = cls(1, np.zeros(0, np.uint32), np.zeros(0, np.uint64))
        for column in columns:
            found = found._with(column)
            while len(found.places) * _ENTRY > _ROOM + facts * _BYTES_A_FACT:
                found = found._coarser()
        return found

    def around(self, at: int) -> tuple[int, int | None]:
        """The last moment not after an instant (0: none), and the first after it (None: none)."""
        return self._last(at), self._next(at + 1)

    def _last(self, at: int) -> int:
        """The last second, not after this one, of a marked window."""
        window = at // self.seconds
        place = int(np.searchsorted(self.places, np.uint32(window // _BITS), side="right")) - 1
        if place < 0:
            return 0
        word, number = int(self.words[place]), int(self.places[place])
        if number == window // _BITS:
            word &= (2 << window % _BITS) - 1
            if not word:
                return self._last(number * _BITS * self.seconds - 1) if number else 0
        marked = number * _BITS + word.bit_length() - 1
        return min(at, (marked + 1) * self.seconds - 1)

    def _next(self, at: int) -> int | None:
        """The first second, not before this one, of a marked window."""
        window = at // self.seconds
        place = int(np.searchsorted(self.places, np.uint32(window // _BITS), side="left"))
        if place == len(self.places):
            return None
        word, number = int(self.words[place]), int(self.places[place])
        if number == window // _BITS:
            word = word >> window % _BITS << window % _BITS
            if not word:
                return self._next((number + 1) * _BITS * self.seconds)
        marked = number * _BITS + (word & -word).bit_length() - 1
        return max(at, marked * self.seconds)

    def _with(self, column: NDArray[np.uint32]) -> Moments:
        windows = column[column < OPEN]
        windows //= np.uint32(self.seconds)
        windows.sort()
        fresh = [_marked(windows[start : start + _SLICE]) for start in range(0, len(windows), _SLICE)]
        return self._joined([(self.places, self.words), *fresh])

    def _joined(self, parts: Sequence[tuple[NDArray[np.uint32], NDArray[np.uint64]]]) -> Moments:
        places = np.concatenate([place for place, _ in parts])
        words = np.concatenate([word for _, word in parts])
        by_place = np.argsort(places, kind="stable")
        return Moments(self.seconds, *_merged(places[by_place], words[by_place]))

    def _coarser(self) -> Moments:
        """Windows twice as long: the even bits together with the odd ones, and two words in one."""
        paired = self.words | self.words >> np.uint64(1)
        for shift, mask in _GATHERING:
            paired &= mask
            paired |= paired >> shift
        paired &= np.uint64(0xFFFF_FFFF)
        words = paired << ((self.places & np.uint32(1)).astype(np.uint64) << np.uint64(5))
        return Moments(2 * self.seconds, *_merged(self.places >> np.uint32(1), words))


_SLICE = 1 << 20
_GATHERING = [
    (np.uint64(shift), np.uint64(mask))
    for shift, mask in (
        (1, 0x5555_5555_5555_5555),
        (2, 0x3333_3333_3333_3333),
        (4, 0x0F0F_0F0F_0F0F_0F0F),
        (8, 0x00FF_00FF_00FF_00FF),
        (16, 0x0000_FFFF_0000_FFFF),
    )
]
"""Every second bit of a word brought together in its lower half."""


def _marked(windows: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """The words of ascending windows."""
    bits = np.uint64(1) << (windows & np.uint32(_BITS - 1)).astype(np.uint64)
    return _merged(windows >> np.uint32(6), bits)


def _merged(places: NDArray[np.uint32], words: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Words of one place, which stand beside each other, as one."""
    if not len(places):
        return places, words
    starts = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
    return places[starts], np.bitwise_or.reduceat(words, starts)
