"""Logs say what was asked and how it went, and nothing about anyone; measurements likewise."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.conftest import DAY, Served

PERSONAL = ("person:ada", "Lovelace", "ada@example.org", "person%3Aada", "sg_", "role:cloud-engineer")
UUID = "0123abcd-0123-0123-0123-0123456789ab"


def broken() -> Any:
    raise ZeroDivisionError("person:ada is ada@example.org")


@pytest.fixture
def told(logged: list[str]) -> Callable[[str, int], list[dict[str, Any]]]:
    """The lines of one event since the test began; a line is written after its answer was sent, so it is waited for."""
    logged.clear()

    def lines(event: str, least: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 5
        while True:
            found = [line for line in map(json.loads, list(logged)) if line["event"] == event]
            if len(found) >= least or time.monotonic() > deadline:
                return found
            time.sleep(0.01)

    return lines


def test_a_request_is_one_line_of_facts(served: Served, told: Callable[[str, int], list[dict[str, Any]]]) -> None:
    with served.client() as client:
        client.get("/v1/person-skills?person=person:ada", headers={"X-Request-Id": UUID})
    (line,) = told("request", 1)
    assert set(line) == {"at", "event", "request", "method", "route", "status", "ms", "bytes", "key"}
    assert (line["request"], line["route"], line["status"]) == (UUID, "/v1/person-skills", 200)
    assert line["key"] in {key.id for key in served.store.keyring.list()}


def test_no_personal_data_and_no_key_is_logged(
    served: Served,
    logged: list[str],
    told: Callable[[str, int], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served.client() as client:
        client.get(f"/v1/role-matches?role=role:cloud-engineer&people=person:ada&as_of={DAY}")
        client.get("/v1/nodes/person:ada")
        client.get("/v1/nodes/person:ada-is-not-here")
        client.get("/v1/search?q=Ada+Lovelace&bad=ada@example.org")
        client.get("/person:ada/ada@example.org", headers={"X-Request-Id": "person:ada"})
        client.request("LOVELACE", "/v1/search")
        client.post("/v1/evidence", json=[{"id": "evidence:x", "learner": "person:ada", "kind": "ada@example.org"}])
        client.post("/v1/evidence", content=b'{"learner": "person:ada"', headers={"Content-Type": "application/json"})
        client.get("/v1/search", headers={"Authorization": "Bearer sg_person:ada_x"})
        files = {"files": ("Learner.csv", b"id,label\nperson:ada,Ada Lovelace\nbroken")}
        client.post("/v1/loads", data={"source": "tables"}, files=files)
        monkeypatch.setattr(served.service.keeper, "current", broken)
        assert client.get("/v1/person-skills?person=person:ada").status_code == 500
    assert len(told("request", 11)) == 11
    assert told("load", 1)
    for word in PERSONAL:
        assert not [line for line in logged if word.lower() in line.lower()], word


def test_a_failure_is_logged_with_its_places(
    served: Served, told: Callable[[str, int], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with served.client() as client:
        monkeypatch.setattr(served.service.keeper, "current", broken)
        answer = client.get("/v1/person-skills?person=person:ada")
    failure = next(line for line in told("failure", 1) if line["request"] == answer.headers["x-request-id"])
    assert failure["error"] == "ZeroDivisionError"
    assert any("questions.py" in place for place in failure["places"])


def test_measurements_go_by_route_template(shared: Served, client: httpx.Client) -> None:
    client.get("/v1/nodes/person:ada")
    client.get("/v1/nodes/person:nobody")
    client.get("/never/there")
    text = client.get("/metrics").text
    assert 'skillgraph_http_requests_total{method="GET",route="/v1/nodes/{id}",status="404"}' in text
    assert 'route="(none)",status="404"' in text
    assert f"skillgraph_store_number {float(shared.store.number())}" in text
    assert "person:" not in text


def test_liveness_and_readiness(shared: Served) -> None:
    with shared.client("") as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        ready = client.get("/readyz").json()
    assert ready == {"status": "ready", "version": shared.store.number(), "index": shared.store.number()}
