"""An address answers in the form asked for, and all forms say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph
from rdflib.compare import isomorphic

from graph.exports import Wanted, exports
from graph.store import Store
from graph.viewer import PUBLIC
from ontology.context import VERSION
from tests.addresses.conftest import BASE, SETTINGS, accept
from tests.api.conftest import problem

HTML = "text/html"
RDF = {"application/n-triples": "nt", "text/turtle": "turtle"}
ROLE = "/id/role:cloud-engineer"
EDGE = "/edge/REQUIRES/role:cloud-engineer/skill:linux"


@pytest.mark.parametrize(
    ("asked", "media"),
    [
        ("", HTML),
        ("*/*", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("text/turtle;q=0.9, application/n-triples", "application/n-triples"),
        ("application/rdf+xml, text/turtle;q=0.5", "text/turtle"),
    ],
)
@pytest.mark.parametrize("path", [ROLE, EDGE])
def test_the_form_is_the_one_asked_for(anyone: httpx.Client, path: str, asked: str, media: str) -> None:
    answer = anyone.get(path, headers=accept(asked))
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("form", ["html", "jsonld", "json", "turtle", "ntriples"])
def test_a_form_has_an_address_of_its_own(anyone: httpx.Client, form: str) -> None:
    named = anyone.get(f"{ROLE}?format={form}", headers=accept("image/png"))
    assert named.status_code == 200
    assert named.content == anyone.get(ROLE, headers=accept(named.headers["content-type"].partition(";")[0])).content


def test_a_form_that_there_is_not_is_refused(anyone: httpx.Client) -> None:
    problem(anyone.get(ROLE, headers=accept("image/png")), 406)
    assert problem(anyone.get(f"{ROLE}?format=xml"), 422)["field"] == "format"
    assert problem(anyone.get(f"{ROLE}?colour=red"), 422)["field"] == "colour"


@pytest.mark.parametrize(
    "path",
    [
        ROLE,
        EDGE,
        "/id/skill:linux",
        "/id/skill:old",
        "/id/assessment:drill",
        "/id/course:evil",
        "/id/level:advanced",
    ],
)
def test_all_forms_of_one_address_state_the_same(anyone: httpx.Client, path: str) -> None:
    linked = _graph(anyone, path)
    assert len(linked) > 2
    for media, name in RDF.items():
        answer = anyone.get(path, headers=accept(media))
        assert isomorphic(Graph().parse(data=answer.text, format=name), linked), media


@pytest.mark.parametrize("id", ["skill:linux", "role:cloud-engineer", "rubric:panel"])
def test_an_address_says_what_the_export_says(anyone: httpx.Client, store: Store, tmp_path: Path, id: str) -> None:
    exports()["ntriples"].write(store, tmp_path / "all.nt", Wanted(PUBLIC, SETTINGS))
    lines = (tmp_path / "all.nt").read_text(encoding="utf-8").splitlines()
    iri = f"<{BASE}id/{id}>"
    edges = {line.split(" ", 1)[0] for line in lines if f"/{id}" in line.split(" ", 1)[0] and "/edge/" in line}
    about = {line for line in lines if line.split(" ", 1)[0] in {iri, *edges}}
    about |= {line for line in lines if re.search(rf"#[A-Z_]+> {re.escape(iri)} \.$", line)}
    told = anyone.get(f"/id/{id}", headers=accept("application/n-triples")).text.splitlines()
    assert sorted(told) == sorted(line for line in about if VERSION not in line)


def test_somebody_elses_node_keeps_its_own_iri(anyone: httpx.Client) -> None:
    answer = anyone.get("/id/esco-skill:abc", headers=accept("application/ld+json"))
    assert answer.json()["id"] == "http://data.europa.eu/esco/skill/abc"
    assert f'<{BASE}id/esco-skill:abc>; rel="canonical"' in answer.headers["link"]
    assert '<http://data.europa.eu/esco/skill/abc>; rel="describes"' in answer.headers["link"]


def test_an_iri_leads_to_the_same_as_its_id(anyone: httpx.Client) -> None:
    by_id = anyone.get("/id/esco-skill:abc", headers=accept("text/turtle"))
    by_iri = anyone.get("/id/http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2Fabc", headers=accept("text/turtle"))
    assert by_iri.text == by_id.text
    assert by_iri.headers["link"] == by_id.headers["link"]


def test_v1_nodes_gives_the_same_json_ld(anyone: httpx.Client, keyed: httpx.Client) -> None:
    linked = keyed.get("/v1/nodes/role:cloud-engineer", headers=accept("application/ld+json"))
    assert linked.json() == keyed.get(ROLE, headers=accept("application/ld+json")).json()


def test_an_iri_of_other_letters_is_written_in_a_header(anyone: httpx.Client) -> None:
    answer = anyone.get("/id/esco-skill:caf~c3~a9", headers=accept("application/ld+json"))
    assert answer.json()["id"] == "http://data.europa.eu/esco/skill/café"
    assert '<http://data.europa.eu/esco/skill/caf%C3%A9>; rel="describes"' in answer.headers["link"]


@pytest.mark.parametrize("media", [HTML, "application/ld+json", "text/turtle", "application/n-triples"])
def test_who_has_it_already_is_told_so(anyone: httpx.Client, media: str) -> None:
    first = anyone.get(ROLE, headers=accept(media))
    assert first.headers["etag"].startswith('"')
    again = anyone.get(ROLE, headers=accept(media) | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again.headers[name] for name in ("etag", "vary", "cache-control")} == {
        name: first.headers[name] for name in ("etag", "vary", "cache-control")
    }


def test_each_form_has_a_tag_of_its_own(anyone: httpx.Client) -> None:
    forms = ("html", "jsonld", "turtle", "ntriples")
    assert len({anyone.get(f"{ROLE}?format={each}").headers["etag"] for each in forms}) == len(forms)


def test_head_is_get_without_a_body(anyone: httpx.Client) -> None:
    whole, head = anyone.get(ROLE), anyone.head(ROLE)
    assert head.content == b""
    assert {name: head.headers[name] for name in ("etag", "link", "content-type", "content-length")} == {
        name: whole.headers[name] for name in ("etag", "link", "content-type", "content-length")
    }


def test_links_lead_to_every_other_form(anyone: httpx.Client) -> None:
    links = anyone.get(ROLE).headers["link"]
    for name, media in (
        ("jsonld", "application/ld+json"),
        ("turtle", "text/turtle"),
        ("ntriples", "application/n-triples"),
    ):
        assert f'<{BASE}id/role:cloud-engineer?format={name}>; rel="alternate"; type="{media}"' in links
    assert f'<{BASE}dataset>; rel="describedby"' in links


def test_a_retired_node_answers_and_leads_to_what_takes_its_place(anyone: httpx.Client) -> None:
    answer = anyone.get("/id/skill:old")
    assert answer.status_code == 200
    assert f'<{BASE}id/skill:linux>; rel="successor-version"' in answer.headers["link"]
    assert "Retired." in answer.text


def test_an_edge_without_properties_has_no_address(anyone: httpx.Client) -> None:
    problem(anyone.get("/edge/BROADER/skill:shell/skill:linux", headers=accept("application/json")), 404)


def as_graph(document: bytes) -> Graph:
    """JSON-LD as a graph; rdflib's own reader of it goes by what rdflib says is out of date."""
    lines = serialize((quad.triple for quad in parse(document, RdfFormat.JSON_LD)), format=RdfFormat.N_TRIPLES) or b""
    return Graph().parse(data=lines, format="nt")


def _graph(client: httpx.Client, path: str) -> Graph:
    context = client.get("/context.jsonld").json()["@context"]
    document = client.get(path, headers=accept("application/ld+json")).json()
    assert document["@context"] == f"{BASE}context.jsonld"
    return as_graph(json.dumps(document | {"@context": context}).encode())
