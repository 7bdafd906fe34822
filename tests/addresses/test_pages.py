"""Pages for people: found by their parts, safe whatever a source wrote, in the language asked for."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import httpx
import pytest

from api.addresses.pages import HTML_HEADERS
from api.addresses.wording import INVERSES
from loaders.load import load_rows
from ontology.model import Model
from tests.addresses.conftest import BASE, EVIL
from tests.api.conftest import Served


class Page(HTMLParser):
    """A page's elements, its texts by element, and whether its elements are closed in order."""

    EMPTY = frozenset({"meta", "link", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.EMPTY:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.attributes if tag == "a" and "href" in attributes]


def page(client: httpx.Client, path: str, **headers: str) -> Page:
    answer = client.get(path, headers={"Accept": "text/html"} | headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def test_breadcrumbs_lead_up_to_the_top(anyone: httpx.Client) -> None:
    found = page(anyone, "/id/skill:shell")
    crumbs = [text.strip() for text in found.texts["ol"][0].splitlines() if text.strip()]
    assert crumbs == ["All", "Skill", "systems", "Linux administration", "shell scripting"]
    assert "/x/id/skill:systems" in found.links()


def test_edges_are_told_both_ways_with_labels_and_what_they_say(anyone: httpx.Client) -> None:
    role, skill = page(anyone, "/id/role:cloud-engineer"), page(anyone, "/id/skill:linux")
    assert "requires" in role.texts["h2"]
    assert {"required by", "taught by", "narrower"} <= set(skill.texts["h2"])
    assert "Linux administration" in role.texts["td"]
    assert "2 (practitioner)" in role.texts["td"]
    assert "/x/edge/REQUIRES/role:cloud-engineer/skill:linux" in role.links()
    assert "level 1 from 0.5, level 2 from 0.7" in " ".join(page(anyone, "/id/assessment:drill").texts["td"])


def test_steps_of_a_scale_stand_in_their_order(anyone: httpx.Client) -> None:
    found = page(anyone, "/id/scale:home")
    (levels,) = [text for text in found.texts["ul"] if "foundation" in text]
    assert levels.split() == ["foundation", "practitioner", "advanced"]


def test_nothing_that_a_source_wrote_is_markup(anyone: httpx.Client) -> None:
    for path in ("/id/skill:evil", "/id/course:evil", "/edge/TEACHES/course:evil/skill:evil", "/id/?type=Skill"):
        found = page(anyone, path)
        scripts = [attributes for tag, attributes in found.attributes if tag == "script"]
        assert all(attributes == {"type": "application/ld+json"} for attributes in scripts), path
        assert not [tag for tag, _ in found.attributes if tag == "b"]
        assert not any(link.lower().startswith("javascript:") for link in found.links())
        assert not [name for _, attributes in found.attributes for name in attributes if name.startswith("on")]
    assert page(anyone, "/id/skill:evil").texts["h1"] == [EVIL]


def test_what_is_embedded_for_search_engines_is_whole(anyone: httpx.Client) -> None:
    (told,) = page(anyone, "/id/course:evil").texts["script"]
    made = json.loads(told)
    assert made["name"] == EVIL
    assert "Course" in made["@type"]
    for path, kind in (
        ("/id/role:cloud-engineer", "Occupation"),
        ("/id/requisition:berlin", "JobPosting"),
        ("/id/credential:permit", "EducationalOccupationalCredential"),
    ):
        (told,) = page(anyone, path).texts["script"]
        assert kind in json.loads(told)["@type"], path


def test_hidden_labels_are_hidden(anyone: httpx.Client) -> None:
    assert "hid" not in re.split(r"\W+", page(anyone, "/id/skill:evil").texts["main"][0])


def test_labels_come_in_the_language_asked_for(anyone: httpx.Client) -> None:
    german = page(anyone, "/id/skill:systems", **{"Accept-Language": "de-AT, en;q=0.5"})
    assert german.texts["h1"] == ["Systeme"]
    assert ("span", {"lang": "de"}) in german.attributes
    assert page(anyone, "/id/skill:systems", **{"Accept-Language": "fr"}).texts["h1"] == ["systems"]
    assert page(anyone, "/id/skill:linux", **{"Accept-Language": "de"}).texts["h1"] == ["Linux administration"]


@pytest.mark.parametrize(
    "path", ["/id/", "/id/?type=Skill", "/id/skill:linux", "/dataset", "/ontology", "/id/nobody:x"]
)
def test_a_page_lets_in_its_own_style_and_nothing_else(anyone: httpx.Client, path: str) -> None:
    answer = anyone.get(path, headers={"Accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert policy == HTML_HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<(img|iframe|object|embed|form)\b|@import|url\(", answer.text)
    found = Page(answer.text)
    assert ("html", {"lang": "en"}) in found.attributes
    assert {"main", "header", "nav", "h1", "title"} <= found.texts.keys()
    assert found.texts["h1"][0]


def test_many_edges_come_page_by_page_and_all_of_them(published: Served) -> None:
    rows = [{"id": f"course:many-{place:04}", "label": f"course {place}"} for place in range(1_050)]
    edges = [{"from": row["id"], "to": "skill:many", "level": "1"} for row in rows]
    load_rows(published.store, "many", {"LearningObject": rows, "Skill": [{"id": "skill:many"}], "TEACHES": edges})
    with published.client("") as client:
        found: set[str] = set()
        for number in (1, 2):
            found |= {
                each["from"] for each in client.get(f"/id/skill:many?format=json&page={number}").json()["incoming"]
            }
        assert found == {f"{BASE}id/{row['id']}" for row in rows}
        first = client.get("/id/skill:many")
        assert "Links 1 to 1,000 of 1,050." in first.text
        assert 'rel="next"' in first.headers["link"]
        assert 'rel="prev"' in client.get("/id/skill:many?page=2").headers["link"]
        assert client.get("/id/skill:many?page=3").status_code == 404


def test_every_edge_has_a_name_from_where_it_leads(model: Model) -> None:
    assert INVERSES.keys() == {name for name, kind in model.edges.items() if not kind.symmetric}


def test_the_ontology_is_a_page_where_a_page_is_asked_for(anyone: httpx.Client, model: Model) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    ids = {attributes.get("id") for _, attributes in page(anyone, "/ontology", Accept=browser).attributes}
    assert {kind.name for kind in model.types() if not getattr(kind, "system", False)} <= ids
    assert anyone.get("/ontology", headers={"Accept": "*/*"}).headers["content-type"].startswith("text/turtle")
