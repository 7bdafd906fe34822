"""What a validation found, and how it is told: text, JSON, Turtle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.shacl.paths import Path, path_text, path_turtle
from ontology.turtle import SG, SH, SHAPE, XSD, Term


@dataclass(frozen=True, slots=True)
class Terms:
    """A result in RDF terms, as SHACL's validation report has it (section 3.6.2)."""

    focus: Term
    path: Path | None
    value: Term | None
    component: str  # IRI
    shape: Term | None  # None for a word that the ontology lacks: no shape says so
    severity: str  # IRI


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One thing that does not conform: in words for people, and in terms for machines."""

    focus: str  # IRI or id of the record; type and ends of an edge without an IRI
    path: str  # the property's name, ^name backwards, "" for the record as a whole
    value: str
    component: str  # SHACL's constraint component, such as MinCount; Unknown for a term that the ontology lacks
    message: str
    severity: str  # Violation, Warning, Info, or the name of another's own
    shape: str  # name of the shape, or of the law
    terms: Terms = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """All results, in a fixed order."""

    results: tuple[Result, ...]
    records: int  # how many records were checked
    notes: tuple[str, ...] = ()  # which shapes pySHACL checked, and why

    @property
    def conforms(self) -> bool:
        """As SHACL has it: without a result of any severity."""
        return not self.results

    def document(self) -> dict[str, Any]:
        """The report as JSON: of each result the words, and SHACL's own properties."""
        return {
            "conforms": self.conforms,
            "records": self.records,
            "results": [_document(each) for each in self.results],
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """The report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for each in self.results:
            where = f"{each.focus} {each.path}".strip()
            severity = "" if each.severity == "Violation" else f"{each.severity}: "
            yield f"{where}: {severity}{each.message} [{each.shape or each.component}]"
        yield from self.notes
        verdict = "conform" if self.conforms else f"do not conform: {len(self.results)} faults"
        yield f"{self.records} records {verdict}"

    def turtle(self) -> str:
        """The report as a SHACL validation report."""
        return "".join(self._turtle())

    def _turtle(self) -> Iterator[str]:
        yield f"@prefix sh: <{SH}> .\n@prefix sg: <{SG}> .\n@prefix shape: <{SHAPE}> .\n@prefix xsd: <{XSD}> .\n\n"
        for note in self.notes:
            yield f"# {note}\n"
        yield f"[] a sh:ValidationReport ;\n    sh:conforms {'true' if self.conforms else 'false'}"
        for place, each in enumerate(self.results):
            yield " ,\n" if place else " ;\n    sh:result\n"
            yield _result(each)
        yield " .\n"


def _document(each: Result) -> dict[str, Any]:
    terms = each.terms
    return {
        "focus": each.focus,
        "path": each.path,
        "value": each.value,
        "component": each.component,
        "message": each.message,
        "severity": each.severity,
        "shape": each.shape,
        "focusNode": _json(terms.focus),
        "resultPath": None if terms.path is None else path_text(terms.path),
        "valueNode": None if terms.value is None else _json(terms.value),
        "sourceConstraintComponent": terms.component,
        "sourceShape": None if terms.shape is None else _json(terms.shape),
        "resultSeverity": terms.severity,
    }


def _json(term: Term) -> dict[str, str]:
    """A term as in SPARQL 1.1 Query Results JSON, section 3.2.2."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _result(each: Result) -> str:
    terms = each.terms
    said = [
        "[ a sh:ValidationResult",
        f"sh:focusNode {_short(terms.focus)}",
        *([] if terms.path is None else [f"sh:resultPath {path_turtle(terms.path)}"]),
        *([] if terms.value is None else [f"sh:value {_short(terms.value)}"]),
        f"sh:sourceConstraintComponent {_short(NamedNode(terms.component))}",
        *([] if terms.shape is None else [f"sh:sourceShape {_short(terms.shape)}"]),
        f"sh:resultSeverity {_short(NamedNode(terms.severity))}",
        f"sh:resultMessage {Literal(each.message)}",
    ]
    return "        " + " ;\n          ".join(said) + " ]"


def _short(term: Term) -> str:
    """A term in Turtle; what is SHACL's own with its prefix."""
    if isinstance(term, NamedNode) and term.value.startswith(SH) and term.value[len(SH) :].isalpha():
        return f"sh:{term.value[len(SH) :]}"
    return str(term)
