"""A table built column by column: IRIs in blocks, literals by datatype and language, statements as pairs of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from pyoxigraph import Literal, NamedNode

from ontology.shacl.table import IRI, LITERAL, Numbers, Pairs, Segment, Table, Terms, Texts
from ontology.turtle import Term


@dataclass(slots=True)
class Pool:
    """The literals of one datatype and language, numbered from 0 as they are met."""

    datatype: str
    language: str
    known: dict[str, int] = field(default_factory=dict)

    def of(self, texts: Sequence[str]) -> Numbers:
        """The places of texts in the pool."""
        known = self.known
        for text in dict.fromkeys(texts):
            known.setdefault(text, len(known))
        return np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))


class Builder:
    """Terms that shapes name come first, then blocks of IRIs, then the pools."""

    def __init__(self, named: Iterable[Term]) -> None:
        self._iris: dict[str, int] = {}
        self._literals: list[tuple[Literal, Pool, int]] = []
        self._pools: dict[tuple[str, str], Pool] = {}
        self._stated: list[tuple[str, Numbers, Numbers, Pool | None]] = []
        for term in named:
            if isinstance(term, Literal):
                pool = self.pool(term.datatype.value, term.language or "")
                self._literals.append((term, pool, int(pool.of([term.value])[0])))
            else:
                self._iris.setdefault(term.value, len(self._iris))
        iris = list(self._iris)
        self._segments = [Segment(IRI, len(iris), listed(iris))]
        self._total = len(iris)

    @property
    def named_iris(self) -> Sequence[str]:
        """The IRIs that shapes name, by their numbers."""
        return list(self._iris)

    def iri(self, iri: str) -> int:
        """The number of an IRI that shapes name."""
        return self._iris[iri]

    def block(self, count: int, texts: Texts) -> Numbers:
        """Numbers for so many IRIs, none of which has any yet."""
        self._segments.append(Segment(IRI, count, texts))
        self._total += count
        return np.arange(self._total - count, self._total)

    def pool(self, datatype: str, language: str = "") -> Pool:
        return self._pools.setdefault((datatype, language), Pool(datatype, language))

    def state(self, predicate: str, subjects: Numbers, objects: Numbers, pool: Pool | None = None) -> None:
        """Triples of one predicate, none of which is stated yet; with a pool, objects are places in it."""
        if len(subjects):
            self._stated.append((predicate, subjects, objects, pool))

    def table(self) -> Table:
        """The table of what was stated."""
        starts: dict[int, int] = {}
        for pool in self._pools.values():
            starts[id(pool)] = self._total
            texts = listed(list(pool.known))
            self._segments.append(Segment(LITERAL, len(pool.known), texts, pool.datatype, pool.language))
            self._total += len(pool.known)
        known: dict[Term, int] = {NamedNode(iri): number for iri, number in self._iris.items()}
        known |= {term: starts[id(pool)] + place for term, pool, place in self._literals}
        parts: dict[str, list[tuple[Numbers, Numbers]]] = {}
        for predicate, subjects, objects, pool_ in self._stated:
            start = 0 if pool_ is None else starts[id(pool_)]
            parts.setdefault(predicate, []).append((subjects, objects + start if start else objects))
        return Table(Terms(self._segments, known), {name: _joined(some) for name, some in parts.items()})


def _joined(parts: Sequence[tuple[Numbers, Numbers]]) -> Pairs:
    if len(parts) == 1:
        return Pairs(*parts[0])
    return Pairs(np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))


def listed(texts: Sequence[str]) -> Texts:
    """The texts of a segment, from a list of them."""
    return lambda places: [texts[place] for place in places.tolist()]
