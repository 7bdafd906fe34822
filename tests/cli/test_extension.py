"""A deployment's own class and property, in its Turtle only: loaded, stored, searched, shown, checked, written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.settings import Settings
from tests.api.conftest import running
from tests.cli.conftest import Skillgraph
from tests.ontology.test_extension import HEAD

TURTLE = """
<https://acme.example/ns> a owl:Ontology ;
    sh:declare [ sh:prefix "room" ; sh:namespace "https://acme.example/room/"^^xsd:anyURI ] .
acme:Room a owl:Class ; rdfs:subClassOf sg:Node ; rdfs:label "room"@en ; skos:definition "Where people learn."@en .
acme:seats a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:integer ;
    rdfs:label "seats"@en ; skos:definition "How many can sit."@en .
acme:noise a owl:DatatypeProperty ; rdfs:subPropertyOf sg:datum ; rdfs:range xsd:decimal ;
    rdfs:label "noise"@en ; skos:definition "How loud it gets, in decibels."@en .
acme:RoomShape a sh:NodeShape ; sh:targetClass acme:Room ;
    sh:property [ sh:path sg:label ; sh:datatype rdf:langString ; sh:uniqueLang true ] ,
        [ sh:path acme:seats ; sh:datatype xsd:integer ; sh:maxCount 1 ; sh:minInclusive 1 ] .
acme:LearningObjectShape a sh:NodeShape ; sh:targetClass sg:LearningObject ;
    sh:property [ sh:path acme:noise ; sh:datatype xsd:decimal ; sh:maxCount 1 ] .
"""


@pytest.fixture
def extended(skillgraph: Skillgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Skillgraph:
    """The command of a deployment that knows rooms, and how loud courses get, with one of each loaded."""
    ontology, tables = tmp_path / "ontology", tmp_path / "tables"
    ontology.mkdir()
    tables.mkdir()
    (ontology / "acme.ttl").write_text(HEAD + TURTLE, encoding="utf-8")
    monkeypatch.setenv("SKILLGRAPH_ONTOLOGY", str(ontology))
    (tables / "Room.csv").write_text("id,label,seats\nroom:1,Blue workshop,12\nroom:2,Cellar,0\n", encoding="utf-8")
    (tables / "LearningObject.csv").write_text("id,label,noise\ncourse:weld,Welding,91.5\n", encoding="utf-8")
    skillgraph("load", "tables", tables, "--max-rejects", "50%")
    return skillgraph


def test_its_constraints_are_checked_when_loading(extended: Skillgraph) -> None:
    [reject] = extended("rejects", "1", "--json").json()
    assert (reject["field"], reject["value"]) == ("seats", "0")
    assert "at least 1" in reject["reason"]


def test_it_is_written_out_and_read_back_to_the_same_digest(extended: Skillgraph, tmp_path: Path) -> None:
    extended("export", "tables", "--out", "again")
    assert "12" in (tmp_path / "again" / "Room.csv").read_text(encoding="utf-8")
    assert "91.5" in (tmp_path / "again" / "LearningObject.csv").read_text(encoding="utf-8")
    extended("load", "tables", "again", "--store", "sqlite:other.db")
    digests = {extended("check", "--digest", "--store", f"sqlite:{name}.db").out for name in ("skillgraph", "other")}
    assert len(digests) == 1


def test_it_is_validated_and_published_as_rdf(extended: Skillgraph, tmp_path: Path) -> None:
    assert extended("validate", "--json").json()["conforms"] is True
    extended("export", "ntriples", "--out", "graph.nt")
    triples = (tmp_path / "graph.nt").read_text(encoding="utf-8")
    assert "<https://acme.example/room/1> <https://acme.example/ns#seats> " in triples


def test_it_is_searched_and_shown_over_http(extended: Skillgraph, tmp_path: Path) -> None:
    import httpx

    from api.app import create_app

    key = extended("keys", "create", "--scope", "graph", "--json").json()["key"]
    app = create_app(f"sqlite:{tmp_path / 'skillgraph.db'}", Settings.from_environment())
    with running(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        hits = client.get("/v1/search", params={"q": "workshop blue"}).json()["rows"]
        assert [hit["id"] for hit in hits] == ["room:1"]
        assert client.get("/v1/nodes/room:1").json()["properties"]["seats"] == 12
        assert "seats" in client.get("/context.jsonld").text


def test_the_store_is_not_opened_without_it(extended: Skillgraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKILLGRAPH_ONTOLOGY")
    refused = extended("loads", check=False)
    assert refused.code == 1
    assert "SKILLGRAPH_ONTOLOGY" in refused.err
