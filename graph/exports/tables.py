"""Native tables: one CSV a type, as `skillgraph load tables` reads them back to the same digest.

What every store is seeded with is left out: it belongs to Skillgraph, and the store that reads the tables has it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from pathlib import Path
from typing import Any

from graph.boundary import cell_texts, property_of
from graph.digest import record_types
from graph.errors import NotAFile
from graph.exports import Export, Wanted
from graph.records import HEADS, Held, record_columns
from graph.store import Store
from ontology.crosswalks import SEED_SOURCE
from ontology.model import EdgeType, NodeType

Cells = Sequence[Sequence[str]]
"""One list of cells a column, all of one length."""


def write_store(store: Store, out: Path, _: Wanted | None = None) -> dict[str, int]:
    """Every type that has records, each into `<type>.csv`."""
    make_folder(out)
    written = {}
    for kind in record_types(store.model):
        batches = stated_by_sources(store, kind)
        first = next(batches, None)
        if first is None:
            table_file(out, kind.name).unlink(missing_ok=True)  # of an earlier export, or an earlier try
        else:
            header = table_header(kind, store.stated_columns(kind.name))
            rows = (_cells(kind, header, columns) for columns in chain([first], batches))
            written[kind.name] = write_cells(table_file(out, kind.name), header, rows)
    return written


def write_cells(path: Path, header: Sequence[str], batches: Iterable[Cells]) -> int:
    """One table; returns how many rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for columns in batches:
            writer.writerows(zip(*columns, strict=True))
            count += len(columns[0])
    return count


def table_file(folder: Path, type_name: str) -> Path:
    return folder / f"{type_name}.csv"


def table_header(kind: NodeType | EdgeType, stated: Iterable[str]) -> list[str]:
    """Ends first, then properties in the model's order, other languages beside their own, the version last."""
    order = {name: place for place, name in enumerate(kind.properties)}
    ends = ("id",) if isinstance(kind, NodeType) else ("from", "to")
    names = sorted(set(stated) - {*ends, *HEADS}, key=lambda name: (order[name.partition("@")[0]], name))
    return [*ends, *names, "version"]


def make_folder(out: Path) -> None:
    """The folder, made when it is not there; what is in it stays, apart from tables."""
    if out.exists() and not out.is_dir():
        raise NotAFile(str(out), "this is a file, tables are written into a folder", "Name a folder with --out.")
    out.mkdir(parents=True, exist_ok=True)


def stated_by_sources(store: Store, kind: NodeType | EdgeType) -> Iterator[Held]:
    """Batches of the records of a type that sources stated, without those that every store is seeded with."""
    for columns in record_columns(store, kind):
        chosen = [source != SEED_SOURCE for source in columns["source"]]
        if all(chosen):
            yield columns
        elif any(chosen):
            yield {name: list(compress(values, chosen)) for name, values in columns.items()}


def _cells(kind: NodeType | EdgeType, header: Sequence[str], columns: Held) -> Cells:
    return [_column(kind, name, columns[name]) for name in header]


def _column(kind: NodeType | EdgeType, name: str, values: list[Any]) -> list[str]:
    if name in ("id", "from", "to"):
        return values
    if name == "version":
        return list(map(str, values))
    return cell_texts(property_of(kind, name), values)


EXPORT = Export(
    "tables",
    "Native tables, one CSV a node or edge type; `load tables` reads them back.",
    write_store,
    read_by="tables",
)
