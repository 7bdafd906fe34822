"""Every record that a viewer may see, type by type, as columns: without what every store is seeded with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graph.exports.tables import stated_by_sources
from graph.records import Held
from graph.seen import seen_rows, seen_types
from graph.store import Store
from graph.viewer import Viewer
from ontology.model import EdgeType, NodeType

Kind = NodeType | EdgeType

SLICE = 10_000
"""Records that are written together: what bounds the memory of an export."""


def seen_records(store: Store, viewer: Viewer) -> Iterator[tuple[Kind, Iterator[Held]]]:
    """Each type that the viewer may see, with batches of its records."""
    for kind in seen_types(store.model, viewer):
        yield kind, _sliced(seen_rows(store, kind, columns, viewer) for columns in stated_by_sources(store, kind))


def _sliced(batches: Iterable[Held]) -> Iterator[Held]:
    for columns in batches:
        for start in range(0, len(columns["source"]), SLICE):
            yield {name: values[start : start + SLICE] for name, values in columns.items()}
