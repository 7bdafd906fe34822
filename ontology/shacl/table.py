"""A graph as columns: each term once, as a number, and for each predicate its subjects and objects side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.turtle import RDF, RDFS, Term

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Texts = Callable[[Numbers], list[str]]
"""The texts of some places, counted from 0, of one segment."""

IRI, BLANK, LITERAL = 0, 1, 2
FEW = 16
"""A lookup of so many times fewer terms than there are is by search, any other by a column over all terms."""
TYPE = f"{RDF}type"
_NONE: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Segment:
    """Terms in a row that are alike; `datatype` and `language` are of literals, as are texts of what is not one."""

    kind: int
    count: int
    texts: Texts
    datatype: str = ""
    language: str = ""


class Terms:
    """The dictionary: terms are numbered through the segments. `known` holds at least every term that shapes name."""

    def __init__(self, segments: Sequence[Segment], known: Mapping[Term, int]) -> None:
        self.segments, self.known = segments, known
        counts = [each.count for each in segments]
        self.starts: Numbers = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.kinds = self._spread([each.kind for each in segments], np.uint8)
        self.datatypes = _codes([each.datatype for each in segments])
        self.languages = _codes([each.language.lower() for each in segments])

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def datatype_of(self) -> NDArray[Any]:
        """For each term the place of its datatype in `datatypes`; 0 for what is no literal."""
        return self._spread([self.datatypes[each.datatype] for each in self.segments], np.int32)

    @cached_property
    def language_of(self) -> NDArray[Any]:
        """For each term the place of its language tag, in small letters, in `languages`; 0 without one."""
        return self._spread([self.languages[each.language.lower()] for each in self.segments], np.int32)

    def find(self, term: Term) -> int:
        """The number of a term that shapes name, -1 when the graph does not have it."""
        return self.known.get(term, -1)

    def texts(self, numbers: Numbers) -> list[str]:
        """Lexical forms, IRIs, or labels of blank nodes."""
        if len(self.segments) == 1:
            return self.segments[0].texts(numbers)
        places = np.searchsorted(self.starts, numbers, "right") - 1
        found: list[str] = [""] * len(numbers)
        for place in np.unique(places).tolist():
            at = np.flatnonzero(places == place)
            texts = self.segments[place].texts(numbers[at] - self.starts[place])
            for index, text in zip(at.tolist(), texts, strict=True):
                found[index] = text
        return found

    def term(self, number: int) -> Term:
        """One term as it is reported."""
        place = int(np.searchsorted(self.starts, number, "right")) - 1
        segment = self.segments[place]
        return _terms(segment, segment.texts(np.array([number - self.starts[place]])))[0]

    def all(self) -> list[Term]:
        """Every term, by its number."""
        return [term for each in self.segments for term in _terms(each, each.texts(np.arange(each.count)))]

    def _spread(self, values: Sequence[int], dtype: Any) -> NDArray[Any]:
        return np.repeat(np.array(values, dtype), [each.count for each in self.segments])


def _terms(segment: Segment, texts: Sequence[str]) -> list[Term]:
    if segment.kind == IRI:
        return [NamedNode(text) for text in texts]
    if segment.kind == BLANK:
        return [BlankNode(text) for text in texts]
    if segment.language:
        return [Literal(text, language=segment.language) for text in texts]
    datatype = NamedNode(segment.datatype)
    return [Literal(text, datatype=datatype) for text in texts]


def _codes(names: Iterable[str]) -> dict[str, int]:
    codes = {"": 0}
    for name in names:
        codes.setdefault(name, len(codes))
    return codes


@dataclass
class Pairs:
    """Subjects and objects of one predicate; no pair twice."""

    subjects: Numbers
    objects: Numbers

    @cached_property
    def inverse(self) -> Pairs:
        return Pairs(self.objects, self.subjects)

    @cached_property
    def ordered(self) -> tuple[Numbers, Numbers]:
        """The pairs by subject."""
        if len(self.subjects) < 2 or (self.subjects[1:] >= self.subjects[:-1]).all():
            return self.subjects, self.objects
        order = np.argsort(self.subjects, kind="stable")
        return self.subjects[order], self.objects[order]


NO_PAIRS = Pairs(_NONE, _NONE)


@dataclass
class Nodes:
    """Terms to be looked at, ascending and each once."""

    numbers: Numbers
    total: int  # terms of the graph

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def places(self) -> Numbers:
        """For each term of the graph its place among the nodes, -1 for one that is not among them."""
        places = np.full(self.total, -1, np.int64)
        places[self.numbers] = np.arange(len(self.numbers))
        return places


@dataclass
class Table:
    """The graph."""

    terms: Terms
    predicates: Mapping[str, Pairs]

    @cached_property
    def size(self) -> int:
        """How many triples."""
        return sum(len(each.subjects) for each in self.predicates.values())

    def triples(self) -> Iterator[tuple[Any, NamedNode, Term]]:
        """Every triple as terms."""
        terms: list[Any] = self.terms.all()
        for iri, pairs in self.predicates.items():
            predicate = NamedNode(iri)
            for subject, value in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True):
                yield terms[subject], predicate, terms[value]

    def pairs(self, iri: str, inverse: bool = False) -> Pairs:
        found = self.predicates.get(iri, NO_PAIRS)
        return found.inverse if inverse else found

    def nodes(self, numbers: Numbers) -> Nodes:
        """Nodes of term numbers in any order; -1 is left out."""
        chosen = numbers[numbers >= 0]
        if len(chosen) < 2 or (chosen[1:] > chosen[:-1]).all():
            return Nodes(chosen, len(self.terms))
        if len(chosen) * FEW < len(self.terms):
            return Nodes(np.unique(chosen), len(self.terms))
        mask = np.zeros(len(self.terms), bool)
        mask[chosen] = True
        return Nodes(np.flatnonzero(mask), len(self.terms))

    def values(self, iri: str, inverse: bool, nodes: Nodes) -> tuple[Numbers, Numbers]:
        """Of each value of a property of the nodes: the place of its node, and the value."""
        pairs = self.pairs(iri, inverse)
        if not len(nodes) or not len(pairs.subjects):
            return _NONE, _NONE
        if len(nodes) * FEW < len(pairs.subjects):
            return _searched(pairs, nodes)
        places = nodes.places[pairs.subjects]
        chosen = places >= 0
        if chosen.all():
            return places, pairs.objects
        return places[chosen], pairs.objects[chosen]

    @cached_property
    def _classes(self) -> dict[int, list[int]]:
        """Class -> what is directly below it."""
        below: dict[int, list[int]] = {}
        pairs = self.pairs(f"{RDFS}subClassOf")
        for lower, upper in zip(pairs.subjects.tolist(), pairs.objects.tolist(), strict=True):
            below.setdefault(upper, []).append(lower)
        return below

    @cached_property
    def _instances(self) -> dict[int, Mask]:
        return {}

    def instances(self, number: int) -> Mask:
        """Over all terms: which are SHACL instances of a class, or of one below it."""
        if number not in self._instances:
            self._instances[number] = self._find_instances(number)
        return self._instances[number]

    def _find_instances(self, number: int) -> Mask:
        classes, waiting = {number}, [number]
        while waiting:
            for lower in self._classes.get(waiting.pop(), ()):
                if lower not in classes:
                    classes.add(lower)
                    waiting.append(lower)
        mask = np.zeros(len(self.terms), bool)
        for each in classes:
            mask[self._by_class.get(each, _NONE)] = True
        return mask

    def instances_stated(self, term: Term) -> Mask:
        """Over all terms: which are stated to be of a class itself."""
        mask = np.zeros(len(self.terms), bool)
        mask[self._by_class.get(self.terms.find(term), _NONE)] = True
        return mask

    @cached_property
    def _by_class(self) -> dict[int, Numbers]:
        """Class -> what is stated to be of it."""
        by_class, instances = Pairs(self.pairs(TYPE).objects, self.pairs(TYPE).subjects).ordered
        classes, starts = np.unique(by_class, return_index=True)
        return dict(zip(classes.tolist(), np.split(instances, starts[1:]), strict=True)) if len(classes) else {}


def _searched(pairs: Pairs, nodes: Nodes) -> tuple[Numbers, Numbers]:
    subjects, objects = pairs.ordered
    first = np.searchsorted(subjects, nodes.numbers, "left")
    counts = np.searchsorted(subjects, nodes.numbers, "right") - first
    places = np.repeat(np.arange(len(nodes)), counts)
    within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, objects[np.repeat(first, counts) + within]
