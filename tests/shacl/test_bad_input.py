"""Shapes and graphs that are wrong or hostile are refused with a sentence; nothing is opened or fetched for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ontology.rdf import ValidationInputError
from tests.shacl.engines import PREFIXES, validate_files, written

DATA = ":a a :C ; :p 1 ."
OPENS = ("open", "os.open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen")
_watching: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in OPENS:
        for noted in _watching:
            noted.append(f"{event} {arguments[0]}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is opened or called meanwhile; an audit hook can't be taken away again, so it looks who listens."""
    if not hasattr(sys, "_skillgraph_shapes_hook"):
        sys.addaudithook(_note)
        setattr(sys, "_skillgraph_shapes_hook", True)  # noqa: B010 - a mark, unknown to mypy
    noted: list[str] = []
    _watching.append(noted)
    try:
        yield noted
    finally:
        _watching.remove(noted)


def refused(tmp_path: Path, shapes: str, name: str = "shapes.ttl") -> str:
    """The sentence with which shapes are refused, by both engines alike, having opened nothing but our files."""
    data, path = written(tmp_path / "data.ttl", DATA), tmp_path / name
    path.write_text(shapes if name != "shapes.ttl" else PREFIXES + shapes, encoding="utf-8")
    sentences = set()
    for engine in ("columns", "pyshacl"):
        with watched() as noted, pytest.raises(ValidationInputError) as error:
            validate_files([data], path, engine=engine)
        sentences.add(str(error.value))
        assert [each for each in noted if each.startswith("socket") or "example" in each or "passwd" in each] == []
    (sentence,) = sentences
    assert sentence.startswith(f"{name}: ")
    return sentence


BROKEN = {
    "a shape that leads to itself": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:node :S ] .",
        "the shape S leads back to itself; a recursive shape is not checked",
    ),
    "shapes that lead to each other": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:not :T . :T sh:or ( :U ) . :U sh:and ( :T ) .",
        "leads back to itself",
    ),
    "a list that never ends": (
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:in _:l . _:l rdf:first "a" ; rdf:rest _:l .',
        "a list that never ends",
    ),
    "a list of shapes that never ends": (
        ":S sh:targetClass :C ; sh:or _:l . _:l rdf:first :T ; rdf:rest _:m . _:m rdf:first :T ; rdf:rest _:l .",
        "a list that never ends",
    ),
    "a list that forks": (
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:in _:l . _:l rdf:first "a", "b" ; rdf:rest () .',
        "no list of one member after the other",
    ),
    "a path that leads to itself": (
        ":S sh:targetClass :C ; sh:property [ sh:path _:p ; sh:minCount 1 ] . _:p sh:inversePath _:p .",
        "its sh:path is no path",
    ),
    "two paths": (":S a sh:PropertyShape ; sh:targetClass :C ; sh:path :p, :q .", "has more than one sh:path"),
    "a count that is none": (
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount "many" ] .',
        "sh:minCount 'many' is no whole number",
    ),
    "two counts": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:maxCount 1, 2 ] .",
        "has more than one sh:maxCount; keep one",
    ),
    "a kind that is none": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind :IRI .",
        "is no kind of node; use one of",
    ),
    "a pattern with look-around": (
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:pattern "(?=x)" .',
        r"the pattern '(?=x)' is not read",
    ),
    "a property shape without a path": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:minCount 1 ] .",
        "without sh:path",
    ),
    "a typed property shape without a path": (
        ":S a sh:PropertyShape ; sh:targetClass :C ; sh:minLength 1 .",
        "is a sh:PropertyShape without sh:path",
    ),
    "a node shape with a path": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:path :p ; sh:minCount 1 .",
        "is a sh:NodeShape with a sh:path",
    ),
    "a count of nothing": (":S a sh:NodeShape ; sh:targetClass :C ; sh:minCount 1 .", "move it into sh:property"),
    "a qualified shape that is not counted": (
        ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ] .",
        "state sh:qualifiedMinCount or sh:qualifiedMaxCount",
    ),
    "closed or not": (
        ':S sh:targetClass :C ; sh:closed "yes" .',
        "sh:closed is neither true nor false",
    ),
    "off and on": (
        ":S sh:targetClass :C ; sh:deactivated true, false .",
        "sh:deactivated is neither true nor false",
    ),
    "a number for a pattern": (":S sh:targetClass :C ; sh:pattern 5 .", "is no plain text"),
    "an IRI for flags": (':S sh:targetClass :C ; sh:pattern "a" ; sh:flags :i .', "its sh:flags is no plain text"),
    "a blank node for a target": (":S sh:targetNode [] ; sh:nodeKind sh:IRI .", "which no other graph has"),
    "a target by a query": (
        ":S a sh:NodeShape ; sh:target [ sh:select 'SELECT ?this WHERE { ?this ?p ?o }' ] ; sh:nodeKind sh:IRI .",
        "sh:target is not run",
    ),
    "an expression": (":S sh:targetClass :C ; sh:expression [ sh:path :p ] .", "sh:expression is not run"),
    "a text for a shape": (':S a sh:NodeShape ; sh:targetClass :C ; sh:node "T" .', "which is no shape"),
    "owl:imports": (
        ":S <http://www.w3.org/2002/07/owl#imports> <http://example.org/more> .",
        "owl:imports is not followed",
    ),
    "JavaScript": (':S a sh:NodeShape ; sh:js [ sh:jsFunctionName "f" ] .', "sh:js is not run"),
    "a query that calls out": (
        ":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:select"
        ' "SELECT $this WHERE { SERVICE <http://example.org/x> { $this ?p ?o } }" ] .',
        "calls another SERVICE",
    ),
    "a relative IRI": ("<S> a sh:NodeShape .", "write the whole IRI"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_shapes_that_are_wrong_are_refused(tmp_path: Path, what: str) -> None:
    shapes, says = BROKEN[what]
    assert says in refused(tmp_path, shapes)


def test_shapes_within_shapes_without_end_are_refused(tmp_path: Path) -> None:
    deep = "[ sh:not " * 1000 + "[ sh:minLength 1 ]" + " ]" * 1000
    with pytest.raises(ValidationInputError):
        validate_files(
            [written(tmp_path / "data.ttl", DATA)],
            written(tmp_path / "shapes.ttl", f":S sh:targetClass :C ; sh:not {deep} ."),
        )
    chain = " ".join(f":S{n} sh:not :S{n + 1} ." for n in range(1000))
    sentence = refused(tmp_path, f":S0 sh:targetClass :C . {chain} :S1000 sh:minLength 1 .")
    assert "more than 50 deep" in sentence


def test_a_doctype_is_refused(tmp_path: Path) -> None:
    text = (
        '<!DOCTYPE rdf [ <!ENTITY a "aaaaaaaaaa"> ]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    )
    assert "DOCTYPE" in refused(tmp_path, text, "shapes.rdf")


def test_a_remote_context_is_refused(tmp_path: Path) -> None:
    assert "context" in refused(tmp_path, '{"@context": "http://example.org/c", "@id": "x:y"}', "shapes.jsonld")


def test_a_pattern_that_explodes_elsewhere_takes_no_time(tmp_path: Path) -> None:
    shapes = written(
        tmp_path / "shapes.ttl",
        ':S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:pattern "^(a+)+$" ] .',
    )
    data = written(tmp_path / "data.ttl", f':a a :C ; :p "{"a" * 5000}!" .')
    started = time.perf_counter()
    assert [len(validate_files([data], shapes, engine=engine).results) for engine in ("columns", "pyshacl")] == [1, 1]
    assert time.perf_counter() - started < 5


def test_a_hundred_thousand_blank_nodes_are_checked_in_seconds(tmp_path: Path) -> None:
    shapes = written(
        tmp_path / "shapes.ttl", ":S a sh:NodeShape ; sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] ."
    )
    data = written(tmp_path / "data.ttl", "[] a :C ; :p 1 .\n" * 99_999 + "[] a :C .")
    started = time.perf_counter()
    report = validate_files([data], shapes)
    assert (len(report.results), report.records) == (1, 100_000)
    assert time.perf_counter() - started < 20


def test_shapes_of_a_hundred_thousand_blank_nodes_are_read_in_seconds(tmp_path: Path) -> None:
    listed = " ".join(f'"{number}"' for number in range(33_333))
    shapes = written(
        tmp_path / "shapes.ttl",
        f":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:in ( {listed} ) ] .",
    )
    started = time.perf_counter()
    (result,) = validate_files([written(tmp_path / "data.ttl", ':a :p "1", "x" .')], shapes).results
    assert result.value == "x"
    assert len(result.message) < 500
    assert time.perf_counter() - started < 20


def test_a_shape_with_twenty_thousand_property_shapes_is_checked_in_seconds(tmp_path: Path) -> None:
    many = ", ".join("[ sh:path :p ; sh:maxCount 9 ]" for _ in range(20_000))
    shapes = written(tmp_path / "shapes.ttl", f":S sh:targetSubjectsOf :p ; sh:property {many} .")
    started = time.perf_counter()
    assert validate_files([written(tmp_path / "data.ttl", ":a :p 1 .")], shapes).conforms
    assert time.perf_counter() - started < 20


def test_ill_formed_literals_and_classes_in_a_circle_are_no_trouble(tmp_path: Path) -> None:
    shapes = written(
        tmp_path / "shapes.ttl",
        ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:datatype xsd:integer ; sh:minInclusive 1 ] .",
    )
    circle = ":C rdfs:subClassOf :D . :D rdfs:subClassOf :C ."
    data = written(tmp_path / "data.ttl", f'{circle} :a a :D ; :p "{"9" * 10_000}"^^xsd:integer, "x"^^xsd:integer .')
    report = validate_files([data], shapes)
    assert sorted(each.component for each in report.results) == ["Datatype", "MinInclusive", "MinInclusive"]
