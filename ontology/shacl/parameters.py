"""What each parameter of SHACL's core constraint components makes of its value (SHACL section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode

from ontology.consistency import unsafe_pattern
from ontology.shacl.shapes import Among, Beside, Closed, Constraint, Count, Kinds, Of, Pattern, Qualified, Through
from ontology.shacl.stated import Stated
from ontology.turtle import SH, XSD, Subject, Term


class Unfit(ValueError):
    """Why a value can't stand where it does."""


Read = Callable[[Stated, Subject, Term], Iterator[Constraint]]


def _count(component: str) -> Read:
    def read(_: Stated, __: Subject, value: Term) -> Iterator[Constraint]:
        yield Count(component, _whole(value))

    return read


def _whole(value: Term) -> int:
    if isinstance(value, Literal) and value.datatype.value == f"{XSD}integer":
        try:
            if (number := int(value.value)) >= 0:
                return number
        except ValueError:
            pass
    raise Unfit("is no whole number of 0 or more; write digits like 1")


def _of(component: str, literal: bool = False, iri: bool = False) -> Read:
    def read(_: Stated, __: Subject, value: Term) -> Iterator[Constraint]:
        if literal and not isinstance(value, Literal):
            raise Unfit("is no literal; write a number, a date or a text")
        if iri and isinstance(value, Literal):
            raise Unfit("is no IRI; name one")
        yield Of(component, value)

    return read


def _beside(component: str) -> Read:
    def read(_: Stated, __: Subject, value: Term) -> Iterator[Constraint]:
        if not isinstance(value, NamedNode):
            raise Unfit("is no property; name one by its IRI")
        yield Beside(component, value.value)

    return read


def _kinds(_: Stated, __: Subject, value: Term) -> Iterator[Constraint]:
    name = value.value.removeprefix(SH)
    if name not in NODE_KINDS:
        raise Unfit(f"is no kind of node; use one of {', '.join(f'sh:{each}' for each in NODE_KINDS)}")
    yield Kinds("NodeKind", name)


NODE_KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")


def _in(stated: Stated, _: Subject, value: Term) -> Iterator[Constraint]:
    yield Among("In", tuple(stated.members(value)))


def _languages(stated: Stated, _: Subject, value: Term) -> Iterator[Constraint]:
    yield Among("LanguageIn", tuple(stated.members(value)))


def _pattern(stated: Stated, node: Subject, value: Term) -> Iterator[Constraint]:
    flags = stated.objects(node, f"{SH}flags")
    if not all(isinstance(each, Literal) and each.datatype.value == f"{XSD}string" for each in (value, *flags)):
        raise Unfit("or its sh:flags is no plain text; write it as one")
    if reason := unsafe_pattern(value.value):
        raise stated.error(node, f"the pattern {value.value[:80]!r} is not read: {reason}")
    yield Pattern("Pattern", value.value, "".join(sorted({*(each.value for each in flags)})))


def _unique_language(stated: Stated, node: Subject, _: Term) -> Iterator[Constraint]:
    if stated.is_true(node, f"{SH}uniqueLang"):
        yield Constraint("UniqueLang")


def _closed(stated: Stated, node: Subject, _: Term) -> Iterator[Constraint]:
    if stated.is_true(node, f"{SH}closed"):
        ignored = [each for head in stated.objects(node, f"{SH}ignoredProperties") for each in stated.members(head)]
        paths = [path for each in stated.objects(node, f"{SH}property") for path in stated.objects(each, f"{SH}path")]
        yield Closed("Closed", frozenset(each.value for each in (*ignored, *paths) if isinstance(each, NamedNode)))


def _through(component: str) -> Read:
    def read(stated: Stated, _: Subject, value: Term) -> Iterator[Constraint]:
        many = component in ("And", "Or", "Xone")
        shapes = stated.members(value) if many else [value]
        found = tuple(each for each in shapes if isinstance(each, Subject))
        if component == "Property" and not stated.objects(value, f"{SH}path"):
            raise Unfit("leads to a shape without sh:path; give it one, or use sh:node")
        if not found:
            raise Unfit("names no shape; name one or more")
        yield Through(component, found)

    return read


def _qualified(stated: Stated, node: Subject, value: Term) -> Iterator[Constraint]:
    assert isinstance(value, Subject), "shapes are read as owned by others first"
    siblings: list[Subject] = []
    if stated.is_true(node, f"{SH}qualifiedValueShapesDisjoint"):
        shapes = [shape for parent in stated.holders.get(node, ()) for shape in stated.objects(parent, f"{SH}property")]
        found = [each for shape in shapes for each in stated.objects(shape, f"{SH}qualifiedValueShape")]
        siblings = [each for each in dict.fromkeys(found) if each != value and isinstance(each, Subject)]
    counts = [(name, each) for name in _QUALIFIED for each in stated.objects(node, f"{SH}{name}")]
    if not counts:
        raise Unfit("is not counted; state sh:qualifiedMinCount or sh:qualifiedMaxCount")
    for name, number in counts:
        yield Qualified(f"{name[0].upper()}{name[1:]}", value, _whole(number), tuple(siblings))


_QUALIFIED = ("qualifiedMinCount", "qualifiedMaxCount")


PARAMETERS: Mapping[str, Read] = {
    f"{SH}{name}": read
    for name, read in {
        "minCount": _count("MinCount"),
        "maxCount": _count("MaxCount"),
        "class": _of("Class", iri=True),
        "datatype": _of("Datatype", iri=True),
        "nodeKind": _kinds,
        "minInclusive": _of("MinInclusive", literal=True),
        "maxInclusive": _of("MaxInclusive", literal=True),
        "minExclusive": _of("MinExclusive", literal=True),
        "maxExclusive": _of("MaxExclusive", literal=True),
        "minLength": _count("MinLength"),
        "maxLength": _count("MaxLength"),
        "pattern": _pattern,
        "languageIn": _languages,
        "uniqueLang": _unique_language,
        "equals": _beside("Equals"),
        "disjoint": _beside("Disjoint"),
        "lessThan": _beside("LessThan"),
        "lessThanOrEquals": _beside("LessThanOrEquals"),
        "in": _in,
        "hasValue": _of("HasValue"),
        "closed": _closed,
        "property": _through("Property"),
        "node": _through("Node"),
        "not": _through("Not"),
        "and": _through("And"),
        "or": _through("Or"),
        "xone": _through("Xone"),
        "qualifiedValueShape": _qualified,
    }.items()
}
"""What reads each parameter of SHACL's core constraint components."""

_SINGLE = ("minCount", "maxCount", "minLength", "maxLength", "datatype", "nodeKind", "in", "languageIn", "uniqueLang")
ONCE = frozenset(f"{SH}{name}" for name in (*_SINGLE, "closed", "qualifiedValueShape"))

_OF_A_PATH = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape")
OF_A_PATH = frozenset(f"{SH}{name}" for name in _OF_A_PATH)
"""What is of property shapes only."""
