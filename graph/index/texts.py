"""Many short texts as arrays that can be mapped from a file.

Of texts in order each is much like the one before, so only the first of every few is kept whole; of the others, how
many bytes they share with the one before, and the rest (front coding).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIXED_WIDTH_LIMIT = 200_000_000  # bytes that a fixed-width copy for sorting may take
_BLOCK = 8  # texts: reading one costs half of them
_SLICE = _BLOCK << 13  # texts at a time when they are written
_MOST_SHARED = 255  # bytes


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in UTF-8: each is the first `shared` bytes of the one before, then `rest` bytes out of `data`."""

    data: NDArray[np.uint8]
    shared: NDArray[np.uint8]
    rest: NDArray[Any]
    blocks: NDArray[Any]  # where each block's bytes start in the data, and where the last's end

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts in their order."""
        written = [_written(texts[start : start + _SLICE]) for start in range(0, len(texts), _SLICE)]
        written.append((np.zeros(0, np.uint8), np.zeros(0, np.uint8), np.zeros(0, np.int64)))
        data, shared, rest = (np.concatenate([each[place] for each in written]) for place in range(3))
        ends = np.append(0, np.cumsum(rest))
        return cls(data, shared, _narrow(rest), _narrow(np.append(ends[:-1][::_BLOCK], ends[-1])))

    def __len__(self) -> int:
        return len(self.rest)

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self):
            raise IndexError(f"there is no text {place}: there are {len(self)}")
        *_, found = self._from(place // _BLOCK, place % _BLOCK + 1)
        return found.decode()

    def __iter__(self) -> Iterator[str]:
        for block in range(len(self.blocks) - 1):
            yield from (text.decode() for text in self._from(block, _BLOCK))

    def _from(self, block: int, count: int) -> Iterator[bytes]:
        """So many texts of a block, or those there are."""
        data = self.data[int(self.blocks[block]) : int(self.blocks[block + 1])].tobytes()
        places = slice(block * _BLOCK, block * _BLOCK + count)
        text, start = b"", 0
        for shared, rest in zip(self.shared[places].tolist(), self.rest[places].tolist(), strict=True):
            text = text[:shared] + data[start : start + rest]
            start += rest
            yield text

    def place(self, text: str) -> int:
        """Where the text stands, or would be put, among ascending texts."""
        wanted = text.encode()
        block = bisect_right(range(len(self.blocks) - 1), wanted, key=self._first) - 1
        return 0 if block < 0 else block * _BLOCK + sum(each < wanted for each in self._from(block, _BLOCK))

    def _first(self, block: int) -> bytes:
        """The first text of a block."""
        start = int(self.blocks[block])
        return self.data[start : start + int(self.rest[block * _BLOCK])].tobytes()

    def find(self, text: str) -> int | None:
        """Where the text stands among ascending texts."""
        place = self.place(text)
        return place if place < len(self) and self[place] == text else None


def _written(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
    """The data, and what is shared and what is not, of some texts that begin with a block."""
    encoded = [text.encode() for text in texts]
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    starts = np.fromiter(accumulate(map(len, encoded[:-1]), initial=0), np.int64, len(encoded))
    data = np.frombuffer(b"".join(encoded), np.uint8)
    width = min(int(lengths.max()), _MOST_SHARED)
    padded = np.append(data, np.zeros(width, np.uint8))
    square = padded[starts[:, None] + np.arange(width)]
    shared = np.zeros(len(encoded), np.int64)
    differs = np.append(square[1:] != square[:-1], np.ones((len(encoded) - 1, 1), np.bool_), axis=1)
    shared[1:] = np.minimum(differs.argmax(axis=1), np.minimum(lengths[1:], lengths[:-1]))
    shared[::_BLOCK] = 0
    kept = np.arange(len(data)) - np.repeat(starts, lengths) >= np.repeat(shared, lengths)
    return data[kept], shared.astype(np.uint8), lengths - shared


def _narrow(numbers: NDArray[np.int64]) -> NDArray[Any]:
    """In as few bytes as they fit."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def code_point_order(texts: Sequence[str]) -> NDArray[np.int64]:
    """The positions of the texts in ascending order of code points."""
    if texts and max(map(len, texts)) * len(texts) <= _FIXED_WIDTH_LIMIT and all(map(str.isascii, texts)):
        return np.argsort(np.array(texts, "S"), kind="stable")
    return np.fromiter(sorted(range(len(texts)), key=texts.__getitem__), np.int64, len(texts))
