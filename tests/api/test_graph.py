"""Nodes, search and changes over HTTP, seen as far as the key reaches."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from loaders.load import load_rows
from tests.api.conftest import Served, problem

PLATFORM = frozenset({"unit:platform"})


def test_a_node_comes_with_its_edges_both_ways(client: httpx.Client) -> None:
    node = client.get("/v1/nodes/skill:linux").json()
    assert (node["id"], node["type"], node["properties"]["label"]) == ("skill:linux", "Skill", "Linux administration")
    edges = {(edge["type"], edge["from"], edge["to"]) for edge in node["edges"]}
    assert {("BROADER", "skill:shell", "skill:linux"), ("TEACHES", "course:linux", "skill:linux")} <= edges
    assert node["edges_total"] == len(node["edges"])


def test_an_edge_shows_its_properties_as_tables_have_them(client: httpx.Client) -> None:
    node = client.get("/v1/nodes/role:cloud-engineer").json()
    (linux,) = [edge for edge in node["edges"] if edge["to"] == "skill:linux"]
    assert (linux["type"], linux["properties"]) == ("REQUIRES", {"level": 2, "weight": 3, "reach": "narrower"})
    assert node["properties"]["threshold"] == 0.8


def test_a_node_is_found_by_its_iri_too(client: httpx.Client) -> None:
    iri = quote("http://localhost:8000/id/skill:linux", safe="")
    assert client.get(f"/v1/nodes/{iri}").json()["id"] == "skill:linux"


def test_a_fact_is_a_node(client: httpx.Client) -> None:
    node = client.get("/v1/nodes/evidence:ada-drill").json()
    assert (node["type"], node["properties"]["score"]) == ("Evidence", 0.75)
    assert node["properties"]["shown_at"] == "2024-05-01T00:00:00Z"


def test_a_node_that_has_not_changed_is_304(client: httpx.Client) -> None:
    tag = client.get("/v1/nodes/skill:linux").headers["etag"]
    assert client.get("/v1/nodes/skill:linux", headers={"If-None-Match": tag}).status_code == 304


def test_a_node_as_json_ld_expands_to_the_ontology(client: httpx.Client) -> None:
    made = client.get("/v1/nodes/role:cloud-engineer", headers={"Accept": "application/ld+json"})
    assert made.headers["content-type"] == "application/ld+json"
    context = client.get("/context.jsonld").json()["@context"]
    triples = _triples(made.json() | {"@context": context})
    base, sg = "http://localhost:8000/id/", "https://w3id.org/skillgraph#"
    assert (
        f"<{base}role:cloud-engineer>",
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
        f"<{sg}Role>",
    ) in triples
    assert any(predicate == f"<{sg}threshold>" and '"0.8"' in value for _, predicate, value in triples)
    assert any(predicate == f"<{sg}to>" and value == f"<{base}skill:linux>" for _, predicate, value in triples)


def _triples(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    from pyoxigraph import RdfFormat, parse

    quads = parse(json.dumps(document).encode(), RdfFormat.JSON_LD)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


def test_personal_properties_are_for_the_scope_people(shared: Served) -> None:
    with shared.client() as named, shared.client(shared.key("graph", "match")) as unnamed:
        assert named.get("/v1/nodes/person:ada").json()["properties"]["label"] == "Ada Lovelace"
        seen = unnamed.get("/v1/nodes/person:ada").json()
        assert seen["type"] == "Learner"
        assert "Ada" not in json.dumps(seen)
        assert "example.org" not in json.dumps(unnamed.get("/v1/nodes/identity:1").json())


@pytest.mark.parametrize("kind", ["person", "evidence"])
def test_a_node_out_of_reach_and_one_that_is_not_there_look_the_same(shared: Served, kind: str) -> None:
    hidden = {"person": "person:dan", "evidence": "evidence:dan-drill"}[kind]
    with shared.client(shared.key("graph", "match", "people", units=PLATFORM)) as client:
        there, nowhere = (problem(client.get(f"/v1/nodes/{id}"), 404) for id in (hidden, f"{kind}:nobody"))
        assert client.get("/v1/nodes/person:ada").status_code == 200
    there.pop("instance"), nowhere.pop("instance")
    assert json.dumps(there).replace(hidden, f"{kind}:nobody") == json.dumps(nowhere)


def test_edges_to_people_out_of_reach_are_absent(shared: Served) -> None:
    with shared.client(shared.key("graph", "match", units=PLATFORM)) as client:
        node = client.get("/v1/nodes/cohort:spring").json()
    assert [edge["from"] for edge in node["edges"]] == ["person:ada"]
    assert node["edges_total"] == 1


def test_protected_attributes_are_for_audits_only(served: Served) -> None:
    load_rows(served.store, "hr", {"Protected": [
        {"id": "protected:1", "learner": "person:ada", "attribute": "gender", "value": "f", "basis": "self_identified"}
    ]})  # fmt: skip
    with served.client() as auditor, served.client(served.key("graph", "match", "people")) as other:
        assert auditor.get("/v1/nodes/protected:1").status_code == 200
        problem(other.get("/v1/nodes/protected:1"), 404)
        assert "Protected" in auditor.get("/v1/changes?limit=1000").text
        assert "Protected" not in other.get("/v1/changes?limit=1000").text


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("kubernetes", "skill:k8s"),
        ("K8S", "skill:k8s"),
        ("kubernets", "skill:k8s"),
        ("administration linux", "skill:linux"),
        ("outage", "skill:incident"),
    ],
)
def test_labels_are_found_forgivingly(client: httpx.Client, words: str, id: str) -> None:
    rows = client.get("/v1/search", params={"q": words, "type": "Skill"}).json()["rows"]
    assert rows[0]["id"] == id


def test_search_is_bound_by_type_and_limit(client: httpx.Client) -> None:
    rows = client.get("/v1/search?q=linux&type=LearningObject&limit=1").json()["rows"]
    assert [row["type"] for row in rows] == ["LearningObject"]
    told = problem(client.get("/v1/search?q=linux&type=Skil"), 422)
    assert "did you mean Skill?" in told["fix"]
    assert problem(client.get("/v1/search"), 422)["field"] == "q"
    assert problem(client.get(f"/v1/search?q={'x' * 201}"), 422)["field"] == "q"


def test_people_are_found_by_name_with_the_scope_people_only(shared: Served) -> None:
    with shared.client() as named, shared.client(shared.key("graph")) as unnamed:
        assert [row["id"] for row in named.get("/v1/search?q=lovelace").json()["rows"]] == ["person:ada"]
        assert unnamed.get("/v1/search?q=lovelace").json()["rows"] == []
    with shared.client(shared.key("graph", "match", "people", units=PLATFORM)) as limited:
        assert limited.get("/v1/search?q=okafor").json()["rows"] == []


def test_search_answers_in_every_form(client: httpx.Client) -> None:
    for accept, start in (
        ("text/csv", b"id,type,label"),
        ("application/x-ndjson", b'{"id"'),
        ("application/ld+json", b'{"@con'),
    ):
        answer = client.get("/v1/search?q=linux", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(accept)
        assert answer.content.startswith(start)


def test_changes_are_followed_from_number_to_number(served: Served, writer: httpx.Client) -> None:
    seen, since = [], 0
    while True:
        answer = writer.get(f"/v1/changes?since={since}&limit=1").json()
        seen += answer["rows"]
        since = answer["next"]
        if since == answer["version"]:
            break
    assert [row["number"] for row in seen] == list(range(1, served.store.number() + 1))
    load_rows(served.store, "lms", {"Skill": [{"id": "skill:new", "label": "New"}]})
    (row,) = writer.get(f"/v1/changes?since={since}").json()["rows"]
    assert (row["source"], row["items"]) == ("lms", [{"type": "Skill", "operation": "added", "ids": ["skill:new"]}])
    lines = writer.get(f"/v1/changes?since={since}", headers={"Accept": "application/x-ndjson"})
    assert json.loads(lines.text) == row
    assert f"since={served.store.number()}" in lines.headers["link"]


def test_changes_show_no_people_out_of_reach(shared: Served) -> None:
    with shared.client(shared.key("graph", "match", "people", units=PLATFORM)) as client:
        text = client.get("/v1/changes?limit=1000").text
    assert "person:ada" in text
    for hidden in (
        "person:dan",
        "person:ben",
        "evidence:dan",
        "evidence:ben",
        "application:dan",
        "employment:ben",
    ):
        assert hidden not in text, hidden


def test_records_of_people_are_no_business_of_a_key_for_the_graph_alone(shared: Served) -> None:
    with shared.client(shared.key("graph")) as client:
        problem(client.get("/v1/nodes/person:ada"), 404)
        assert "person:" not in client.get("/v1/changes?limit=1000").text
        assert "person:" not in client.get("/v1/nodes/cohort:spring").text


def test_changes_hold_ids_and_never_values(client: httpx.Client) -> None:
    assert "Lovelace" not in client.get("/v1/changes?limit=1000").text


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/context.jsonld"])
def test_the_vocabulary_is_open_and_cached(shared: Served, path: str) -> None:
    with shared.client("") as client:
        first = client.get(path)
        assert first.status_code == 200
        assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
        problem(client.get(path, headers={"Accept": "image/png"}), 406)


def test_the_ontology_is_the_same_graph_in_every_form(shared: Served) -> None:
    from rdflib import Graph
    from rdflib.compare import isomorphic

    with shared.client("") as client:
        forms = {"turtle": "text/turtle", "nt": "application/n-triples"}
        graphs = {
            form: Graph().parse(data=client.get("/ontology", headers={"Accept": media}).text, format=form)
            for form, media in forms.items()
        }
    assert len(graphs["turtle"]) > 500
    assert isomorphic(graphs["turtle"], graphs["nt"])
