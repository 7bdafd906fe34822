"""N-Triples and N-Quads: a statement a line, those of one record together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from graph.exports import Wanted
from graph.rdf.records import seen_records
from graph.rdf.terms import Objects, Statements, full_notation, graph_of, statements
from graph.store import Store
from ontology.ids import Prefixes

_END = " .\n"


def write_lines(store: Store, out: Path, wanted: Wanted, *, named: bool) -> dict[str, int]:
    """One file; returns triples a type. `named`: each in the graph of the source that states it."""
    model, written = store.model, dict[str, int]()
    notation = full_notation(model.prefixes)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for kind, batches in seen_records(store, wanted.viewer):
            for held in batches:
                found = statements(model, kind, held, wanted.settings.language, notation)
                file.writelines(_lines(found, _ends(model.prefixes, found.sources) if named else None))
                written[kind.name] = written.get(kind.name, 0) + found.count()
    return written


def _ends(prefixes: Prefixes, sources: Sequence[str]) -> list[str]:
    """How the lines of each record end: with the name of its graph."""
    known = {source: f" <{graph_of(prefixes, source)}>{_END}" for source in set(sources)}
    return list(map(known.__getitem__, sources))


def _lines(found: Statements, ends: Sequence[str] | None) -> Iterable[str]:
    """Record by record; "" where nothing is stated."""
    closing = [_END] * len(found.subjects) if ends is None else ends
    columns = [_column(found.subjects, predicate, objects, closing) for predicate, objects in found.columns]
    return chain.from_iterable(zip(*columns, strict=True))


def _column(subjects: Sequence[str], predicate: str, objects: Objects, ends: Sequence[str]) -> list[str]:
    if any(isinstance(each, tuple) for each in objects):
        return [
            "".join([f"{subject} {predicate} {each}{end}" for each in some])
            for subject, some, end in zip(subjects, objects, ends, strict=True)
        ]
    return [
        f"{subject} {predicate} {each}{end}" if each else ""
        for subject, each, end in zip(subjects, objects, ends, strict=True)
    ]
