"""Columns of held values as RDF terms, each distinct value written once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.boundary import cell_text, cell_texts, property_of, states
from graph.canonical import as_set
from graph.records import HEADS, Held
from ontology.context import VERSION, XSD_OF
from ontology.ids import Prefixes, escape_local
from ontology.model import Datatype, EdgeType, Model, NodeType, Property
from ontology.turtle import RDF, SG

TYPE = f"{RDF}type"
FROM, TO = f"{SG}from", f"{SG}to"
KEYS = ("id", "from", "to")

_ESCAPED = re.compile('["\\\\\n\r]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}

Objects = Sequence[str | tuple[str, ...]]
"""One column's objects, a row each: a term, the terms of several values, or "" for nothing."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How a format writes IRIs and typed literals; text is written alike in all of them."""

    iri: Callable[[str], str]
    literal: Callable[[str, Datatype], str]  # of boundary text
    ids: Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Statements:
    """Records of one type: a subject each, the source that states it, and for every predicate a column of objects.

    Of an edge without properties the subject is where it starts, and the only predicate its own.
    """

    subjects: Sequence[str]
    sources: Sequence[str]
    columns: Sequence[tuple[str, Objects]]

    def count(self) -> int:
        """How many triples they are."""
        return sum(
            len(each) if isinstance(each, tuple) else each != "" for _, objects in self.columns for each in objects
        )


def statements(model: Model, kind: NodeType | EdgeType, held: Held, language: str, notation: Notation) -> Statements:
    """A batch of records; `language` is that of texts without a tag."""
    iri = notation.iri
    if isinstance(kind, EdgeType) and not kind.reified:
        return Statements(notation.ids(held["from"]), held["source"], [(iri(kind.iri), notation.ids(held["to"]))])
    size = len(held["source"])
    columns: list[tuple[str, Objects]] = [(iri(TYPE), [iri(kind.iri)] * size)]
    if isinstance(kind, NodeType):
        subjects = notation.ids(held["id"])
    else:
        pairs = zip(held["from"], held["to"], strict=True)
        head = f"<{model.prefixes.edge_iri(kind.name, '', '')}".removesuffix("/")
        subjects = [f"{head}{start}/{end}>" for start, end in pairs]
        columns += [(iri(FROM), notation.ids(held["from"])), (iri(TO), notation.ids(held["to"]))]
    for name in held:
        if name not in KEYS and name not in HEADS:
            prop = property_of(kind, name)
            columns.append((iri(prop.iri), _objects(prop, name.partition("@")[2] or language, held[name], notation)))
    columns.append((iri(VERSION), [notation.literal(str(each), Datatype.INTEGER) for each in held["version"]]))
    return Statements(subjects, held["source"], [each for each in columns if any(each[1])])


def _objects(prop: Property, language: str, values: list[Any], notation: Notation) -> Objects:
    if prop.many:
        return _lists(prop, language, values, notation)
    if prop.datatype is Datatype.REFERENCE:
        return _references(values, notation)
    write = _writer(prop, language, notation)
    cells = cell_texts(prop, values)
    if prop.datatype in _FREE:
        return [write(cell) if cell else "" for cell in cells]
    texts = {cell: write(cell) if cell else "" for cell in set(cells)}
    return list(map(texts.__getitem__, cells))


def _references(values: list[Any], notation: Notation) -> list[str]:
    distinct = [each for each in set(values) if each]
    terms = dict(zip(distinct, notation.ids(distinct), strict=True))
    return [terms[each] if each else "" for each in values]


def _lists(prop: Property, language: str, values: list[Any], notation: Notation) -> Objects:
    one = replace(prop, many=False)
    cell, write = cell_text(one), _writer(prop, language, notation)

    def terms(value: Any) -> tuple[str, ...]:
        if not states(prop, value):
            return ()
        if prop.datatype is Datatype.REFERENCE:
            return tuple(notation.ids(as_set(value)))
        return tuple(write(cell(each)) for each in as_set(value))

    known = {value: terms(value) for value in set(values)}
    return [known[value] or "" for value in values]


def _writer(prop: Property, language: str, notation: Notation) -> Callable[[str], str]:
    """What writes boundary text of one value as a literal."""
    if prop.datatype is Datatype.TEXT:
        return lambda text: f"{quoted(text)}@{language}"
    if prop.datatype not in XSD_OF:
        return quoted
    return lambda text: notation.literal(text, prop.datatype)


_FREE = frozenset({Datatype.TEXT, Datatype.STRING, Datatype.IRI})
"""What seldom says the same twice."""


def quoted(text: str) -> str:
    """A text as N-Triples and Turtle write it."""
    return f'"{_ESCAPED.sub(_escape, text)}"' if _ESCAPED.search(text) else f'"{text}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def full_iri(iri: str) -> str:
    return f"<{iri}>"


def full_literal(text: str, datatype: Datatype) -> str:
    return f"{quoted(text)}^^<{XSD_OF[datatype]}>"


def full_ids(prefixes: Prefixes) -> Callable[[Iterable[str]], list[str]]:
    """What writes ids of a store as full IRIs: `Prefixes.expand`, quicker for keys that need no unescaping."""
    heads: dict[str, str] = {}
    expand = prefixes.expand

    def head(prefix: str) -> str:
        return heads.setdefault(prefix, "<" + expand(f"{prefix}:x").removesuffix("x"))

    def write(ids: Iterable[str]) -> list[str]:
        found = []
        for id in ids:
            if "~" in id:
                found.append(f"<{expand(id)}>")
            else:
                prefix, _, local = id.partition(":")
                found.append(f"{heads.get(prefix) or head(prefix)}{local}>")
        return found

    return write


def full_notation(prefixes: Prefixes) -> Notation:
    """Every term written out, as N-Triples and N-Quads have it."""
    return Notation(full_iri, full_literal, full_ids(prefixes))


def graph_of(prefixes: Prefixes, source: str) -> str:
    """The IRI of a source, which names the graph of what it states."""
    return f"{prefixes.base}source/{escape_local(source)}"
