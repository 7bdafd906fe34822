"""A whole store held against the shapes at column speed: written out, and checked as if it came in."""

from __future__ import annotations

from pathlib import Path

from graph.exports.tables import write_store
from graph.ledger import HeldRow
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from loaders.load import LoadRequest, load
from ontology.crosswalks import SEED_SOURCE
from ontology.report import Report, Result


def check_store(store: Store, folder: Path, settings: Settings) -> Report:
    """Every column check and every law of the loads over all that the store holds; `folder` is for what is between.

    A dry load writes nothing, so the second store stays empty but for its seeds, which the store has too.
    """
    held: list[HeldRow] = []
    tables = folder / "tables"
    write_store(store, tables)
    if not any(tables.iterdir()):
        return Report((), 0)
    empty = open_store(f"sqlite:{folder / 'empty.db'}", settings)
    try:
        request = LoadRequest("tables", (tables,), name=SEED_SOURCE, max_rejects=1.0, dry_run=True, partial=True)
        record = load(empty, request, told=held.extend, settings=settings)
    finally:
        empty.close()
    return Report(tuple(sorted(map(_result, held))), record.read)


def _result(row: HeldRow) -> Result:
    ends = [str(row.raw[name]) for name in ("id", "from", "to") if row.raw.get(name)]
    kind = row.file.removesuffix(".csv")
    component = "Class" if row.kind == "waiting" else "Constraint"
    return Result(" ".join([kind, *ends]), row.field, row.value, component, row.reason, "Violation", row.shape or kind)
