"""Many short texts as two arrays, so that they can be mapped from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

_FIXED_WIDTH_LIMIT = 200_000_000  # bytes that a fixed-width copy for sorting may take


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in UTF-8, one after the other."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]  # one more than there are texts

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts in their order."""
        encoded = [text.encode() for text in texts]
        offsets = np.fromiter(accumulate(map(len, encoded), initial=0), np.int64, len(encoded) + 1)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, place: int) -> str:
        return bytes(self.data[self.offsets[place] : self.offsets[place + 1]]).decode()

    def place(self, text: str) -> int:
        """Where the text stands, or would be put, among ascending texts."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self[middle] < text else (low, middle)
        return low

    def find(self, text: str) -> int | None:
        """Where the text stands among ascending texts."""
        place = self.place(text)
        return place if place < len(self) and self[place] == text else None


def code_point_order(texts: Sequence[str]) -> NDArray[np.int64]:
    """The positions of the texts in ascending order of code points."""
    if texts and max(map(len, texts)) * len(texts) <= _FIXED_WIDTH_LIMIT and all(map(str.isascii, texts)):
        return np.argsort(np.array(texts, "S"), kind="stable")
    return np.fromiter(sorted(range(len(texts)), key=texts.__getitem__), np.int64, len(texts))
