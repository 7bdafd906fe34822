"""`skillgraph validate`: files and stores, any shapes, both engines, three formats, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, parse

from ontology.turtle import RDF, SH
from tests.cli.conftest import Skillgraph
from tests.shacl.engines import written

SHAPES = """:S a sh:NodeShape ; sh:targetClass :Course ;
    sh:property [ sh:path :teaches ; sh:nodeKind sh:IRI ; sh:message "name a skill"@en ] ,
        [ sh:path [ sh:inversePath :offers ] ; sh:minCount 1 ; sh:severity sh:Info ] ."""
DATA = ':welding a :Course ; :teaches "welding"@en, :Skill . :school :offers :drawing . :drawing a :Course .'


@pytest.fixture
def shapes(tmp_path: Path) -> str:
    return str(written(tmp_path / "shapes.ttl", SHAPES))


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(written(tmp_path / "data.ttl", DATA))


@pytest.mark.parametrize("engine", ["columns", "pyshacl"])
def test_a_file_against_other_shapes(skillgraph: Skillgraph, shapes: str, data: str, engine: str) -> None:
    done = skillgraph("validate", data, "--shapes", shapes, "--engine", engine, check=False)
    assert done.code == 1
    assert done.out.splitlines() == [
        "https://example.org/welding ^offers: Info: is missing; state it [S]",
        "https://example.org/welding teaches: name a skill [S]",
        "2 records do not conform: 2 faults",
    ]


def test_a_warning_alone_is_a_fault_too(skillgraph: Skillgraph, shapes: str, tmp_path: Path) -> None:
    data = written(tmp_path / "data.ttl", ":welding a :Course .")
    done = skillgraph("validate", str(data), "--shapes", shapes, "--json", check=False)
    assert (done.code, done.json()["conforms"]) == (1, False)


def test_what_conforms_exits_with_0(skillgraph: Skillgraph, shapes: str, tmp_path: Path) -> None:
    data = written(tmp_path / "data.ttl", ":school :offers :welding . :welding a :Course ; :teaches :Welding .")
    assert skillgraph("validate", str(data), "--shapes", shapes).out == "1 records conform\n"


def test_json_tells_terms_as_they_are(skillgraph: Skillgraph, shapes: str, data: str) -> None:
    inverse, forward = skillgraph("validate", data, "--shapes", shapes, "--json", check=False).json()["results"]
    assert inverse["resultPath"] == "^<https://example.org/offers>"
    assert (inverse["valueNode"], inverse["resultSeverity"]) == (None, f"{SH}Info")
    assert forward["focusNode"] == {"type": "uri", "value": "https://example.org/welding"}
    assert forward["valueNode"] == {"type": "literal", "value": "welding", "xml:lang": "en"}
    assert forward["sourceConstraintComponent"] == f"{SH}NodeKindConstraintComponent"
    assert forward["message"] == "name a skill"


@pytest.mark.parametrize("engine", ["columns", "pyshacl"])
def test_turtle_is_shacls_own_report(skillgraph: Skillgraph, shapes: str, data: str, engine: str) -> None:
    done = skillgraph("validate", data, "--shapes", shapes, "--format", "turtle", "--engine", engine, check=False)
    graph = Store()
    graph.extend(parse(done.out, format=RdfFormat.TURTLE))
    (report,) = graph.quads_for_pattern(None, NamedNode(f"{RDF}type"), NamedNode(f"{SH}ValidationReport"))
    assert value(graph, report.subject, "conforms") == Literal(False)
    results = {each.object for each in graph.quads_for_pattern(report.subject, NamedNode(f"{SH}result"), None)}
    kinds = {value(graph, each, "sourceConstraintComponent"): each for each in results}
    wrong = kinds[NamedNode(f"{SH}NodeKindConstraintComponent")]
    assert value(graph, wrong, "value") == Literal("welding", language="en")
    assert value(graph, wrong, "resultPath") == NamedNode("https://example.org/teaches")
    assert value(graph, wrong, "resultMessage") == Literal("name a skill")
    missing = kinds[NamedNode(f"{SH}MinCountConstraintComponent")]
    path = value(graph, missing, "resultPath")
    assert isinstance(path, BlankNode)
    assert value(graph, path, "inversePath") == NamedNode("https://example.org/offers")
    assert value(graph, missing, "resultSeverity") == NamedNode(f"{SH}Info")


def value(graph: Store, subject: object, name: str) -> object:
    (found,) = graph.quads_for_pattern(subject, NamedNode(f"{SH}{name}"), None)  # type: ignore[arg-type]
    return found.object


def test_the_store_against_other_shapes(loaded: Skillgraph, tmp_path: Path) -> None:
    short = "sh:property [ sh:path sg:label ; sh:maxLength 3 ]"
    shapes = written(tmp_path / "roles.ttl", f":S sh:targetClass sg:Role ; {short} .")
    done = loaded("validate", "--shapes", str(shapes), check=False)
    assert done.code == 1
    assert done.out.startswith("role:cloud-engineer label: 'cloud engineer' is too long; at most 3 characters [S]\n")


def test_several_files_are_one_graph(skillgraph: Skillgraph, tmp_path: Path) -> None:
    one = written(tmp_path / "one.ttl", ":a a sg:Skill ; sg:BROADER :b .")
    other = written(tmp_path / "other.ttl", ":b a sg:Skill .")
    assert skillgraph("validate", str(one), check=False).code == 1
    assert skillgraph("validate", str(one), str(other)).out == "2 records conform\n"
