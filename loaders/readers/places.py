"""Where rows stand that come out of many small documents.

A load takes the rows of one file at a time, so an archive of thousands of documents with a row each is taken as one
file: its rows are numbered together, in the order in which they are read.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path


class Places:
    """Numbers rows."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    def of(self, path: Path, file: str, row: int) -> tuple[str, int]:
        """The file and number of a row of a document that was found at a path; a file by itself keeps its own."""
        return self.next(path.name) if path.is_dir() or path.suffix.lower() == ".zip" else (file, row)

    def next(self, file: str) -> tuple[str, int]:
        """The next number in a file."""
        self._numbers[file] += 1
        return file, self._numbers[file]
