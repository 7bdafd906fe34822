"""The store of 100,000 people and 1,000,000 pieces of evidence that answers are measured on; made once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generate import generate
from benchmarks.measure import skillgraph


def people_store(work: Path) -> Path:
    """The store file."""
    tables, store = work / "people-tables", work / "people" / "store.db"
    if not (tables / "Evidence.csv").exists():
        generate(tables, 1_000_000, 100_000)
    if not store.exists():
        store.parent.mkdir(parents=True, exist_ok=True)
        skillgraph(store, "load", "tables", str(tables))
    return store
