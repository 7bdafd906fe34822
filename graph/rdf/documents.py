"""JSON-LD: one document, a record an object of its `@graph`, in the words of Skillgraph's context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from graph.boundary import cell_texts, json_texts
from graph.canonical import as_set
from graph.exports import Wanted
from graph.rdf.records import seen_records
from graph.rdf.terms import KEYS, full_ids
from graph.records import HEADS, Held
from graph.store import Store
from ontology.context import VERSION, XSD_OF
from ontology.ids import Prefixes
from ontology.model import Datatype, EdgeType, NodeType, Property

_NEXT = ",\n    "
Column = Sequence[str]
"""Members of an object, a row each; "" where nothing is stated."""


def write_document(store: Store, out: Path, wanted: Wanted) -> dict[str, int]:
    """One file; returns objects a type. The context and then the class of an object come first, so that a parser need
    not hold the document."""
    model, written = store.model, dict[str, int]()
    writer = _Writer(model.prefixes, wanted.settings.language)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{\n"@context": {_context(model.prefixes.base)},\n"@graph": [')
        lead = "\n"
        for kind, batches in seen_records(store, wanted.viewer):
            for held in batches:
                texts = list(writer.objects(kind, held))
                file.write(f"{lead}{_BETWEEN.join(texts)}")
                lead = _BETWEEN
                written[kind.name] = written.get(kind.name, 0) + len(texts)
        file.write("\n]\n}\n")
    return written


_BETWEEN = ",\n"


def _context(base: str) -> str:
    """The deployment's context by its address, and the version that is no property of any type."""
    version = {"@id": VERSION, "@type": XSD_OF[Datatype.INTEGER]}
    return orjson.dumps([f"{base}context.jsonld", {"version": version}]).decode()


class _Writer:
    """Records as JSON objects."""

    def __init__(self, prefixes: Prefixes, language: str) -> None:
        self._prefixes, self._language, self._ids = prefixes, language, full_ids(prefixes)

    def objects(self, kind: NodeType | EdgeType, held: Held) -> Iterator[str]:
        if isinstance(kind, EdgeType) and not kind.reified:
            yield from self._plain(kind, held)
            return
        columns = [*self._heads(kind, held), *self._columns(kind, held)]
        columns.append([f'{_NEXT}"version": {version}' for version in held["version"]])
        for parts in zip(*columns, strict=True):
            yield f"  {{{''.join(parts)}\n  }}"

    def _heads(self, kind: NodeType | EdgeType, held: Held) -> Iterator[Column]:
        if isinstance(kind, NodeType):
            yield [f'\n    "id": {id}' for id in self._iris(held["id"])]
        else:
            pairs = zip(held["from"], held["to"], strict=True)
            yield [f'\n    "id": "{self._prefixes.edge_iri(kind.name, *ends)}"' for ends in pairs]
        yield [f'{_NEXT}"@type": "{kind.name}"'] * len(held["source"])
        if isinstance(kind, EdgeType):
            for end in ("from", "to"):
                yield [f'{_NEXT}"{end}": {id}' for id in self._iris(held[end])]

    def _columns(self, kind: NodeType | EdgeType, held: Held) -> Iterator[Column]:
        names = [name for name in held if name not in KEYS and name not in HEADS]
        for plain, some in groupby(sorted(names), key=lambda name: name.partition("@")[0]):
            prop = kind.properties[plain]
            if prop.datatype is Datatype.TEXT:
                yield _by_language(prop, [(name.partition("@")[2] or self._language, held[name]) for name in some])
            else:
                yield _member(prop, self._values(prop, held[plain]))

    def _plain(self, kind: EdgeType, held: Held) -> Iterator[str]:
        """One object for the edges that begin at one node, as far as they stand together."""
        ends = zip(self._iris(held["from"]), self._iris(held["to"]), strict=True)
        for start, some in groupby(ends, key=lambda pair: pair[0]):
            yield f'  {{\n    "id": {start}{_NEXT}"{kind.name}": [{", ".join(end for _, end in some)}]\n  }}'

    def _values(self, prop: Property, values: list[Any]) -> list[str]:
        """JSON of each value; decimals are texts, which keeps them exact."""
        if prop.datatype is Datatype.REFERENCE:
            return self._references(prop, values)
        if prop.datatype is Datatype.DECIMAL and not prop.many:
            return [f'"{text}"' if text else "" for text in cell_texts(prop, values)]
        return json_texts(prop, values)

    def _references(self, prop: Property, values: list[Any]) -> list[str]:
        def one(value: Any) -> str:
            if not value:
                return ""
            return f"[{', '.join(self._iris(as_set(value)))}]" if prop.many else self._iris([value])[0]

        known = {value: one(value) for value in set(values)}
        return list(map(known.__getitem__, values))

    def _iris(self, ids: Sequence[str]) -> list[str]:
        return [f'"{iri[1:-1]}"' for iri in self._ids(ids)]


def _member(prop: Property, texts: Column) -> Column:
    return [f'{_NEXT}"{prop.name}": {text}' if text else "" for text in texts]


def _by_language(prop: Property, texts: Sequence[tuple[str, list[Any]]]) -> Column:
    """A language map."""
    columns = [json_texts(prop, values, f'"{language}": ') for language, values in texts]
    maps = (", ".join(filter(None, row)) for row in zip(*columns, strict=True))
    return [f'{_NEXT}"{prop.name}": {{{text}}}' if text else "" for text in maps]
