"""Triples into a table: terms are numbered as they come, then put in order so that alike ones are together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.shacl.build import listed
from ontology.shacl.scales import HOME
from ontology.shacl.stated import Stated, Triple
from ontology.shacl.table import BLANK, IRI, LITERAL, Numbers, Pairs, Segment, Table, Terms
from ontology.turtle import RDFS, SG, Term

Alike = tuple[int, str, str]
"""Kind, datatype and language of a term."""
_ALWAYS = (HOME, f"{SG}CORRESPONDS_TO", f"{RDFS}Resource")


def named_terms(stated: Stated) -> Iterable[Term]:
    """What shapes may ask a table for: every IRI and literal that they name."""
    yield from map(NamedNode, _ALWAYS)
    for subject, predicate, value in stated.triples:
        yield from (each for each in (subject, predicate, value) if not isinstance(each, BlankNode))


class Feed:
    """A graph as it comes. Triples may come more than once."""

    def __init__(self, named: Iterable[Term]) -> None:
        self._numbers: dict[Term, int] = {}
        for term in named:
            self._numbers.setdefault(term, len(self._numbers))
        self._columns: dict[NamedNode, tuple[list[int], list[int]]] = {}

    def add(self, triples: Iterable[Triple]) -> None:
        numbers, columns = self._numbers, self._columns
        number = numbers.setdefault
        for subject, predicate, value in triples:
            pair = columns.get(predicate)
            if pair is None:
                pair = columns[predicate] = ([], [])
            pair[0].append(number(subject, len(numbers)))
            pair[1].append(number(value, len(numbers)))

    def mentions(self, term: Term) -> bool:
        """Whether a term came, or is named by shapes."""
        return term in self._numbers

    def described(self, terms: Iterable[Term]) -> set[Term]:
        """Those of the terms of which something is said."""
        wanted = {self._numbers[term]: term for term in terms if term in self._numbers}
        return {wanted[each] for subjects, _ in self._columns.values() for each in wanted.keys() & set(subjects)}

    def table(self) -> Table:
        """The table of what came."""
        terms, places = _in_order(self._numbers)
        columns = {each.value: _pairs(*pair, places, len(terms)) for each, pair in self._columns.items()}
        return Table(terms, columns)


def _pairs(subjects: list[int], objects: list[int], places: Numbers, total: int) -> Pairs:
    first, last = places[np.array(subjects, np.int64)], places[np.array(objects, np.int64)]
    keys = np.unique(first * total + last)
    return Pairs(keys // total, keys % total)


def _in_order(numbers: dict[Term, int]) -> tuple[Terms, Numbers]:
    """The terms, alike ones together, and the place of each number among them."""
    kinds: dict[Alike, int] = {}
    codes = np.fromiter((kinds.setdefault(_alike(term), len(kinds)) for term in numbers), np.int64, len(numbers))
    order = np.argsort(codes, kind="stable")
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    texts = [term.value for term in numbers]
    counts = np.bincount(codes, minlength=len(kinds)).tolist()
    segments, start = [], 0
    for (kind, datatype, language), count in zip(kinds, counts, strict=True):
        chosen = [texts[number] for number in order[start : start + count].tolist()]
        segments.append(Segment(kind, count, listed(chosen), datatype, language))
        start += count
    known = dict(zip(numbers, places.tolist(), strict=True))
    return Terms(segments, known), places


def _alike(term: Term) -> Alike:
    if isinstance(term, NamedNode):
        return IRI, "", ""
    if isinstance(term, Literal):
        return LITERAL, term.datatype.value, term.language or ""
    return BLANK, "", ""
