"""The folder of an import: its files, and what each is to the tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from graph.exports.neo4j_import.command import Part
from graph.exports.neo4j_import.files import Column, ImportFile


class Folder:
    """`parts` are the files that have rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: list[Part] = []

    @contextmanager
    def nodes(self, labels: str, name: str, columns: Sequence[Column]) -> Iterator[ImportFile]:
        """A file of nodes; `labels` have a colon between them."""
        with self._part("nodes", labels, name, columns) as file:
            yield file

    @contextmanager
    def relationships(self, kind: str, name: str, columns: Sequence[Column]) -> Iterator[ImportFile]:
        """A file of relationships of one type."""
        with self._part("relationships", kind, name, columns) as file:
            yield file

    @contextmanager
    def _part(self, option: str, kind: str, name: str, columns: Sequence[Column]) -> Iterator[ImportFile]:
        with ImportFile(self.path / f"{name}.csv", columns) as file:
            yield file
        if file.rows:
            self.parts.append(Part(option, kind, file))
        else:
            file.path.unlink()
