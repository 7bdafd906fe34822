"""Nodes as JSON-LD in the terms of another vocabulary, declared part by part.

What a part says of the model stands beside what makes it, so that what a format carries is read from the declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from graph.exports.around import Hops, Reader, Web
from graph.exports.coverage import carried_by
from graph.store import Node

Values = Iterable[tuple[str, Any]]
"""Terms and what is said by them; what is said several times by one term becomes a list."""

Make = Callable[[Web, Node], Values]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is said of a node, and of what in the model: own properties (`label`), edges (`TEACHES.level`)."""

    of: tuple[str, ...]
    make: Make


@dataclass(frozen=True, slots=True)
class Projection:
    """How nodes of a type are said; `kinds` gives what each is in the other vocabulary, None where it is not said."""

    type: str
    kinds: Callable[[Node], str | list[str] | None]
    parts: Sequence[Part]
    hops: Hops = field(default_factory=Hops)
    references: tuple[str, ...] = ()  # properties whose nodes are needed
    lists: frozenset[str] = frozenset()  # terms that readers want a list of, be it of one

    def describe(self, web: Web, node: Node) -> dict[str, Any] | None:
        """The node, without a context."""
        kinds = self.kinds(node)
        if kinds is None:
            return None
        made: dict[str, Any] = {"@id": web.reader.iri(node.id), "@type": kinds}
        return made | gathered(chain.from_iterable(part.make(web, node) for part in self.parts), self.lists)

    def names(self) -> Iterator[str]:
        """What of the model is said, as `graph.exports.coverage` names it."""
        yield self.type
        for name in chain.from_iterable(part.of for part in self.parts):
            yield name if name[0].isupper() else f"{self.type}.{name}"


def gathered(values: Values, lists: Collection[str] = ()) -> dict[str, Any]:
    """Terms with what they say; empty texts and lists are left out.

    >>> gathered([("name", "a"), ("name", "b"), ("url", ""), ("code", "c")])
    {'name': ['a', 'b'], 'code': 'c'}
    """
    found: dict[str, list[Any]] = {}
    for term, value in values:
        if value not in (None, "", [], {}):
            found.setdefault(term, []).extend(value if isinstance(value, list) else [value])
    return {term: said[0] if len(said) == 1 and term not in lists else said for term, said in found.items()}


def carries(projections: Iterable[Projection]) -> dict[str, set[str]]:
    """What the projections say of the model; see `graph.exports.coverage.lacking`."""
    return carried_by(name for each in projections for name in each.names())


def documents(reader: Reader, projections: Iterable[Projection], written: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Every node that is said, type by type in the order of ids; `written` counts them."""
    for each in projections:
        for nodes, web in reader.chunks(each.type, each.hops, each.references):
            for node in nodes:
                made = each.describe(web, node)
                if made is not None:
                    written[each.type] = written.get(each.type, 0) + 1
                    yield made


def written(
    reader: Reader,
    out: Path,
    context: Mapping[str, Any],
    projections: Iterable[Projection],
    vocabulary: Callable[[Reader, str, str], dict[str, Any]],
) -> dict[str, int]:
    """Write one document: every node that is said, then the vocabularies that were named, each made of its name and
    address. Returns how many nodes of each type are in it."""
    counts: dict[str, int] = {}

    def found() -> Iterator[dict[str, Any]]:
        yield from documents(reader, projections, counts)
        yield from (vocabulary(reader, name, address) for name, address in sorted(reader.vocabularies.items()))

    write_graph(out, context, found())
    return counts


def write_graph(out: Path, context: Mapping[str, Any], found: Iterable[Mapping[str, Any]], **head: Any) -> None:
    """One JSON-LD document whose graph has a node a line; what is in `head` stands before the graph."""
    with out.open("wb") as file:
        file.write(orjson.dumps({"@context": context, **head})[:-1] + b',"@graph":[\n')
        for place, each in enumerate(found):
            file.write((b",\n" if place else b"") + orjson.dumps(each))
        file.write(b"\n]}\n")


def texts(node: Node, name: str) -> Iterator[tuple[str, list[str]]]:
    """A text property by language, "" the deployment's, which comes first; in the same order from every engine."""
    for column in sorted(each for each in node.properties if each.partition("@")[0] == name):
        value = node.properties[column]
        if value not in ("", ()):
            yield column.partition("@")[2], sorted(value) if isinstance(value, tuple) else [str(value)]


def own_text(node: Node, name: str = "label") -> str:
    """A text in the deployment's language, else in the first that there is, else empty."""
    found = dict(texts(node, name))
    return found.get("", found[min(found)] if found else [""])[0]
