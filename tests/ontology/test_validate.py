"""Validation of RDF files: what is unsafe is refused, what is found is told in text, JSON and Turtle."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from ontology.rdf import ValidationInputError, read_graph
from ontology.shacl.queries import reaches_out
from ontology.validate import validate_files

PREFIXES = "@prefix sg: <https://w3id.org/skillgraph#> .\n@prefix : <https://example.org/> .\n"


def written(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def turtle(tmp_path: Path, text: str, name: str = "data.ttl") -> Path:
    return written(tmp_path, name, PREFIXES + text)


def test_a_report_is_told_in_text_json_and_turtle(tmp_path: Path) -> None:
    report = validate_files([turtle(tmp_path, ":ops a sg:Role ; sg:threshold 1.2 .")])
    assert not report.conforms
    assert report.text().splitlines() == [
        "https://example.org/ops threshold: '1.2' is too large; it must be 1.0 or less [threshold]",
        "1 records do not conform: 1 faults",
    ]
    assert report.document()["results"] == [
        {
            "focus": "https://example.org/ops",
            "path": "threshold",
            "value": "1.2",
            "component": "MaxInclusive",
            "message": "'1.2' is too large; it must be 1.0 or less",
            "severity": "Violation",
            "shape": "threshold",
            "focusNode": {"type": "uri", "value": "https://example.org/ops"},
            "resultPath": "<https://w3id.org/skillgraph#threshold>",
            "valueNode": {"type": "literal", "value": "1.2", "datatype": "http://www.w3.org/2001/XMLSchema#decimal"},
            "sourceConstraintComponent": "http://www.w3.org/ns/shacl#MaxInclusiveConstraintComponent",
            "sourceShape": {"type": "uri", "value": "https://w3id.org/skillgraph/shapes#threshold"},
            "resultSeverity": "http://www.w3.org/ns/shacl#Violation",
        }
    ]
    again = read_graph([written(tmp_path, "report.ttl", report.turtle())])
    assert len(list(again.subjects())) > 2
    assert "sh:conforms false" in report.turtle()


def test_a_conforming_file_says_how_much_was_checked(tmp_path: Path) -> None:
    report = validate_files([turtle(tmp_path, ":ops a sg:Role . :lead a sg:Role .")])
    assert (report.conforms, report.text()) == (True, "2 records conform")


def test_a_misspelt_property_is_named_with_the_nearest(tmp_path: Path) -> None:
    (result,) = validate_files([turtle(tmp_path, ":ops a sg:Role ; sg:treshold 0.8 .")]).results
    assert result.message == "treshold is not in the ontology; did you mean threshold?"


def test_an_edge_without_an_iri_is_named_by_its_ends(tmp_path: Path) -> None:
    edge = ":ops a sg:Role . :k8s a sg:Skill . [] a sg:REQUIRES ; sg:from :ops ; sg:to :k8s ; sg:level 9.0 ."
    (result,) = validate_files([turtle(tmp_path, edge)]).results
    assert result.focus == "REQUIRES ops k8s"
    assert ":blank" not in validate_files([turtle(tmp_path, edge)]).turtle()


def test_an_extension_is_checked_too(tmp_path: Path) -> None:
    folder = tmp_path / "ontology"
    folder.mkdir()
    head = """@prefix acme: <https://acme.example/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        acme:Academy a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "a"@en ; skos:definition "b"@en .
        acme:S a sh:NodeShape ; sh:targetClass acme:Academy ;
            sh:property [ sh:path sg:code ; sh:datatype xsd:string ; sh:maxCount 1 ; sh:maxLength 3 ] ."""
    turtle(folder, head, "acme.ttl")
    data = turtle(tmp_path, '@prefix acme: <https://acme.example/ns#> . :n a acme:Academy ; sg:code "north", "south" .')
    components = [result.component for result in validate_files([data], extension=folder).results]
    assert components == ["MaxCount", "MaxLength", "MaxLength"]


def test_json_ld_with_our_context_is_read_without_a_fetch(tmp_path: Path) -> None:
    document = {
        "@context": "https://w3id.org/skillgraph/context.jsonld",
        "@graph": [
            {"id": "https://example.org/ops", "@type": "Role", "threshold": 0.75},
            {"id": "https://example.org/lead", "@type": "Role", "threshold": 0.1234},
        ],
    }
    report = validate_files([written(tmp_path, "data.jsonld", json.dumps(document))])
    assert [(each.focus, each.component) for each in report.results] == [("https://example.org/lead", "Pattern")]


@pytest.mark.parametrize(
    "context",
    [
        "https://example.org/context.jsonld",
        "file:///etc/passwd",
        {"@import": "https://example.org/context.jsonld"},
        ["https://w3id.org/skillgraph/context.jsonld", "http://localhost/x"],
        {"t": {"@id": "https://example.org/t", "@context": "https://example.org/c"}},
    ],
)
def test_other_contexts_are_never_fetched(tmp_path: Path, context: object) -> None:
    opened: list[str] = []
    _on_open(opened)
    path = written(tmp_path, "data.jsonld", json.dumps({"@context": context, "@id": "x:y", "t": {"@id": "x:z"}}))
    with pytest.raises(ValidationInputError, match="names a context that is not bundled"):
        validate_files([path])
    assert [each for each in opened if each.startswith("socket") or "passwd" in each] == []


def _on_open(opened: list[str]) -> None:
    """An audit hook can't be taken away again, so it notes into a list that the test lets go."""

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "socket.connect", "socket.getaddrinfo"):
            opened.append(f"{event} {arguments[0]}")

    sys.addaudithook(note)


DOCTYPE = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE rdf [ <!ENTITY a "aaaaaaaaaa"> <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "data.rdf", DOCTYPE.format(encoding=encoding).encode(encoding))
    with pytest.raises(ValidationInputError, match=r"data\.rdf: holds a DOCTYPE, which is never read; remove it"):
        validate_files([path])


def test_rdf_xml_without_a_doctype_is_read(tmp_path: Path) -> None:
    text = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:sg="https://w3id.org/skillgraph#">
        <sg:Role rdf:about="https://example.org/ops"/></rdf:RDF>"""
    assert validate_files([written(tmp_path, "data.rdf", text)]).conforms


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("data.csv", "id\n", "is no RDF file by its name; name it .ttl"),
        ("data.ttl", "this is no Turtle", "data.ttl: line 1: .*; mend the file"),
        ("data.ttl", "", "holds no record of a class of the ontology"),
        ("data.ttl", "<a:b> <c:d> <e:f> .", "holds no record of a class of the ontology"),
        ("data.ttl", b"\xff\xfe", "data.ttl: line 1"),
        ("data.json", "{", "data.json: line 1: column 2: .*; mend the file"),
        ("data.json", "[" * 100_000, "data.json: is nested more than 64 deep; flatten it"),
        ("data.rdf", "<rdf", "data.rdf: is no XML"),
    ],
)
def test_a_file_that_is_not_what_it_seems_is_refused(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    with pytest.raises(ValidationInputError, match=says):
        validate_files([written(tmp_path, name, text)])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationInputError, match=r"nowhere\.ttl: can't be read: No such file"):
        validate_files([tmp_path / "nowhere.ttl"])


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:S a sh:NodeShape ; sh:targetClass sg:Role ; """


def test_other_shapes_may_be_given(tmp_path: Path) -> None:
    shapes = turtle(
        tmp_path, SHAPES + 'sh:property [ sh:path sg:code ; sh:minCount 1 ; sh:pattern "^R" ] .', "shapes.ttl"
    )
    data = turtle(tmp_path, ':ops a sg:Role ; sg:code "X1" . :lead a sg:Role .')
    report = validate_files([data], shapes)
    assert sorted(result.message for result in report.results) == [
        "'X1' does not match ^R; write it so",
        "is missing; state it",
    ]


@pytest.mark.parametrize(
    ("constraint", "says"),
    [
        ('sh:property [ sh:path sg:code ; sh:pattern "(?=x)" ] .', r"the pattern '\(\?=x\)' is not read"),
        (r'sh:property [ sh:path sg:code ; sh:pattern "(a)\\1" ] .', "write it without look-around"),
        ('sh:js [ sh:jsFunctionName "f" ] .', "sh:js is not run; leave it out"),
        ("sh:rule [ a sh:TripleRule ] .", "sh:rule is not run; leave it out"),
        (
            'sh:sparql [ sh:select "SELECT $this WHERE { SERVICE <http://x> { $this ?p ?o } }" ] .',
            "calls another SERVICE",
        ),
        ('sh:sparql [ sh:select "SELECT $this FROM <http://x> WHERE { $this ?p ?o }" ] .', "reads FROM elsewhere"),
        ('sh:sparql [ sh:select "LOAD <http://x>" ] .', "is no SPARQL SELECT or ASK"),
    ],
)
def test_shapes_that_run_wild_or_reach_out_are_refused(tmp_path: Path, constraint: str, says: str) -> None:
    shapes = turtle(tmp_path, SHAPES + constraint, "shapes.ttl")
    with pytest.raises(ValidationInputError, match=says):
        validate_files([turtle(tmp_path, ":ops a sg:Role .")], shapes)


def test_shapes_import_nothing(tmp_path: Path) -> None:
    text = ":o <http://www.w3.org/2002/07/owl#imports> <http://x.example/y> ."
    with pytest.raises(ValidationInputError, match="owl:imports is not followed"):
        validate_files([turtle(tmp_path, ":ops a sg:Role .")], turtle(tmp_path, text, "shapes.ttl"))


def test_a_pattern_that_backtracks_for_ever_elsewhere_is_matched_at_once(tmp_path: Path) -> None:
    shapes = turtle(tmp_path, SHAPES + 'sh:property [ sh:path sg:code ; sh:pattern "^(a+)+$" ] .', "shapes.ttl")
    data = turtle(tmp_path, f':ops a sg:Role ; sg:code "{"a" * 40}!" .')
    start = time.perf_counter()
    assert not validate_files([data], shapes).conforms
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { { SELECT ?s { ?s ex:p ?o OPTIONAL { SERVICE SILENT <http://x> { ?s ?p ?o } } } } }",
        "ASK { FILTER EXISTS { SERVICE <http://x> { ?s ?p ?o } } }",
        "SELECT * FROM NAMED <http://x> WHERE { ?s ?p ?o }",
        "SELECT * WHERE { ?s ?p ?o MINUS { SERVICE ?s { ?s ?p ?o } } }",
    ],
)
def test_a_query_is_searched_to_its_depths(query: str) -> None:
    assert reaches_out(query) in ("calls another SERVICE", "reads FROM elsewhere")


def test_the_word_service_alone_is_no_call() -> None:
    assert reaches_out('SELECT $this WHERE { $this sg:label "SERVICE" } # SERVICE <http://x>') is None
