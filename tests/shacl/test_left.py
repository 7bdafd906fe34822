"""What columns do not check goes to pySHACL, shape by shape, and the report says so."""

from __future__ import annotations

import time

import pytest

from ontology.rdf import ValidationInputError
from ontology.shacl import bounded
from tests.shacl.engines import checked, told, triples

DATA = ":a :p :b . :b :p :c ; :q 1 . :c :q 2 . :d :p 1, 2 ."
COMPILED = ":Plain a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:maxCount 1 ] ."
SELECT = '"SELECT $this ?value WHERE { $this <https://example.org/p> ?value . ?value <https://example.org/p> ?more }"'

LEFT = {
    "its path is a sequence": "sh:property [ sh:path ( :p :q ) ; sh:minCount 1 ]",
    "its path is a sh:alternativePath": "sh:property [ sh:path [ sh:alternativePath ( :p :q ) ] ; sh:maxCount 1 ]",
    "its path is a sh:zeroOrMorePath": "sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:maxCount 2 ]",
    "its path is a sh:oneOrMorePath": "sh:property [ sh:path [ sh:oneOrMorePath :p ] ; sh:hasValue :c ]",
    "its path is a sh:zeroOrOnePath": "sh:property [ sh:path [ sh:zeroOrOnePath :p ] ; sh:nodeKind sh:IRI ]",
    "its path is a sh:inversePath": "sh:property [ sh:path [ sh:inversePath ( :p :p ) ] ; sh:minCount 1 ]",
    "it has sh:sparql": f'sh:sparql [ a sh:SPARQLConstraint ; sh:message "goes on" ; sh:select {SELECT} ]',
}


@pytest.mark.parametrize("why", LEFT)
def test_a_shape_with_more_than_columns_check_gets_the_right_answer_all_the_same(why: str) -> None:
    shapes = triples(f"{COMPILED} :More a sh:NodeShape ; sh:targetSubjectsOf :p ; {LEFT[why]} .")
    columns, pyshacl = (checked(shapes, triples(DATA), engine) for engine in ("columns", "pyshacl"))
    assert told(columns) == told(pyshacl)
    assert {each.shape for each in columns.results} == {"Plain", "More"}
    assert columns.notes == (f"checked by pySHACL: shape https://example.org/More, because {why}",)
    assert pyshacl.notes == ()


def test_what_a_shape_leads_to_counts_as_its_own() -> None:
    shapes = triples(":More a sh:NodeShape ; sh:targetNode :a ; sh:or ( [ sh:path ( :p :q ) ; sh:minCount 2 ] ) .")
    report = checked(shapes, triples(DATA), "columns")
    assert [each.component for each in report.results] == ["Or"]
    assert len(report.notes) == 1


def test_a_constraint_component_of_their_own_is_seen() -> None:
    own = """:own a sh:ConstraintComponent ; sh:parameter [ sh:path :startsWith ] ;
        sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER STRSTARTS(STR($value), $startsWith) }" ] .
        :More a sh:NodeShape ; sh:targetSubjectsOf :q ; sh:property [ sh:path :q ; :startsWith "1" ] ."""
    report = checked(triples(own), triples(DATA), "columns")
    assert [each.focus for each in report.results] == ["https://example.org/c"]
    assert "startsWith is a constraint of its own making" in report.notes[0]


def test_a_shape_that_is_switched_off_is_left_to_nobody() -> None:
    shapes = triples(
        ":More a sh:NodeShape ; sh:targetNode :a ; sh:deactivated true ; sh:property [ sh:path ( :p :q ) ] ."
    )
    assert checked(shapes, triples(DATA), "columns").notes == ()


def test_a_class_that_is_a_shape_is_left_out_of_what_pyshacl_is_given_when_columns_check_it() -> None:
    shapes = triples(
        ":C a rdfs:Class, sh:NodeShape ; sh:property [ sh:path :p ; sh:maxCount 0 ] ."
        " :More a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:path ( :p :q ) ; sh:maxCount 0 ] ."
    )
    report = checked(shapes, triples(f"{DATA} :a a :C ."), "columns")
    assert sorted(each.shape for each in report.results) == ["C", "More"]


CROSSED = """:More a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [
    sh:select "SELECT DISTINCT $this ?a ?d ?g WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }" ] ."""
MANY = " ".join(f":n{number} :p :m{number} ." for number in range(300))


def test_a_query_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 2)
    started = time.perf_counter()
    with pytest.raises(ValidationInputError, match="take more than 2 s; make them simpler"):
        checked(triples(CROSSED), triples(MANY), "columns")
    assert time.perf_counter() - started < 10


def test_a_query_that_wants_too_much_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "BYTES", 1 << 30)
    doubled = " ".join(f"BIND (CONCAT(?v{number}, ?v{number}) AS ?v{number + 1})" for number in range(40))
    query = f"SELECT $this WHERE {{ $this ?p ?o . BIND ('xxxxxxxx' AS ?v0) {doubled} FILTER (STRLEN(?v40) > 0) }}"
    shapes = triples(f':More sh:targetNode :a ; sh:sparql [ sh:select "{query}" ] .')
    with pytest.raises(ValidationInputError, match="take too much time or memory"):
        checked(shapes, triples(DATA), "columns")


def test_a_long_list_in_a_shape_that_is_left_takes_seconds() -> None:
    listed = " ".join(f'"{number}"' for number in range(20_000))
    shapes = f":More sh:targetSubjectsOf :q ; sh:property [ sh:path ( :p :q ) ; sh:in ( {listed} ) ] ."
    started = time.perf_counter()
    report = checked(triples(shapes), triples(":a :q 1 ; :p :b . :b :q 1, 2 ."), "columns")
    assert [each.component for each in report.results] == ["In", "In"]
    assert time.perf_counter() - started < 20


def test_results_of_another_validation_are_data() -> None:
    shapes = triples(":More sh:targetClass sh:ValidationResult ; sh:property [ sh:path ( :p :q ) ; sh:minCount 1 ] .")
    (result,) = checked(shapes, triples("[] a sh:ValidationResult ; sh:value 1 ."), "columns").results
    assert result.component == "MinCount"


def test_a_chain_of_classes_that_pyshacl_can_not_follow_is_said() -> None:
    chain = " ".join(f":n{number} rdfs:subClassOf :n{number + 1} ." for number in range(2000))
    shapes, data = triples(":S sh:targetClass :n2000 ; sh:nodeKind sh:Literal ."), triples(f":a a :n0 . {chain}")
    assert len(checked(shapes, data, "columns").results) == 1
    with pytest.raises(ValidationInputError, match="so long a chain"):
        checked(shapes, data, "pyshacl")
