"""Questions over HTTP: the envelope, its forms, entity tags, cursors and problems."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from loaders.load import load_rows
from ontology.values import parse_instant
from queries import cursor
from queries.parse import parse as parse_parameters
from queries.question import catalogue
from tests.api.conftest import DAY, Served, problem

ROLE = "role:cloud-engineer"
MATCHES = f"/v1/role-matches?role={ROLE}&as_of={DAY}"
ENVELOPE = {"question", "parameters", "as_of", "version", "rows", "next", "total", "cut_ties", "notes"}
FORMS = ["application/json", "text/csv", "application/x-ndjson", "application/ld+json"]


def test_every_question_of_the_catalogue_has_its_two_routes(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for name in catalogue():
        assert set(paths[f"/v1/{name}"]) == {"get", "post"}


def test_an_answer_holds_the_envelope_and_the_ranked_people(client: httpx.Client) -> None:
    answer = client.get(MATCHES).json()
    assert set(answer) == ENVELOPE
    assert (answer["question"], answer["as_of"], answer["total"]) == ("role-matches", f"{DAY}T00:00:00Z", 4)
    assert [row["person"] for row in answer["rows"]] == ["person:ada", "person:cleo", "person:ben", "person:dan"]
    assert answer["rows"][0]["ready"] is True


def test_a_body_asks_the_same(client: httpx.Client) -> None:
    by_query = client.get(f"{MATCHES}&limit=2").json()
    by_body = client.post("/v1/role-matches", json={"role": ROLE, "as_of": DAY, "limit": 2}).json()
    assert by_body["rows"] == by_query["rows"]
    assert by_body["cut_ties"] == by_query["cut_ties"]


def test_a_profile_of_ones_own_is_asked_by_body(client: httpx.Client) -> None:
    profile = [{"skill": "skill:incident", "level": 1, "kind": "must", "proof": "shown"}]
    answer = client.post("/v1/role-matches", json={"profile": profile, "as_of": DAY}).json()
    assert {row["person"] for row in answer["rows"] if row["ready"]} == {"person:ada", "person:cleo"}


def test_names_of_people_are_for_the_scope_people(shared: Served) -> None:
    with shared.client() as named, shared.client(shared.key("match")) as unnamed:
        assert named.get(MATCHES).json()["rows"][0]["label"] == "Ada Lovelace"
        assert {row["label"] for row in unnamed.get(MATCHES).json()["rows"]} == {None}


def test_csv_has_a_header_and_a_line_a_row(client: httpx.Client) -> None:
    answer = client.get(MATCHES, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["skillgraph-total"] == "4"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["person"] for row in rows] == ["person:ada", "person:cleo", "person:ben", "person:dan"]
    assert rows[0]["ready"] == "true"
    assert json.loads(rows[0]["requirements"])[0]["skill"]


def test_ndjson_is_the_rows_line_by_line(client: httpx.Client) -> None:
    answer = client.get(MATCHES, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in answer.text.splitlines()] == client.get(MATCHES).json()["rows"]


def test_json_ld_names_everything_by_iri(client: httpx.Client) -> None:
    answer = client.get(MATCHES, headers={"Accept": "application/ld+json"}).json()
    assert answer["@context"][0].endswith("/context.jsonld")
    assert answer["rows"][0]["person"].endswith("/id/person:ada")
    context = [client.get("/context.jsonld").json()["@context"], answer["@context"][1]]
    quads = parse(json.dumps({**answer, "@context": context}).encode(), RdfFormat.JSON_LD)
    said = {(quad.predicate.value, str(quad.object)) for quad in quads}
    sg, base = "https://w3id.org/skillgraph#", "http://localhost:8000/id/"
    assert {(f"{sg}person", f"<{base}person:ada>"), (f"{sg}skill", f"<{base}skill:linux>")} <= said
    assert (f"{sg}evidence", f"<{base}evidence:ada-drill>") in said


@pytest.mark.parametrize("accept", FORMS)
def test_what_has_not_changed_is_304(client: httpx.Client, accept: str) -> None:
    first = client.get(MATCHES, headers={"Accept": accept})
    again = client.get(MATCHES, headers={"Accept": accept, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "authorization" in first.headers["vary"].lower()
    assert "private" in first.headers["cache-control"]


def test_the_tag_tells_parameters_form_language_and_scopes_apart(shared: Served) -> None:
    with shared.client() as client, shared.client(shared.key("match")) as other:
        tags = [
            client.get(MATCHES).headers["etag"],
            client.get(f"{MATCHES}&limit=3").headers["etag"],
            client.get(MATCHES.replace(DAY, "2025-01-02")).headers["etag"],
            client.get(MATCHES, headers={"Accept": "text/csv"}).headers["etag"],
            client.get(MATCHES, headers={"Accept-Language": "de"}).headers["etag"],
            other.get(MATCHES).headers["etag"],
        ]
        assert len(set(tags)) == len(tags)
        assert client.get(MATCHES).headers["etag"] == tags[0]


def tag_at(served: Served, address: str, now: str) -> str:
    """The entity tag of an answer given at an instant."""
    instant = parse_instant(now)[0]
    with pytest.MonkeyPatch.context() as patch, served.client() as client:
        patch.setattr(served.service, "now", lambda: instant)
        return str(client.get(address).headers["etag"])


def test_without_as_of_the_tag_stands_until_something_begins_or_expires(served: Served) -> None:
    """Ada's permit expires on 2025-06-01."""
    days = ("2025-01-02", "2025-01-03", "2025-06-02")
    tags = [tag_at(served, f"/v1/role-matches?role={ROLE}", day) for day in days]
    assert tags[0] == tags[1]
    assert tags[1] != tags[2]


def test_an_age_counted_back_from_now_moves_the_tag_every_second(served: Served) -> None:
    address = f"/v1/role-matches?role={ROLE}&max_age=P1Y"
    assert tag_at(served, address, "2025-01-02") != tag_at(served, address, "2025-01-02T00:00:01Z")


def test_the_tag_moves_when_a_dated_rule_begins(served: Served) -> None:
    """Nothing about anyone begins or ends in that week."""
    since = {"since": "2025-03-03", "until": "2025-03-05", "level": 3}
    edge = {"from": "role:cloud-engineer", "to": "skill:shell", **since}
    load_rows(served.store, "tables", {"REQUIRES": [edge]})
    tags = [tag_at(served, f"/v1/role-profile?role={ROLE}", f"2025-03-0{day}T12:00:00Z") for day in (2, 3, 4, 5, 6)]
    assert tags[1] == tags[2] == tags[3]
    assert len(set(tags)) == 3


def test_a_write_moves_the_tag(served: Served, writer: httpx.Client) -> None:
    first = writer.get(MATCHES).headers["etag"]
    row = {"id": "evidence:new", "learner": "person:eve", "kind": "work_sample", "skill": "skill:linux", "level": 2}
    sent = writer.post("/v1/evidence", json=[{**row, "shown_at": "2024-12-01", "verification": "verified"}])
    assert sent.json()["written"] == 1, sent.text
    after = writer.get(MATCHES, headers={"If-None-Match": first})
    assert after.status_code == 200
    assert after.headers["etag"] != first


def test_a_strong_tag_and_a_star_are_known_too(client: httpx.Client) -> None:
    tag = client.get(MATCHES).headers["etag"]
    for given in (tag.removeprefix("W/"), f'"x", {tag}', "*"):
        assert client.get(MATCHES, headers={"If-None-Match": given}).status_code == 304
    problem(client.get("/v1/role-matches?role=role:none", headers={"If-None-Match": "*"}), 404)
    problem(client.get("/v1/nodes/role:none", headers={"If-None-Match": "*"}), 404)
    strange = [(b"If-None-Match", b'"x", W/"y", \xff')]
    assert client.get(MATCHES, headers=strange).status_code == 200


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_by_cursor_are_the_whole_answer(client: httpx.Client, limit: int) -> None:
    whole = client.get(MATCHES).json()["rows"]
    rows: list[dict[str, Any]] = []
    address: str | None = f"{MATCHES}&limit={limit}"
    while address is not None:
        answer = client.get(address)
        rows += answer.json()["rows"]
        address = answer.links["next"]["url"] if "next" in answer.links else None
        assert (address is None) == (answer.json()["next"] is None)
    assert rows == whole


def test_a_cursor_of_other_parameters_is_400(client: httpx.Client) -> None:
    cursor = client.get(f"{MATCHES}&limit=1").json()["next"]
    told = problem(client.get(f"{MATCHES}&limit=1&verified_only=true&cursor={quote(cursor)}"), 400)
    assert told["field"] == "cursor"
    problem(client.post("/v1/role-matches", json={"role": "requisition:berlin", "cursor": cursor}), 400)


@pytest.mark.parametrize("cursor", ["x", "%00", "AAAA", "eyJhIjoxfQ==", "é", "a" * 3_999, "-1", "null", "{}"])
def test_a_made_up_cursor_is_400(client: httpx.Client, cursor: str) -> None:
    problem(client.get(f"{MATCHES}&cursor={cursor}"), 400)


@pytest.mark.parametrize("place", [("now", True, 1, "person:ada"), (1, True, 10**30, "person:ada"), (1, True, 1, 7)])
def test_a_forged_cursor_is_400(client: httpx.Client, place: tuple[Any, ...]) -> None:
    parameters = parse_parameters(catalogue()["role-matches"], {"role": ROLE, "as_of": DAY})
    forged = cursor.write("role-matches", parameters, cursor.Place(*place))
    assert problem(client.get(f"{MATCHES}&cursor={forged}"), 400)["field"] == "cursor"


def test_a_person_out_of_reach_and_one_that_is_not_there_look_the_same(shared: Served) -> None:
    secret = shared.key("match", "graph", units=frozenset({"unit:platform"}))
    with shared.client(secret) as client:
        there = problem(client.get("/v1/person-skills?person=person:dan"), 404)
        nowhere = problem(client.get("/v1/person-skills?person=person:nobody"), 404)
    for told in (there, nowhere):
        told.pop("instance")
    assert json.dumps(there).replace("person:dan", "person:nobody") == json.dumps(nowhere)


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("role=role:nothing", 404, "role"),
        ("role=skill:linux", 404, "role"),
        (f"role={ROLE}&limit=0", 422, "limit"),
        (f"role={ROLE}&limit=1001", 422, "limit"),
        (f"role={ROLE}&limit={'9' * 400}", 422, "limit"),
        (f"role={ROLE}&limit=ten", 422, "limit"),
        (f"role={ROLE}&limit=1&limit=2", 422, "limit"),
        (f"role={ROLE}&treshold=0.8", 422, "treshold"),
        (f"role={ROLE}&threshold=1.2", 422, "threshold"),
        (f"role={ROLE}&threshold=NaN", 422, "threshold"),
        (f"role={ROLE}&threshold=0.12345", 422, "threshold"),
        (f"role={ROLE}&as_of=2025-02-30", 422, "as_of"),
        (f"role={ROLE}&as_of=9999-12-31", 422, "as_of"),
        (f"role={ROLE}&as_of=0", 422, "as_of"),
        (f"role={ROLE}&max_age=P1X", 422, "max_age"),
        (f"role={ROLE}&evidence_kinds=telepathy", 422, "evidence_kinds"),
        (f"role={ROLE}&explain=maybe", 422, "explain"),
        (f"role={ROLE}&cohort=cohort:none", 404, "cohort"),
        (f"role={ROLE}&people=person:nobody", 404, "people"),
    ],
)
def test_a_bad_parameter_is_named_with_its_value_and_the_fix(
    client: httpx.Client, query: str, status: int, field: str
) -> None:
    told = problem(client.get(f"/v1/role-matches?{query}"), status)
    assert told["field"] == field
    assert told["fix"]
    assert told["errors"][0]["value"] == told["value"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role": None},
        {"role": 5},
        {"role": ROLE, "limit": "5"},
        {"role": ROLE, "limit": 2**62},
        {"role": ROLE, "limit": True},
        {"role": ROLE, "profile": []},
        {"profile": []},
        {"profile": [{}]},
        {"profile": [{"skill": "skill:linux", "level": 9}]},
        {"profile": [{"skill": "skill:linux", "level": 1, "weight": 0}]},
        {"profile": [{"skill": "skill:linux", "level": 1, "weight": 2**62}]},
        {"profile": [{"skill": "skill:linux", "level": 1, "color": "red"}]},
        {"profile": {"skill": "skill:linux"}},
        {"role": [["x"]]},
    ],
    ids=str,
)
def test_a_bad_body_is_a_problem_with_the_fix(client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.post("/v1/role-matches", json=body)
    assert answer.status_code in {400, 422}, answer.text
    assert problem(answer, answer.status_code)["fix"]


@pytest.mark.parametrize(
    "text", ["\0", "a:b\0", "\u202e", "\uffff", "\x7f", "😀", "a:~00", "iri:\0", "'", "%", "_", "\\"]
)
def test_strange_text_is_an_id_that_is_not_there(client: httpx.Client, text: str) -> None:
    for body in ({"role": text}, {"role": ROLE, "people": [text]}, {"role": ROLE, "cohort": [text]}):
        problem(client.post("/v1/role-matches", json=body), 404)
    assert client.post("/v1/role-matches", json={"role": ROLE, "location": text}).json()["rows"] == []


def test_a_key_of_org_units_sees_its_people_only(shared: Served) -> None:
    with shared.client(shared.key("match", units=frozenset({"unit:platform"}))) as client:
        answer = client.get(MATCHES).json()
    assert [row["person"] for row in answer["rows"]] == ["person:ada", "person:cleo"]
    assert answer["total"] == 2
