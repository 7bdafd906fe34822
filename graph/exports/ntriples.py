"""N-Triples of the whole graph: nodes as their classes, an edge with properties as the node that the ontology says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from graph.boundary import cell_text, property_of, states
from graph.canonical import as_set
from graph.digest import record_types
from graph.exports import Export, Wanted
from graph.records import HEADS, Held, record_columns
from graph.store import Store
from ontology.context import XSD_OF
from ontology.model import Datatype, EdgeType, Model, NodeType, Property
from ontology.turtle import RDF, SG

LANGUAGE = "en"  # of labels without a language tag
_ESCAPED = re.compile(r'["\\\n\r]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def write_store(store: Store, out: Path, _: Wanted | None = None) -> dict[str, int]:
    """One file, `out` itself; returns triples per type."""
    written = {}
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for kind in record_types(store.model):
            count = sum(_write(store.model, kind, columns, file) for columns in record_columns(store, kind))
            if count:
                written[kind.name] = count
    return written


def _write(model: Model, kind: NodeType | EdgeType, columns: Held, file: TextIO) -> int:
    lines = list(_lines(model, kind, columns))
    file.writelines(lines)
    return len(lines)


def _lines(model: Model, kind: NodeType | EdgeType, columns: Held) -> Iterator[str]:
    iri = model.prefixes.expand
    if isinstance(kind, NodeType):
        subjects = [iri(id) for id in columns["id"]]
    else:
        ends = list(zip(columns["from"], columns["to"], strict=True))
        if not kind.reified:
            yield from (f"<{iri(start)}> <{kind.iri}> <{iri(end)}> .\n" for start, end in ends)
            return
        subjects = [model.prefixes.edge_iri(kind.name, start, end) for start, end in ends]
        for subject, (start, end) in zip(subjects, ends, strict=True):
            yield f"<{subject}> <{SG}from> <{iri(start)}> .\n"
            yield f"<{subject}> <{SG}to> <{iri(end)}> .\n"
    yield from (f"<{subject}> <{RDF}type> <{kind.iri}> .\n" for subject in subjects)
    for name in columns:
        if name not in ("id", "from", "to", *HEADS):
            yield from _values(model, property_of(kind, name), name.partition("@")[2], subjects, columns[name])


def _values(model: Model, prop: Property, language: str, subjects: list[str], values: list[Any]) -> Iterator[str]:
    term = _term(model, prop, language or LANGUAGE)
    for subject, value in zip(subjects, values, strict=True):
        if states(prop, value):
            for each in as_set(value) if prop.many else (value,):
                yield f"<{subject}> <{prop.iri}> {term(each)} .\n"


def _term(model: Model, prop: Property, language: str) -> Callable[[Any], str]:
    """What writes one held value as an RDF term."""
    if prop.datatype is Datatype.REFERENCE:
        return lambda value: f"<{model.prefixes.expand(value)}>"
    if prop.datatype is Datatype.TEXT:
        return lambda value: f'"{_escaped(value)}"@{language}'
    datatype = XSD_OF.get(prop.datatype)
    if datatype is None:
        return lambda value: f'"{_escaped(value)}"'
    write = _single(prop)
    return lambda value: f'"{_escaped(write(value))}"^^<{datatype}>'


def _single(prop: Property) -> Callable[[Any], str]:
    """Boundary text of one value, also of a property that holds many."""
    return cell_text(replace(prop, many=False))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)


EXPORT = Export("ntriples", "RDF, one triple a line, in the ontology's own terms; `validate` reads it.", write_store)
