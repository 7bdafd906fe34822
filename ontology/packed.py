"""Files packed by gzip, unpacked within bounds: nothing that is very much more than it seemed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

SMALL, RATIO = 1 << 20, 200
"""What unpacks to more than the one must not be so many times what is packed."""


class Bytes(Protocol):
    """What is read from, block by block."""

    def read(self, size: int = -1, /) -> bytes: ...


class BadlyPacked(ValueError):
    """A file that is damaged, or unpacks to very much more than it is: a sentence with the fix."""


class _Bounded:
    """Bytes of which there are at most so many."""

    def __init__(self, file: Bytes, most: int) -> None:
        self._file, self._left = file, most

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise BadlyPacked("unpacks to very much more than it is: split it, or give it unpacked")
        return block


def is_packed(path: Path) -> bool:
    return path.name.lower().endswith(".gz")


@contextmanager
def unpacked(path: Path) -> Iterator[Bytes]:
    """The bytes of a file, out of its gzip when its name ends in `.gz`.

    Raises `BadlyPacked` while it is read.
    """
    if not is_packed(path):
        with path.open("rb") as plain:
            yield plain
        return
    with gzip.open(path) as file:
        try:
            yield _Bounded(file, max(SMALL, RATIO * path.stat().st_size))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadlyPacked(f"is damaged or was cut off ({error}): get it again") from error
