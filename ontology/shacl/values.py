"""Constraints on each value by itself, told of distinct ones as a column (SHACL sections 4.1, 4.3, 4.4, 4.8)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pyoxigraph import Literal

from ontology.shacl.literals import is_well_formed, value_of
from ontology.shacl.shapes import Among, Count, Kinds, Of, Pattern
from ontology.shacl.table import BLANK, IRI, LITERAL, Mask, Numbers, Table, Terms
from ontology.turtle import XSD

Test = Callable[[Table, Any, Numbers], Mask]
_KINDS: Mapping[str, tuple[int, ...]] = {
    "IRI": (IRI,),
    "BlankNode": (BLANK,),
    "Literal": (LITERAL,),
    "BlankNodeOrIRI": (BLANK, IRI),
    "BlankNodeOrLiteral": (BLANK, LITERAL),
    "IRIOrLiteral": (IRI, LITERAL),
}
_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "MinInclusive": operator.ge,
    "MaxInclusive": operator.le,
    "MinExclusive": operator.gt,
    "MaxExclusive": operator.lt,
}


def _is_of(table: Table, constraint: Of, numbers: Numbers) -> Mask:
    fits: Mask = table.instances(table.terms.find(constraint.term))[numbers] & (table.terms.kinds[numbers] != LITERAL)
    return fits


def _has_datatype(table: Table, constraint: Of, numbers: Numbers) -> Mask:
    terms, iri = table.terms, constraint.term.value
    fits: Mask = terms.datatype_of[numbers] == terms.datatypes.get(iri, -1)
    told = np.flatnonzero(fits)
    if iri not in _UNCHECKED and len(told):
        fits[told] = [is_well_formed(text, iri) for text in terms.texts(numbers[told])]
    return fits


_UNCHECKED = frozenset({f"{XSD}string", f"{XSD}anyURI"})


def _is_kind(table: Table, constraint: Kinds, numbers: Numbers) -> Mask:
    return np.isin(table.terms.kinds[numbers], _KINDS[constraint.name])


def _within(table: Table, constraint: Of, numbers: Numbers) -> Mask:
    assert isinstance(constraint.term, Literal), "bounds are read as literals"
    bound = value_of(constraint.term.value, constraint.term.datatype.value, constraint.term.language or "")
    if bound is None:
        return np.zeros(len(numbers), bool)
    holds = _HOLDS[constraint.component]
    values = typed_values(table.terms, numbers)
    told = (each is not None and each.family == bound.family and holds(each.key, bound.key) for each in values)
    return np.fromiter(told, bool, len(numbers))


def typed_values(terms: Terms, numbers: Numbers) -> list[Any]:
    """What literals are compared by; None for what is not comparable."""
    names, codes = list(terms.datatypes), terms.datatype_of[numbers].tolist()
    languages = terms.language_of[numbers].tolist()
    texts = terms.texts(numbers)
    return [
        value_of(text, names[code]) if code and not language else None
        for text, code, language in zip(texts, codes, languages, strict=True)
    ]


def _is_long(table: Table, constraint: Count, numbers: Numbers) -> Mask:
    lengths = np.fromiter(map(len, table.terms.texts(numbers)), np.int64, len(numbers))
    fits: Mask = lengths >= constraint.number if constraint.component == "MinLength" else lengths <= constraint.number
    fits[table.terms.kinds[numbers] == BLANK] = False
    return fits


def _matches(table: Table, constraint: Pattern, numbers: Numbers) -> Mask:
    search = compiled(constraint.pattern, constraint.flags).search
    fits: Mask = np.fromiter((search(text) is not None for text in table.terms.texts(numbers)), bool, len(numbers))
    fits[table.terms.kinds[numbers] == BLANK] = False
    return fits


def compiled(pattern: str, flags: str) -> Any:
    """The pattern for google-re2, with the flags of SPARQL's REGEX."""
    import re2

    options = re2.Options()
    options.log_errors = False
    if "q" in flags:
        pattern = re2.escape(pattern)
    elif "x" in flags:
        pattern = "".join(pattern.split())
    inline = "".join(flag for flag in "ims" if flag in flags)
    return re2.compile(f"(?{inline}){pattern}" if inline else pattern, options)


def _in_language(table: Table, constraint: Among, numbers: Numbers) -> Mask:
    """SPARQL's langMatches: a range fits itself and what begins with it and a hyphen."""
    ranges = [each.value.lower() for each in constraint.terms]
    fits = [bool(name) and any(_fits_range(name, each) for each in ranges) for name in table.terms.languages]
    told: Mask = np.array(fits, bool)[table.terms.language_of[numbers]]
    return told


def _fits_range(language: str, range: str) -> bool:
    return range == "*" or f"{language}-".startswith(f"{range}-")


def _is_among(table: Table, constraint: Among, numbers: Numbers) -> Mask:
    return np.isin(numbers, [table.terms.find(each) for each in constraint.terms])


VALUE_TESTS: Mapping[str, Test] = {
    "Class": _is_of,
    "Datatype": _has_datatype,
    "NodeKind": _is_kind,
    **dict.fromkeys(_HOLDS, _within),
    "MinLength": _is_long,
    "MaxLength": _is_long,
    "Pattern": _matches,
    "LanguageIn": _in_language,
    "In": _is_among,
}
"""For each component what tells whether values fit."""
