"""Whether graphs conform to shapes: by column checks, or by pySHACL, which also checks what columns leave to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pyoxigraph import BlankNode, NamedNode

from ontology.model import Model
from ontology.rdf import ValidationInputError
from ontology.reader import FOLDER
from ontology.report import Report, Result, Terms
from ontology.shacl.bounded import within_limits
from ontology.shacl.check import Checker
from ontology.shacl.circles import circles
from ontology.shacl.definition import Definition, other_definition, own_definition, triples_of
from ontology.shacl.feed import Feed
from ontology.shacl.paths import Predicate, path_name
from ontology.shacl.result import Raw, raw_results
from ontology.shacl.scales import HOME
from ontology.shacl.shapes import Law
from ontology.shacl.table import TYPE, Numbers, Table
from ontology.turtle import SG, SH, Term, local_name

__all__ = [
    "Engine",
    "Report",
    "Result",
    "ValidationInputError",
    "check",
    "definition_of",
    "validate_files",
]

Engine = Literal["columns", "pyshacl"]
_UNKNOWN, _ACYCLIC = f"{SG}Unknown", f"{SG}Acyclic"


def validate_files(
    files: Sequence[Path], shapes: Path | None = None, extension: Path | None = None, engine: Engine = "columns"
) -> Report:
    """All files as one graph against the bundled shapes, or against others.

    With the bundled shapes the bundled scales and crosswalks count as being in the graph. Raises
    `ValidationInputError` for a file that can't be read, for shapes that can't be trusted and, with the bundled shapes,
    for a graph without a single record.
    """
    definition = definition_of(shapes, extension)
    feed = Feed(definition.named)
    for path in files:
        feed.add(triples_of(path))
    seeds = 0
    if definition.model is not None:
        feed.add(definition.below)
        seeds = _seed(feed)
    table = feed.table()
    records = _records(table, definition) - seeds
    if definition.model is not None and not records:
        raise ValidationInputError("the graph holds no record of a class of the ontology; is it Skillgraph's RDF?")
    return check(table, definition, engine, records)


def definition_of(shapes: Path | None, extension: Path | None) -> Definition:
    """The shapes of a file, or Skillgraph's own with a deployment's."""
    return own_definition(extension) if shapes is None else other_definition(shapes)


def check(
    table: Table, definition: Definition, engine: Engine, records: int, name: Callable[[str], str] = str
) -> Report:
    """The report on a table; `name` is what a record is called that has an IRI."""
    shapes, raw, notes = definition.shapes, list[Raw](), list[str]()
    if engine == "columns":
        raw += (each for found in Checker(table, shapes).run() for each in raw_results(table, found))
        notes += (f"checked by pySHACL: {_called(node)}, because {why}" for node, why in shapes.left.items())
    if engine == "pyshacl" or shapes.left:
        from ontology.shacl.by_pyshacl import pyshacl_results

        only = None if engine == "pyshacl" else list(shapes.left)
        run = partial(within_limits, pyshacl_results) if definition.asks else pyshacl_results
        raw += run(list(table.triples()), definition.stated, shapes, only)
    results = [_result(each, table, definition, name) for each in raw]
    if definition.model is not None:
        results += _unknown(table, definition, name)
        results += _circles(table, definition.model, name)
    return Report(tuple(sorted(results)), records, tuple(sorted(notes)))


def _called(node: Term) -> str:
    return f"shape {node.value}" if isinstance(node, NamedNode) else "a shape without a name"


def _seed(feed: Feed) -> int:
    """Add of the bundled scales the home scale and those the graph refers to, where it does not describe them itself:
    laws take time for each level. Returns how many records they are.
    """
    everything = list(triples_of(FOLDER / "crosswalks.ttl"))
    scale_of = {level: scale for level, name, scale in everything if name.value == f"{SG}scale"}
    named = {scale for level, scale in scale_of.items() if feed.mentions(level) or feed.mentions(scale)}
    scales = named | {NamedNode(HOME)}
    levels = {level for level, scale in scale_of.items() if scale in scales}
    edges = {edge for edge, name, level in everything if name.value == f"{SG}from" and level in levels}
    wanted: set[Term] = {*scales, *levels, *edges}
    wanted -= feed.described(wanted)  # a store's own copy of a scale stands for itself
    feed.add(triple for triple in everything if triple[0] in wanted)
    return len(wanted)


def _records(table: Table, definition: Definition) -> int:
    """Nodes and edges of a class of the ontology; with other shapes, whatever has a class."""
    typed = table.pairs(TYPE)
    if definition.model is None:
        return len(np.unique(typed.subjects))
    classes = [table.terms.find(NamedNode(each.iri)) for each in definition.model.types()]
    return len(np.unique(typed.subjects[np.isin(typed.objects, classes)]))


def _result(raw: Raw, table: Table, definition: Definition, name: Callable[[str], str]) -> Result:
    shape, law = definition.shapes.by_node.get(raw.shape), raw.constraint
    own = shape.message if shape else ""
    message = own or (raw.message if law is None else definition.sentences.of(law, raw.value))
    whole = isinstance(law, Law) and raw.value == raw.focus
    return Result(
        focus=_focus(raw.focus, table, name),
        path=path_name(raw.path),
        value="" if raw.value is None or whole else raw.value.value,
        component=local_name(raw.component).removesuffix("ConstraintComponent"),
        message=message,
        severity=local_name(raw.severity),
        shape=shape.name if shape else "",
        terms=Terms(raw.focus, raw.path, raw.value, raw.component, raw.shape, raw.severity),
    )


def _focus(focus: Term, table: Table, name: Callable[[str], str]) -> str:
    """What a record is called; an edge without an IRI is named by its type and ends."""
    if isinstance(focus, NamedNode):
        return name(focus.value)
    if not isinstance(focus, BlankNode):
        return focus.value
    nodes = table.nodes(np.array([table.terms.find(focus)]))
    said = [table.values(iri, False, nodes)[1][:1] for iri in (TYPE, f"{SG}from", f"{SG}to")]
    return " ".join(local_name(text) for each in said for text in table.terms.texts(each)) or "a blank node"


def _unknown(table: Table, definition: Definition, name: Callable[[str], str]) -> Iterator[Result]:
    """Terms of our namespace that the ontology does not have: on a load they would be unknown columns."""
    iris = {each.value for each in definition.stated.subjects() if isinstance(each, NamedNode)}
    known = {local_name(iri): iri for iri in iris if iri.startswith(SG)}
    types = table.pairs(TYPE)
    for iri, subjects in _used(table, types.subjects, types.objects):
        if iri.startswith(SG) and iri not in known.values():
            close = get_close_matches(local_name(iri), known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else "; leave it out"
            term = local_name(iri)
            for focus in map(table.terms.term, subjects.tolist()):
                terms = Terms(focus, Predicate(iri), None, _UNKNOWN, None, f"{SH}Violation")
                message = f"{term} is not in the ontology{hint}"
                yield Result(_focus(focus, table, name), term, "", "Unknown", message, "Violation", "", terms)


def _circles(table: Table, model: Model, name: Callable[[str], str]) -> Iterator[Result]:
    for each, law, nodes in circles(table, model):
        message = f"{each.name} leads back to where it began: remove one of the cycle"
        for focus in map(table.terms.term, nodes.tolist()):
            terms = Terms(focus, Predicate(each.iri), None, _ACYCLIC, None, f"{SH}Violation")
            yield Result(_focus(focus, table, name), each.name, "", "Acyclic", message, "Violation", law, terms)


def _used(table: Table, typed: Numbers, classes: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Every predicate and class, with the subjects that state it."""
    for predicate, pairs in table.predicates.items():
        if predicate != TYPE:
            yield predicate, pairs.subjects
    for number in np.unique(classes).tolist():
        yield table.terms.texts(np.array([number]))[0], typed[classes == number]
