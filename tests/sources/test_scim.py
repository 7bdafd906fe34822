"""SCIM: users, what they are called elsewhere, where they belong, and what is wrong with a resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from tests.loads.tables import Loader
from tests.sources.server import Served, by_offset

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ADA: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "id": "7",
    "externalId": "hr-17",
    "userName": "ada",
    "displayName": "Ada",
    "active": True,
    "emails": [{"value": "old@tiny.example"}, {"value": "ada@tiny.example", "primary": True}],
    "addresses": [{"type": "home", "locality": "Bergen"}, {"type": "work", "locality": "Oslo"}],
    ENTERPRISE: {"employeeNumber": "17", "organization": "Tiny", "department": "Cloud"},
    "meta": {"lastModified": "2025-03-01T08:00:00Z"},
}
BEN: dict[str, Any] = {"schemas": [USER], "id": "8", "userName": "ben", "active": False}
PILOT: dict[str, Any] = {
    "schemas": [GROUP],
    "id": "pilot",
    "displayName": "Pilot",
    "members": [{"value": "7"}, {"value": "old", "type": "Group"}, {"value": "99"}],
}


def scim(loader: Loader, folder: Path, *resources: Any, name: str = "users.json", **options: Any) -> LoadRecord:
    path = folder / name
    path.write_text(json.dumps(list(resources)), encoding="utf-8")
    return loader.folder(path, source="scim", **options)


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def identities(store: Store, learner: str) -> set[tuple[object, object]]:
    ids = [edge.start for edge in node(store, learner).edges if edge.type == "learner"]
    return {(one.properties["system"], one.properties["value"]) for one in store.many(ids, OPERATOR).values()}


def test_a_user_is_a_learner_in_their_unit(loader: Loader, tmp_path: Path) -> None:
    scim(loader, tmp_path, ADA, BEN)
    ada = node(loader.store, "scim-user:7")
    assert {name: ada.properties.get(name) for name in ("label", "email", "location", "kind", "status")} == {
        "label": "Ada",
        "email": "ada@tiny.example",
        "location": "Oslo",
        "kind": "internal",
        "status": "active",
    }
    (unit,) = [edge.end for edge in ada.edges if edge.type == "MEMBER_OF"]
    cloud = node(loader.store, unit)
    assert cloud.properties["label"] == "Cloud"
    assert node(loader.store, str(cloud.properties["part_of"])).properties["label"] == "Tiny"
    assert node(loader.store, "scim-user:8").properties["status"] == "inactive"


def test_every_name_of_a_user_is_an_identity_and_in_no_id(loader: Loader, tmp_path: Path) -> None:
    scim(loader, tmp_path, ADA)
    found = loader.store.page("Identity", OPERATOR, limit=100)
    assert {(one.properties["system"], one.properties["value"]) for one in found} == {
        ("email", "old@tiny.example"),
        ("email", "ada@tiny.example"),
        ("employee-number", "17"),
        ("scim-user", "7"),
        ("scim-user-name", "ada"),
        ("scim-external-id", "hr-17"),
    }
    assert not any("tiny" in one.id or "~40" in one.id for one in found)


def test_a_user_whose_id_is_an_address_is_known_by_a_hash_of_it(loader: Loader, tmp_path: Path) -> None:
    cleo = {"schemas": [USER], "id": "cleo@tiny.example", "userName": "cleo"}
    group = {**PILOT, "members": [{"value": "cleo@tiny.example"}]}
    record = scim(loader, tmp_path, cleo, group)
    assert (record.rejected, record.waiting) == (0, 0)
    (learner,) = loader.store.page("Learner", OPERATOR, limit=10)
    assert "cleo" not in learner.id
    assert [edge.start for edge in node(loader.store, "scim-group:pilot").edges] == [learner.id]


def test_a_group_is_a_cohort_of_its_people(loader: Loader, tmp_path: Path) -> None:
    record = scim(loader, tmp_path, ADA, PILOT)
    assert [edge.start for edge in node(loader.store, "scim-group:pilot").edges] == ["scim-user:7"]
    assert record.skips == {"nested-group": 1}
    (waiting,) = loader.store.ledger.held_rows(kind="waiting")
    assert (waiting.file, waiting.row, waiting.refers_to) == ("users.json/members", 3, "scim-user:99")


def test_a_list_response_and_lines_say_the_same(loader: Loader, tmp_path: Path) -> None:
    scim(loader, tmp_path, ADA, BEN)
    response = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": [ADA, BEN]}
    assert scim(loader, tmp_path, response, name="page.json").unchanged == 12
    lines = tmp_path / "users.jsonl"
    lines.write_text("\n".join(json.dumps(one) for one in (ADA, BEN)), encoding="utf-8")
    assert loader.folder(lines, source="scim").unchanged == 12


def test_rejects_of_several_list_responses_in_one_file_are_told_apart(loader: Loader, tmp_path: Path) -> None:
    lists = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    pages = [{"schemas": lists, "Resources": [one, {**BEN, "userName": ["x"]}]} for one in (ADA, PILOT)]
    assert scim(loader, tmp_path, *pages).rejected == 2
    assert {(row.file, row.row) for row in loader.held()} == {("users.json/Resources", row) for row in (2, 4)}


def test_an_empty_page_states_nothing_and_one_that_is_no_list_is_told(loader: Loader, tmp_path: Path) -> None:
    page = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0}
    assert scim(loader, tmp_path, {**page, "Resources": None}, BEN).read == 3
    with pytest.raises(LoadError, match=r"users\.json: its Resources are no list"):
        scim(loader, tmp_path, {**page, "Resources": {"id": "7"}})


def test_the_newer_of_two_states_stands_whichever_comes_first(loader: Loader, tmp_path: Path) -> None:
    scim(loader, tmp_path, ADA)
    older = {**ADA, "displayName": "A.", "meta": {"lastModified": "2025-02-01T08:00:00Z"}}
    scim(loader, tmp_path, older)
    assert node(loader.store, "scim-user:7").properties["label"] == "Ada"


def test_what_the_standard_does_not_name_is_flagged_and_the_rest_kept(loader: Loader, tmp_path: Path) -> None:
    record = scim(loader, tmp_path, {**BEN, "shoeSize": 43, "name": {"formatted": "Ben", "aura": "blue"}})
    assert (record.rejected, record.flags) == (0, {"unknown-attribute": 1})
    assert node(loader.store, "scim-user:8").properties["label"] == "Ben"


@pytest.mark.parametrize(
    ("resource", "field", "value", "reason"),
    [
        ({**BEN, "active": "maybe"}, "active", "maybe", "Input should be a valid boolean"),
        ({**BEN, "emails": [{"value": ["x"]}]}, "emails.0.value", "['x']", "Input should be a valid string"),
        ({**BEN, "emails": {"value": "x"}}, "emails", "{'value': 'x'}", "valid list"),
        ({**BEN, "id": None}, "_learner", "", "every row needs one"),
        ({"id": "8", "userName": "ben"}, "schemas", "()", "is neither a User nor a Group of SCIM 2.0"),
        ({**BEN, "schemas": ["urn:scim:schemas:core:1.0"]}, "schemas", "('urn:scim:schemas:core:1.0',)", "SCIM 1.1"),
        ({**BEN, "meta": {"lastModified": "last year"}}, "meta.lastModified", "last year", "valid datetime"),
        ("ben", "schemas", "()", "is no object"),
    ],
)
def test_a_bad_resource_is_told_and_the_good_one_goes_in(
    loader: Loader, tmp_path: Path, resource: Any, field: str, value: str, reason: str
) -> None:
    scim(loader, tmp_path, resource, ADA)
    assert loader.store.get("scim-user:7", OPERATOR) is not None
    (held,) = loader.store.ledger.held_rows()
    assert (held.row, held.field, held.value) == (1, field, value)
    assert reason in held.reason


def test_a_time_without_zone_is_utc_and_flagged(loader: Loader, tmp_path: Path) -> None:
    record = scim(loader, tmp_path, {**BEN, "meta": {"lastModified": "2025-03-01T08:00:00"}})
    assert record.rejected == 0
    assert "no-zone" in (record.flags or {})


def test_a_file_that_is_no_json_is_one_error(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps([ADA])[:-20], encoding="utf-8")
    with pytest.raises(LoadError, match=r"users\.json: .*is no JSON"):
        loader.folder(path, source="scim")


def test_users_are_pulled_page_by_page_and_then_what_changed(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLGRAPH_SCIM_TOKEN", "a-token")
    with Served() as api:
        api.serve("/scim/v2/Users", by_offset([ADA, BEN], size=1))
        api.serve("/scim/v2/Groups", by_offset([PILOT]))
        first = load(loader.store, LoadRequest("scim", address=f"{api.origin}/scim/v2"))
        again = load(loader.store, LoadRequest("scim", address=f"{api.origin}/scim/v2"))
    assert (first.read, first.written, first.waiting, first.skipped) == (16, 14, 1, 1)
    assert (first.complete, again.complete, again.written) == (True, False, 0)
    assert [asked.fields.get("startIndex") for asked in api.asked][:3] == ["1", "2", "1"]
    asked = [asked.fields.get("filter") for asked in api.asked if asked.path.endswith("Users")]
    assert asked == [None, None, *['meta.lastModified ge "2025-03-01T07:59:00Z"'] * 2]
    assert {asked.headers["Authorization"] for asked in api.asked} == {"Bearer a-token"}
