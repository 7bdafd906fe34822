"""What may not be seen is not there: it answers, to the byte, as what never was."""

from __future__ import annotations

import httpx
import pytest

from tests.addresses.conftest import accept
from tests.api.conftest import Served, problem

FORMS = ("text/html", "application/ld+json", "application/json", "text/turtle", "application/n-triples")
PRIVATE = (
    "person:ada", "evidence:ada-drill", "identity:1", "cohort:spring", "unit:platform", "question:secret",
    "application:cleo",
)  # fmt: skip
OWN = {"x-request-id", "date", "content-length"}  # of one answer


def _shape(answer: httpx.Response, id: str) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    text = answer.text.replace(id, "ID").replace(answer.headers["x-request-id"], "REQUEST")
    return answer.status_code, headers, text


@pytest.mark.parametrize("id", PRIVATE)
def test_what_is_private_is_there_for_who_may_see_it(keyed: httpx.Client, id: str) -> None:
    assert keyed.get(f"/id/{id}").status_code == 200


@pytest.mark.parametrize("media", FORMS)
@pytest.mark.parametrize("id", PRIVATE)
def test_a_private_id_looks_like_none_at_all(anyone: httpx.Client, media: str, id: str) -> None:
    nobody = f"{id.partition(':')[0]}:nobody-at-all"
    private, missing = (anyone.get(f"/id/{each}", headers=accept(media)) for each in (id, nobody))
    assert private.status_code == 404
    assert _shape(private, id) == _shape(missing, nobody)


def test_it_looks_so_whatever_tag_is_sent(anyone: httpx.Client, keyed: httpx.Client) -> None:
    tag = keyed.get("/id/person:ada").headers["etag"]
    for sent in (tag, "*"):
        headers = accept("application/json") | {"If-None-Match": sent}
        private, missing = (anyone.get(f"/id/person:{name}", headers=headers) for name in ("ada", "nobody"))
        assert _shape(private, "person:ada") == _shape(missing, "person:nobody")


@pytest.mark.parametrize(
    ("private", "missing"),
    [
        ("/edge/MEMBER_OF/person:ada/cohort:spring", "/edge/MEMBER_OF/person:nobody/cohort:none"),
        ("/edge/PROBES/question:secret/skill:linux", "/edge/PROBES/question:none/skill:linux"),
        ("/id/?type=Learner", "/id/?type=Nothing"),
        ("/id/?type=Cohort", "/id/?type=Nothing"),
    ],
)
def test_edges_and_lists_of_what_is_private_are_not_there_either(
    anyone: httpx.Client, private: str, missing: str
) -> None:
    answers = [anyone.get(path, headers=accept("application/json")) for path in (private, missing)]
    first, second = (problem(answer, 404) for answer in answers)
    assert {name: first[name] for name in ("type", "title", "detail", "field", "fix")} == {
        name: second[name] for name in ("type", "title", "detail", "field", "fix")
    }


def test_nothing_that_is_published_names_what_is_private(anyone: httpx.Client) -> None:
    addresses = [line for line in anyone.get("/sitemap-1.xml").text.splitlines() if "<loc>" in line]
    assert len(addresses) > 50
    paths = [line.partition("/id/")[2].partition("<")[0] for line in addresses]
    names = [*PRIVATE, "Ada", "InterviewQuestion", "What would you ask"]
    for path in paths:
        for media in ("text/html", "application/ld+json", "application/n-triples"):
            answer = anyone.get(f"/id/{path}", headers=accept(media))
            assert answer.status_code == 200, path
            assert [name for name in names if name in answer.text] == [], path


def test_a_key_sees_what_it_may(published: Served) -> None:
    with published.client(published.key("graph", "match")) as client:
        assert client.get("/id/question:secret").status_code == 200
        assert "question:secret" in client.get("/id/rubric:panel").text
        learner = client.get("/id/person:ada")
        assert (learner.status_code, "Lovelace" in learner.text) == (200, False)
        assert client.get("/id/identity:1").status_code == 404
        assert client.get("/edge/MEMBER_OF/person:ada/cohort:spring").status_code == 200
    with published.client(published.key("graph", "match", "people")) as client:
        assert "Ada Lovelace" in client.get("/id/person:ada").text
        assert client.get("/id/identity:1").status_code == 200
    with published.client(published.key("publish")) as client:
        assert client.get("/id/person:ada").status_code == 404


def test_a_key_of_org_units_sees_only_its_people(published: Served) -> None:
    with published.client(published.key("graph", "match", units=frozenset({"unit:platform"}))) as client:
        assert client.get("/id/person:ada").status_code == 200
        assert client.get("/id/person:dan").status_code == 404
        assert "person:dan" not in client.get("/id/cohort:spring").text


def test_what_a_key_saw_is_not_shown_to_others(published: Served, anyone: httpx.Client) -> None:
    with published.client(published.key("graph")) as client:
        shown = client.get("/id/rubric:panel", headers=accept("application/ld+json"))
    assert "question:secret" in shown.text
    assert shown.headers["cache-control"] == "private, no-cache"
    answer = anyone.get("/id/rubric:panel", headers=accept("application/ld+json"))
    assert "question:secret" not in answer.text
    assert answer.headers["cache-control"].startswith("public")
    assert "Authorization" in answer.headers["vary"]


def test_a_wrong_key_is_refused_though_none_is_needed(published: Served) -> None:
    with published.client("sg_0123456789_" + "A" * 43) as client:
        problem(client.get("/id/skill:linux"), 401)


@pytest.mark.parametrize(
    "path", ["/id/", "/id/skill:linux", "/dataset", "/edge/REQUIRES/role:cloud-engineer/skill:linux"]
)
def test_a_deployment_that_does_not_publish_asks_for_a_key(closed: Served, path: str) -> None:
    with closed.client("") as client:
        problem(client.get(path), 401)
    for scope in ("publish", "graph"):
        with closed.client(closed.key(scope)) as client:
            assert client.get(path).status_code == 200
    with closed.client(closed.key("match")) as client:
        assert "graph or publish" in problem(client.get(path), 403)["detail"]


def test_a_deployment_that_does_not_publish_tells_crawlers_nothing(closed: Served) -> None:
    with closed.client("") as client:
        assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
        problem(client.get("/sitemap.xml"), 404)
        problem(client.get("/sitemap-1.xml"), 404)


def test_people_are_not_counted_for_anyone(keyed: httpx.Client) -> None:
    told = keyed.get("/id/?format=json").json()["@graph"]
    counted = {each["id"].rpartition("#")[2]: each["entities"] for each in told}
    assert counted["Learner"] is None
    assert counted["Evidence"] is None
    assert counted["Role"] == 1
