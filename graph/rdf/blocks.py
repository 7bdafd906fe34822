"""Turtle and TriG: a record a block, under prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from graph.exports import Wanted
from graph.rdf.prefixed import head, prefixed_notation
from graph.rdf.records import seen_records
from graph.rdf.terms import Objects, Statements, graph_of, statements
from graph.store import Store
from ontology.ids import Prefixes
from ontology.model import EdgeType, NodeType


def write_blocks(store: Store, out: Path, wanted: Wanted, *, named: bool) -> dict[str, int]:
    """One file; returns triples a type. `named`: records stand in the graphs of the sources that state them."""
    model, written = store.model, dict[str, int]()
    notation = prefixed_notation(model.prefixes)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(head(model.prefixes))
        for kind, batches in seen_records(store, wanted.viewer):
            for held in batches:
                found = statements(model, kind, held, wanted.settings.language, notation)
                if kind.name not in written:
                    file.write(f"# {kind.name}: {kind.label}\n\n")
                blocks = _edges(found) if _is_plain(kind) else _records(found)
                file.writelines(_in_graphs(model.prefixes, blocks) if named else (text for _, text in blocks))
                written[kind.name] = written.get(kind.name, 0) + found.count()
    return written


def _is_plain(kind: NodeType | EdgeType) -> bool:
    return isinstance(kind, EdgeType) and not kind.reified


def _records(found: Statements) -> Iterator[tuple[str, str]]:
    """Source and block of each record, its class first."""
    columns = [_column(predicate, objects) for predicate, objects in found.columns]
    for subject, source, parts in zip(found.subjects, found.sources, zip(*columns, strict=True), strict=True):
        yield source, f"{subject} {''.join(parts).removeprefix(_NEXT)} .\n\n"


_NEXT = " ;\n    "


def _column(predicate: str, objects: Objects) -> list[str]:
    """What follows the subject, or an earlier column."""
    texts = [", ".join(each) if isinstance(each, tuple) else each for each in objects]
    return [f"{_NEXT}{predicate} {text}" if text else "" for text in texts]


def _edges(found: Statements) -> Iterator[tuple[str, str]]:
    """Source and block of edges that begin at one node, as far as they stand together."""
    ((predicate, objects),) = found.columns
    rows = zip(found.sources, found.subjects, objects, strict=True)
    for (source, subject), some in groupby(rows, key=itemgetter(0, 1)):
        yield source, f"{subject} {predicate} {', '.join(str(end) for _, _, end in some)} .\n\n"


def _in_graphs(prefixes: Prefixes, blocks: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Blocks in the graphs of their sources; within a batch each graph is opened once."""
    by_source: dict[str, list[str]] = {}
    for source, text in blocks:
        by_source.setdefault(source, []).append(text)
    for source, texts in by_source.items():
        yield f"<{graph_of(prefixes, source)}> {{\n\n"
        yield from texts
        yield "}\n\n"
