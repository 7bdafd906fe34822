"""What a validation found, and how it is told: text, JSON, Turtle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ontology.turtle import SG, SH, SHAPE, local_name
from ontology.values import shown

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One thing that does not conform."""

    focus: str  # IRI of the record, or type and ends of an edge without one
    path: str  # the property's name, "" for the record as a whole
    value: str
    component: str  # SHACL's constraint component, such as MinCount; Unknown for a term that the ontology lacks
    message: str
    severity: str  # Violation, Warning or Info
    shape: str  # name of the shape, or of the law


@dataclass(frozen=True, slots=True)
class Report:
    """All results, in a fixed order."""

    results: tuple[Result, ...]
    records: int  # how many records were checked

    @property
    def conforms(self) -> bool:
        return not self.results

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "conforms": self.conforms,
            "records": self.records,
            "results": [asdict(result) for result in self.results],
        }

    def text(self) -> str:
        """The report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for each in self.results:
            where = f"{each.focus} {each.path}".strip()
            yield f"{where}: {each.message} [{each.shape or each.component}]"
        verdict = "conform" if self.conforms else f"do not conform: {len(self.results)} faults"
        yield f"{self.records} records {verdict}"

    def turtle(self) -> str:
        """The report as a SHACL validation report."""
        from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef

        shacl, graph, report = Namespace(SH), Graph(), BNode()
        graph.bind("sh", shacl)
        graph.bind("sg", SG)
        graph.add((report, RDF.type, shacl.ValidationReport))
        graph.add((report, shacl.conforms, Literal(self.conforms)))
        for each in self.results:
            result = BNode()
            graph.add((report, shacl.result, result))
            graph.add((result, RDF.type, shacl.ValidationResult))
            graph.add((result, shacl.focusNode, URIRef(each.focus) if ":" in each.focus else BNode()))
            graph.add((result, shacl.resultSeverity, shacl[each.severity]))
            graph.add((result, shacl.resultMessage, Literal(each.message)))
            graph.add((result, shacl.sourceConstraintComponent, shacl[f"{each.component}ConstraintComponent"]))
            if each.path:
                graph.add((result, shacl.resultPath, URIRef(f"{SG}{each.path}")))
            if each.value:
                graph.add((result, shacl.value, Literal(each.value)))
            if each.shape:
                graph.add((result, shacl.sourceShape, URIRef(f"{SHAPE}{each.shape}")))
        return str(graph.serialize(format="turtle"))


_SENTENCES = {
    "MinCount": "is missing; state it",
    "MaxCount": "is stated more than {maxCount} time; keep one",
    "Datatype": "{value} is no {datatype}; write it as one",
    "In": "{value} is not allowed; use one of {in}",
    "MinInclusive": "{value} is too small; it must be {minInclusive} or more",
    "MaxInclusive": "{value} is too large; it must be {maxInclusive} or less",
    "MaxLength": "{value} is too long; at most {maxLength} characters",
    "Pattern": "{value} does not match {pattern}; write it so",
    "Class": "{value} is no {class} here; refer to one, and state it in the same graph",
    "NodeKind": "{value} must be an IRI",
    "Or": "{value} is none of {or}; state one of these",
    "UniqueLang": "has two texts in one language; keep one",
    "LessThanOrEquals": "{value} is beyond {lessThanOrEquals}; begin before the end, least below the most",
}


def sentence(shapes: Graph, shape: Node | None, component: str, value: Node | None) -> str:
    """What is wrong and the fix, with the value; "" for a component that has no sentence of its own."""
    template = _SENTENCES.get(component)
    if template is None or shape is None:
        return ""
    names = {"value": "" if value is None else shown(str(value))}
    for name in ("maxCount", "datatype", "in", "minInclusive", "maxInclusive", "maxLength", "pattern", "class", "or"):
        names[name] = _stated(shapes, shape, name)
    names["lessThanOrEquals"] = _stated(shapes, shape, "lessThanOrEquals")
    return template.format(**names)


def _stated(shapes: Graph, shape: Node, name: str) -> str:
    from rdflib import RDF, Namespace
    from rdflib.collection import Collection

    shacl = Namespace(SH)
    found = shapes.value(shape, shacl[name])
    if found is None:
        return ""
    if name not in ("in", "or"):
        return local_name(str(found)) if name in ("datatype", "class", "lessThanOrEquals") else str(found)
    if (found, RDF.first, None) not in shapes:
        return ""
    members = list(Collection(shapes, found))
    if name == "or":
        return ", ".join(_stated(shapes, each, "class") or _stated(shapes, each, "datatype") for each in members)
    return ", ".join(str(each) for each in members)
