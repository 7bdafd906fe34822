"""Rows of the bundled scales and crosswalks: what every new store is seeded with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pyoxigraph import NamedNode

from ontology.model import Datatype, EdgeType, Model, Property, load_model
from ontology.reader import FOLDER
from ontology.turtle import RDF, SG, Subject, Triples
from ontology.values import parse_decimal

CROSSWALKS = FOLDER / "crosswalks.ttl"
SEED_SOURCE = "skillgraph"  # the source name that the seeded nodes belong to

Row = Mapping[str, str | int]


@cache
def crosswalk_rows() -> Mapping[str, tuple[Row, ...]]:
    """Type -> rows of held values, nodes with `id` and edges with `from` and `to`: Scale, Level, CORRESPONDS_TO."""
    model, triples = load_model(), Triples([CROSSWALKS])
    found: dict[str, list[Row]] = {"Scale": [], "Level": [], "CORRESPONDS_TO": []}
    for subject in triples.subjects():
        name = (triples.text(subject, f"{RDF}type") or "").removeprefix(SG)
        found[name].append(_row(model, triples, subject, name))
    return MappingProxyType({name: tuple(rows) for name, rows in found.items()})


def _row(model: Model, triples: Triples, subject: Subject, name: str) -> Row:
    kept, row = model.type(name), dict[str, str | int]()
    if isinstance(kept, EdgeType):
        for end in ("from", "to"):
            row[end] = model.prefixes.curie(triples.text(subject, f"{SG}{end}") or "")
    elif isinstance(subject, NamedNode):
        row["id"] = model.prefixes.curie(subject.value)
    for each in kept.properties.values():
        text = triples.words(subject, each.iri) if each.datatype is Datatype.TEXT else triples.text(subject, each.iri)
        if text:
            row[each.name] = _held(model, each, text)
    return row


def _held(model: Model, each: Property, text: str) -> str | int:
    if each.datatype is Datatype.REFERENCE:
        return model.prefixes.curie(text)
    if each.datatype is Datatype.DECIMAL:
        return parse_decimal(text)
    return int(text) if each.datatype is Datatype.INTEGER else text
