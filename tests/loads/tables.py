"""Small native tables written down in tests, and what came of loading them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graph.ledger import HeldRow, LoadRecord
from graph.store import Store
from loaders.load import LoadRequest, load
from loaders.source import Source

SKILLS = """
    id,label
    skill:linux,Linux
    skill:shell,shell scripting
    skill:sql,SQL
    """
LEARNERS = """
    id,label,kind
    person:ada,Ada,internal
    person:ben,Ben,external
    """


def write(folder: Path, **tables: str) -> Path:
    """A folder with a CSV for each keyword, dedented."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return folder


class Loader:
    """Loads tables into one store, each load from a folder of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self._folders: Iterator[Path] = (folder / f"load-{number}" for number in range(10_000))
        self.told: list[HeldRow] = []

    def __call__(self, name: str = "hr", options: Any = None, **tables: str) -> LoadRecord:
        """Load native tables under a name."""
        return self.folder(write(next(self._folders), **tables), name=name, **(options or {}))

    def folder(self, path: Path, **options: Any) -> LoadRecord:
        """Load a folder; every row is accounted for, and the record is the one that is kept."""
        self.told.clear()
        options = {"source": "tables", "paths": (path,), "max_rejects": 1.0, **options}
        record = load(self.store, LoadRequest(**options), told=self.told.extend)
        parts = record.written + record.unchanged + record.skipped + record.waiting + record.rejected
        assert record.read == parts
        assert options.get("dry_run") or self.store.ledger.load(record.id) == record
        return record

    def source(self, source: Source, **options: Any) -> LoadRecord:
        """Load a source that a test declares."""
        return self.folder(Path(), source=source, **options)

    def held(self, kind: str = "rejected") -> list[HeldRow]:
        """What the ledger holds."""
        return list(self.store.ledger.held_rows(kind=kind))

    def there(self, *ids: str) -> list[bool]:
        """Whether each node is in the store."""
        return [found is not None for found in self.store.types_of(ids)]


def counts(record: LoadRecord) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("read", "written", "unchanged", "skipped", "waiting", "rejected", "removed")
    return {name: getattr(record, name) for name in names if getattr(record, name)}
