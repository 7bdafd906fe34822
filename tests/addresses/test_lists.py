"""All that is published is found: by the lists, by the sitemap; and the data set is described."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from pathlib import Path
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, VOID

from api.addresses import sitemap
from graph.exports import Wanted, exports
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import PUBLIC
from tests.addresses.conftest import BASE, SETTINGS
from tests.addresses.test_forms import as_graph
from tests.api.conftest import Served, problem, serving

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(text: str) -> list[str]:
    root: Element = fromstring(text)
    return [each.text or "" for each in root.iter(f"{SPACE}loc")]


def public_ids(store: Store) -> set[str]:
    kinds = [kind.name for kind in store.model.nodes.values() if kind.public]
    return {node.id for kind in kinds for node in store.page(kind, PUBLIC, limit=100_000)}


def test_the_lists_hold_everything_in_order(
    anyone: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.addresses.lists.PAGE", 3)
    types = [each["id"].rpartition("#")[2] for each in json.loads(anyone.get("/id/?format=json").text)["@graph"]]
    found: list[str] = []
    for name in types:
        path = f"/id/?type={name}&format=json"
        while path:
            answer = anyone.get(path)
            found += [each["id"] for each in answer.json()["@graph"]]
            following = next((link for link in answer.headers["link"].split(", ") if 'rel="next"' in link), "")
            path = (
                following.partition(BASE)[2].partition(">")[0]
                and f"/{following.partition(BASE)[2].partition('>')[0]}&format=json"
            )
    expanded = [store.model.prefixes.expand(id) for id in public_ids(store)]
    assert sorted(found) == sorted(expanded)


def test_a_list_goes_on_from_any_text(anyone: httpx.Client) -> None:
    assert anyone.get("/id/?type=Skill&after=skill:l").status_code == 200
    assert anyone.get("/id/?type=Skill&after=%3Cscript%3E").status_code == 200
    assert problem(anyone.get("/id/?after=skill:l&format=json"), 404)["field"] == "after"


def test_the_sitemap_holds_everything_once(anyone: httpx.Client, store: Store) -> None:
    index = anyone.get("/sitemap.xml")
    assert index.headers["content-type"] == "application/xml"
    assert locations(index.text) == [f"{BASE}sitemap-1.xml"]
    part = anyone.get("/sitemap-1.xml")
    assert sorted(locations(part.text)) == sorted(f"{BASE}id/{id}" for id in public_ids(store))
    assert fromstring(part.text).tag == f"{SPACE}urlset"
    assert f"Sitemap: {BASE}sitemap.xml" in anyone.get("/robots.txt").text.splitlines()


def test_a_part_has_no_more_than_the_protocol_allows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemap.MOST == 50_000
    monkeypatch.setattr(sitemap, "MOST", 7)
    monkeypatch.setattr(sitemap, "AT_ONCE", 3)
    with serving(store, SETTINGS) as served, served.client("") as client:
        parts = locations(client.get("/sitemap.xml").text)
        told = [locations(client.get(f"/{each.removeprefix(BASE)}").text) for each in parts]
        assert all(1 <= len(each) <= 7 for each in told)
        assert sorted(chain.from_iterable(told)) == sorted(f"{BASE}id/{id}" for id in public_ids(store))
        for beyond in (0, len(parts) + 1, "x", "9" * 30):
            problem(client.get(f"/sitemap-{beyond}.xml"), 404)


def test_crawlers_who_have_it_are_told_so(anyone: httpx.Client) -> None:
    for path in ("/sitemap.xml", "/sitemap-1.xml"):
        tag = anyone.get(path).headers["etag"]
        assert anyone.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_an_empty_store_publishes_what_it_is_seeded_with(tmp_path: Path) -> None:
    made = open_store(f"sqlite:{tmp_path / 'skillgraph.db'}", SETTINGS)
    with serving(made, SETTINGS) as served, served.client("") as client:
        assert client.get("/id/").status_code == 200
        assert client.get("/dataset?format=turtle").status_code == 200
        assert all("/id/" in each for each in locations(client.get("/sitemap-1.xml").text))
    made.close()


@pytest.mark.parametrize("form", ["turtle", "jsonld"])
def test_the_data_set_is_described(anyone: httpx.Client, form: str) -> None:
    text = anyone.get(f"/dataset?format={form}").content
    told = Graph().parse(data=text, format="turtle") if form == "turtle" else as_graph(text)
    dataset, document = URIRef(f"{BASE}dataset#data"), URIRef(f"{BASE}dataset")
    assert (document, RDF.type, VOID.DatasetDescription) in told
    assert {DCAT.Dataset, VOID.Dataset} == set(told.objects(dataset, RDF.type))
    assert str(told.value(dataset, DCTERMS.title)) == "Tiny skills"
    assert told.value(dataset, DCTERMS.license) == URIRef(SETTINGS.licence)
    assert str(told.value(dataset, VOID.uriSpace)) == f"{BASE}id/"
    served = {export.name for export in exports().values() if export.media_type}
    assert {str(each).rpartition("#")[2] for each in told.objects(dataset, DCAT.distribution)} == served
    assert all(told.value(each, DCAT.mediaType) for each in told.objects(dataset, DCAT.distribution))


def test_its_counts_are_those_of_the_export(anyone: httpx.Client, store: Store, tmp_path: Path) -> None:
    out = tmp_path / "all.nt"
    exports()["ntriples"].write(store, out, Wanted(PUBLIC, SETTINGS))
    told = Graph().parse(data=anyone.get("/dataset?format=turtle").text, format="turtle")
    counted = told.value(URIRef(f"{BASE}dataset#data"), VOID.triples)
    assert counted is not None
    assert int(str(counted)) == len(out.read_text(encoding="utf-8").splitlines())


def test_the_well_known_address_leads_to_the_description(anyone: httpx.Client) -> None:
    answer = anyone.get("/.well-known/void")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{BASE}dataset")


def test_dcat_is_an_export(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "all.ttl"
    exports()["dcat"].write(store, out, Wanted(settings=replace(SETTINGS, licence="")))
    told = Graph().parse(out, format="turtle")
    assert (URIRef(f"{BASE}dataset#data"), DCTERMS.license, None) not in told


def test_a_path_in_the_base_iri_is_in_every_link(anyone: httpx.Client) -> None:
    page = anyone.get("/id/skill:linux").text
    assert 'href="/x/id/' in page
    assert 'href="/id/' not in page
    assert f'<link rel="canonical" href="{BASE}id/skill:linux">' in page


@pytest.mark.parametrize("text", ["ftp://x.org/", "x.org", "https://x.org/?a=", "https://x.org/#"])
def test_a_base_that_nothing_can_be_put_behind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SKILLGRAPH_BASE_IRI"):
        Settings.from_environment({"SKILLGRAPH_BASE_IRI": text})


@pytest.mark.parametrize(("text", "on"), [("1", True), ("true", True), ("", False), ("0", False), ("No", False)])
def test_publishing_is_switched_by_the_environment(text: str, on: bool) -> None:
    assert Settings.from_environment({"SKILLGRAPH_PUBLISH": text}).publish is on
    with pytest.raises(ValueError, match="SKILLGRAPH_PUBLISH"):
        Settings.from_environment({"SKILLGRAPH_PUBLISH": "perhaps"})


def test_a_base_gets_its_slash() -> None:
    assert (
        Settings.from_environment({"SKILLGRAPH_BASE_IRI": "https://x.org/skills"}).base_iri == "https://x.org/skills/"
    )


def test_the_vocabulary_says_the_base_too(published: Served) -> None:
    with published.client("") as client:
        document = client.get("/id/skill:linux", headers={"Accept": "application/ld+json"}).json()
    assert document["@context"] == f"{BASE}context.jsonld"
    assert document["id"] == f"{BASE}id/skill:linux"
