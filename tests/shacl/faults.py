"""Faults put into a graph, one after the other, each of a kind that data go wrong in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.shacl.stated import Triple
from ontology.turtle import SG, XSD, Term, local_name

ORDERED = ("rank", "lower_bound", "level", "since", "until")
"""What laws compare: SPARQL engines differ on what is no number or date, so these get other ones."""
_TEXTS = (
    "-1",
    "0",
    "99",
    "1e3",
    "0.12345678",
    "",
    "x" * 3000,
    "1:0.5|2:0.4",
    "1:0.5|1:0.6|9:1",
    "2:0.1|1:0.9",
    "5:0.5",
)
_DATATYPES = ("string", "integer", "decimal", "date", "dateTime")


def with_faults(random: Random, graph: Sequence[Triple], share: float) -> list[Triple]:
    """The graph with so large a share of its triples changed, doubled or left out."""
    found = list(graph)
    for _ in range(int(len(graph) * share)):
        place = random.randrange(len(found))
        name = local_name(found[place][1].value)
        fault = random.choice(_SOBER if name in ORDERED else FAULTS)
        fault(random, found, place, graph)
    return found


def _drop(_: Random, found: list[Triple], place: int, __: Sequence[Triple]) -> None:
    found[place] = found[-1]
    found.pop()


def _another_value(random: Random, found: list[Triple], place: int, graph: Sequence[Triple]) -> None:
    """Beside the value one that stands elsewhere under the same property."""
    subject, predicate, _ = found[place]
    found.append((subject, predicate, random.choice([each[2] for each in graph if each[1] == predicate])))


def _other_value(random: Random, found: list[Triple], place: int, graph: Sequence[Triple]) -> None:
    _another_value(random, found, place, graph)
    found[place] = found.pop()


def _any_value(random: Random, found: list[Triple], place: int, graph: Sequence[Triple]) -> None:
    subject, predicate, _ = found[place]
    found[place] = (subject, predicate, random.choice(graph)[2])


def _other_datatype(random: Random, found: list[Triple], place: int, _: Sequence[Triple]) -> None:
    subject, predicate, value = found[place]
    datatype = NamedNode(f"{XSD}{random.choice(_DATATYPES)}")
    found[place] = (subject, predicate, Literal(value.value, datatype=datatype))


def _other_text(random: Random, found: list[Triple], place: int, _: Sequence[Triple]) -> None:
    subject, predicate, value = found[place]
    found[place] = (subject, predicate, _said(random.choice(_TEXTS), value))


def _said(text: str, like: Term) -> Literal:
    if not isinstance(like, Literal):
        return Literal(text)
    return Literal(text, language=like.language) if like.language else Literal(text, datatype=like.datatype)


def _other_language(_: Random, found: list[Triple], place: int, __: Sequence[Triple]) -> None:
    subject, predicate, value = found[place]
    found.append((subject, predicate, Literal(f"{value.value}.", language="en")))


def _blank(_: Random, found: list[Triple], place: int, __: Sequence[Triple]) -> None:
    subject, predicate, _value = found[place]
    found[place] = (subject, predicate, BlankNode("nobody"))


def _other_property(random: Random, found: list[Triple], place: int, graph: Sequence[Triple]) -> None:
    subject, _, value = found[place]
    predicate = random.choice(graph)[1]
    if local_name(predicate.value) not in ORDERED:
        found.append((subject, predicate, value))


def _backwards(_: Random, found: list[Triple], place: int, __: Sequence[Triple]) -> None:
    subject, predicate, value = found[place]
    if not isinstance(value, Literal) and predicate.value.startswith(SG):
        found.append((value, predicate, subject))


def _other_number(random: Random, found: list[Triple], place: int, _: Sequence[Triple]) -> None:
    subject, predicate, value = found[place]
    if isinstance(value, Literal) and value.datatype.value in (f"{XSD}integer", f"{XSD}decimal"):
        found[place] = (subject, predicate, Literal(random.choice(("0", "1", "2", "3", "9")), datatype=value.datatype))


Fault = Callable[[Random, list[Triple], int, Sequence[Triple]], Any]
_SOBER: Sequence[Fault] = (_drop, _another_value, _other_value, _other_number)
FAULTS: Sequence[Fault] = (
    *_SOBER,
    _any_value,
    _other_datatype,
    _other_text,
    _other_language,
    _blank,
    _other_property,
    _backwards,
)
