"""Stores to write out and to read back into, and RDF written down in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.exports import exports
from graph.ledger import HeldRow, LoadRecord
from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load

PREFIXES = """@prefix sg: <https://w3id.org/skillgraph#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://partner.example/> .
"""
RDF_FORMATS = ("ntriples", "nquads", "turtle", "trig", "jsonld")


def exported(store: Store, format: str, folder: Path) -> Path:
    """What the command writes, in a file with the format's own ending."""
    export = exports()[format]
    path = folder / f"graph{export.suffix}"
    export.write(store, path)
    return path


class Reader:
    """Loads RDF into one store."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.told: list[HeldRow] = []

    def files(self, *paths: Path, name: str = "partner", max_rejects: float = 1.0) -> LoadRecord:
        """Load files together; every row is accounted for."""
        self.told.clear()
        request = LoadRequest("rdf", paths, name=name, max_rejects=max_rejects)
        record = load(self.store, request, told=self.told.extend)
        parts = record.written + record.unchanged + record.skipped + record.waiting + record.rejected
        assert record.read == parts
        return record

    def text(self, text: str, file: str = "data.ttl", max_rejects: float = 1.0) -> LoadRecord:
        """Load one file; Turtle and TriG begin with the usual prefixes, a line each."""
        return self.files(self.written(text, file), max_rejects=max_rejects)

    def written(self, text: str | bytes, name: str = "data.ttl") -> Path:
        path = self.folder / name
        head = PREFIXES if name.endswith((".ttl", ".trig")) else ""
        path.write_bytes(text if isinstance(text, bytes) else (head + text).encode())
        return path

    @property
    def rejects(self) -> list[tuple[str, str, str]]:
        """Field, value and reason of each."""
        return [(each.field, each.value, each.reason) for each in self.told if each.kind == "rejected"]


@pytest.fixture
def reader(store: Store, tmp_path: Path) -> Reader:
    return Reader(store, tmp_path)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Makes empty stores."""
    made: list[Store] = []

    def make() -> Store:
        made.append(open_store(f"sqlite:{tmp_path / f'empty-{len(made)}.db'}"))
        return made[-1]

    yield make
    for each in made:
        each.close()
