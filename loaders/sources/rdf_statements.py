"""RDF files as frames of statements, block by block.

Columns: `s` subject (IRI, or `_:` and a name), `n` the file's position and the statement's number in it, `p` predicate,
`o` object, `k` its form (see `rdf_terms`); predicates and forms are numbers, since there are few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from loaders.errors import LoadError
from loaders.sources.rdf_terms import BLANK, IRI, QUOTED
from ontology.context import context
from ontology.model import Model
from ontology.rdf import UnreadableRdf, own_contexts, quads
from ontology.turtle import RDF

BLOCK = 50_000  # statements
FILE_BITS = 40  # of `n` that count statements; the bits above count files
_TOGETHER = 500  # quads that are held at once: few enough to stay near the processor
MOST_TERMS = 10_000  # different predicates, and forms of objects

_LANGUAGE_TEXT = f"{RDF}langString"


class Numbers(dict[str, int]):
    """Words by number, in the order in which they are met."""

    def __missing__(self, word: str) -> int:
        if len(self) == MOST_TERMS:
            raise LoadError(f"{word[:80]!r} is one more term than the {MOST_TERMS:,} that are read: is it records?")
        self[word] = len(self)
        return self[word]


@dataclass(slots=True)
class Statements:
    """The statements of files."""

    files: Sequence[Path]
    model: Model
    predicates: Numbers = field(default_factory=Numbers)
    forms: Numbers = field(default_factory=Numbers)

    def frames(self) -> Iterator[pl.DataFrame]:
        """All of them; raises `LoadError` with the line where that is known."""
        contexts = own_contexts(self.model.prefixes.base, context(self.model))
        for place, file in enumerate(self.files):
            try:
                yield from self._framed(quads(file, contexts), (place << FILE_BITS) + 1)
            except UnreadableRdf as error:
                raise LoadError(error.placed, file=error.file) from error

    def _framed(self, found: Iterator[Quad], first: int) -> Iterator[pl.DataFrame]:
        cells = _Cells()
        while some := list(islice(found, _TOGETHER)):
            cells.add(some)
            if len(cells.subjects) >= BLOCK:
                yield self._frame(cells, first)
                first, cells = first + len(cells.subjects), _Cells()
        if cells.subjects:
            yield self._frame(cells, first)

    def _frame(self, cells: _Cells, first: int) -> pl.DataFrame:
        size = len(cells.subjects)
        return pl.DataFrame(
            {
                "s": pl.Series(cells.subjects, dtype=pl.String),
                "n": np.arange(first, first + size, dtype=np.uint64),
                "p": np.fromiter(map(self.predicates.__getitem__, cells.predicates), np.uint16, size),
                "o": pl.Series(cells.texts, dtype=pl.String),
                "k": np.fromiter(map(self.forms.__getitem__, cells.forms), np.uint16, size),
            }
        )


@dataclass(slots=True)
class _Cells:
    """A block's columns as they grow."""

    subjects: list[str] = field(default_factory=list)
    predicates: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)

    def add(self, some: Sequence[Quad]) -> None:
        objects: list[Any] = [quad.object for quad in some]
        kinds = {*map(type, objects)}
        self.subjects += map(_name, (quad.subject for quad in some))
        self.predicates += [quad.predicate.value for quad in some]
        if kinds <= _PLAIN:
            self.texts += [each.value for each in objects]
        else:
            self.texts += [each.value if type(each) in _PLAIN else str(each) for each in objects]
        self.forms += map(_form, objects)


def _name(subject: Any) -> str:
    name: str = subject.value
    return name if type(subject) is NamedNode else f"_:{name}"


def _form(term: Any) -> str:
    kind = type(term)
    if kind is NamedNode:
        return IRI
    if kind is Literal:
        datatype: str = term.datatype.value
        return f"@{term.language}" if datatype == _LANGUAGE_TEXT else datatype
    return BLANK if kind is BlankNode else QUOTED


_PLAIN = {NamedNode, BlankNode, Literal}
