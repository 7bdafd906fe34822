"""Where rows stand that come out of many small documents.

A load takes the rows of one file at a time, so an archive of thousands of documents with a row each is taken as one
file: its rows are numbered together, in the order in which they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path


class Places:
    """Numbers rows of the files and folders that a load is given; no two rows have one place.

    Files of one name are shown with as much of their paths as tells them apart: `a/scores.json`, `b/scores.json`.
    """

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._numbers: Counter[str] = Counter()
        self._files = told_apart(paths)

    def of(self, path: Path, row: int) -> tuple[str, int]:
        """The file and number of a row of a document that was found at a path; a file by itself keeps its own."""
        shown = self._files.get(path, path.name)
        return self.next(shown) if path.is_dir() or path.suffix.lower() == ".zip" else (shown, row)

    def next(self, file: str) -> tuple[str, int]:
        """The next number in a file."""
        self._numbers[file] += 1
        return file, self._numbers[file]


def told_apart(paths: Iterable[Path]) -> dict[Path, str]:
    """Of each path so much of its end as no other has."""
    named: dict[str, list[Path]] = {}
    for path in dict.fromkeys(paths):
        named.setdefault(path.name, []).append(path)
    return {path: _end(path, [other for other in same if other != path]) for same in named.values() for path in same}


def _end(path: Path, others: Sequence[Path]) -> str:
    lengths = range(1, len(path.parts))
    own = (n for n in lengths if all(path.parts[-n:] != other.parts[-n:] for other in others))
    return Path(*path.parts[-next(own, len(path.parts)) :]).as_posix()
