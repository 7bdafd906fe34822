"""Files of lines, also packed by gzip, a line at a time: memory does not grow with the file."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

from loaders.errors import LoadError
from ontology.packed import RATIO, SMALL

UNSOUND = (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error, gzip.BadGzipFile)
"""What unpacking raises for a file that is damaged."""


def lines_of_file(path: Path, longest: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1, of one that is too long only the beginning.

    Raises `LoadError` for a file that is damaged, unpacks without end, or is empty.
    """
    left, row, is_rest = max(SMALL, RATIO * path.stat().st_size), 0, False
    with sound(path.name), opened(path) as file:
        while line := file.readline(longest + 2):
            left -= len(line)
            if left < 0:
                raise LoadError("unpacks to very much more than it is: split it, or send it unpacked", file=path.name)
            if not is_rest:
                row += 1
                if row == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                yield row, line
            is_rest = not line.endswith(b"\n")
    if not row:
        raise LoadError("is empty: get it again, or leave it out", file=path.name)


def opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    """The file's bytes, unpacked."""
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


@contextmanager
def sound(file: str) -> Iterator[Any]:
    """What is amiss with the file is told as a `LoadError`; one that is raised inside stays as it is."""
    try:
        yield
    except LoadError:
        raise
    except UNSOUND as error:
        raise LoadError(f"is damaged or was cut off ({error}): get it again", file=file) from error
    except OSError as error:
        raise LoadError(f"can't be read: {error.strerror or error}", file=file) from error
